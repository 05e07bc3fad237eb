import type { Entry, Fault, Head } from './chain.ts';

/** What is verified: a database or an export. */
export type Source = {
  /** The events of each company in the order of their positions. */
  batches: () => AsyncIterable<Entry[]>;
  /** Where each chain ends by the source's own account, once its events were read. */
  heads: () => Promise<Map<string, Head>>;
  /** Faults beside the chains. */
  further: () => Promise<Fault[]>;
  /** What says where a chain ends. */
  headName: string;
};
