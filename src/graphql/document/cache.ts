import type { DocumentNode } from 'graphql';
import { bounded } from '../../bounded-cache.ts';
import { contentHash } from '../../crypto/digest.ts';
import { nodesOf } from './parse.ts';

/**
 * AST nodes that the cached documents hold together: some 1,500 operations of a usual size, 5 to 15
 * MiB (`node --expose-gc bench/document-heap.ts`).
 */
const MAX_NODES = 100_000;

type Cached = { document: DocumentNode; nodes: number };

/** Digests of documents that were executed once; a digest takes some 60 bytes. */
const MAX_SEEN = 2_000;

/** Documents that were validated and executed by an authenticated actor twice, by their text. */
export type DocumentCache = {
  get(text: string): DocumentNode | undefined;
  /**
   * Keeps a validated document when its text comes a second time: one that comes once would cost
   * old memory, and displace another. Documents used longest ago are dropped beyond the bound.
   */
  keep(text: string, document: DocumentNode): void;
  /** Whether the document comes from this cache, so that it needs no validation. */
  holds(document: DocumentNode): boolean;
};

/**
 * Opens an empty cache, bounded by the AST nodes that it holds: a document's text says little about
 * its weight.
 */
export function documentCache(maxNodes = MAX_NODES): DocumentCache {
  const cached = bounded<Cached>(maxNodes, (_text, { nodes }) => nodes);
  const seen = bounded<true>(MAX_SEEN, () => 1);
  const validated = new WeakSet<DocumentNode>();
  return {
    get: (text) => cached.get(text)?.document,
    keep(text, document) {
      if (validated.has(document)) return;
      const digest = contentHash(text);
      if (!seen.get(digest)) return seen.set(digest, true);
      seen.delete(digest);
      validated.add(document);
      cached.set(text, { document, nodes: nodesOf(document).length });
    },
    holds: (document) => validated.has(document),
  };
}
