import { type End, type Entry, endWith, type Fault, faultsOf, type Head, START } from './chain.ts';
import { databaseSource } from './database-source.ts';
import type { Source } from './source.ts';

export type Heads = Map<string, Head>;
export type Verification = { events: number; heads: Map<string, End>; faults: Fault[] };

/** Verifies a database's audit log; `kept`: heads of an earlier verification. */
export async function verifyDatabase(url: string, kept?: Heads): Promise<Verification> {
  const source = await databaseSource(url);
  try {
    return await verify(source, kept);
  } finally {
    await source.close();
  }
}

/**
 * Verifies each company's chain from its start to its end, then where it should end. After a fault
 * the next event is compared with the recorded one.
 */
export async function verify(source: Source, kept: Heads = new Map()): Promise<Verification> {
  const ends = new Map<string, End>();
  const faults: Fault[] = [];
  let events = 0;
  for await (const batch of source.batches()) {
    events += batch.length;
    for (const entry of batch) verifyEntry(entry, kept, ends, faults);
  }
  faults.push(...headFaults(await source.heads(), ends, source.headName));
  faults.push(...keptFaults(kept, ends), ...(await source.further()));
  return { events, heads: ends, faults };
}

function verifyEntry(entry: Entry, kept: Heads, ends: Map<string, End>, faults: Fault[]): void {
  const { company, position } = entry;
  const previous = ends.get(company) ?? START;
  for (const wrong of faultsOf(previous, entry)) faults.push(fault(company, position, wrong));
  const head = kept.get(company);
  if (head?.position === position && head.link !== entry.link)
    faults.push(fault(company, position, 'its link differs from the expected head'));
  ends.set(company, endWith(previous, entry));
}

function headFaults(heads: Heads, ends: Heads, name: string): Fault[] {
  const faults: Fault[] = [];
  for (const company of new Set([...heads.keys(), ...ends.keys()])) {
    const [head, end] = [heads.get(company), ends.get(company) ?? START];
    const found = head ? wrongEnd(head, end, name) : { at: end.position, wrong: `the chain has no ${name}` };
    if (found) faults.push(fault(company, found.at, found.wrong));
  }
  return faults;
}

function wrongEnd(head: Head, end: Head, name: string): { at: bigint; wrong: string } | undefined {
  const { position } = head;
  if (position > end.position)
    return { at: end.position + 1n, wrong: `the chain ends before it; its ${name} is at ${position}` };
  if (position < end.position)
    return { at: position + 1n, wrong: `beyond the chain's ${name} at ${position}` };
  if (head.link !== end.link)
    return { at: position, wrong: `the link of the ${name} differs from that of its event` };
  return undefined;
}

function keptFaults(kept: Heads, ends: Heads): Fault[] {
  const faults: Fault[] = [];
  for (const [company, { position }] of kept) {
    const end = ends.get(company)?.position ?? 0n;
    if (end < position)
      faults.push(fault(company, end + 1n, `the chain ends before it; the expected head is at ${position}`));
  }
  return faults;
}

const fault = (company: string, position: bigint, wrong: string): Fault => ({
  company,
  position: String(position),
  wrong,
});
