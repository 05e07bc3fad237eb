import type { DocumentNode } from 'graphql';
import { bounded } from '../../bounded-cache.ts';
import { nodesOf } from './parse.ts';

/**
 * AST nodes that the cached documents hold together: some 1,500 operations of a usual size, 5 to 15 MiB
 * (`node --expose-gc bench/document-heap.ts`).
 */
const MAX_NODES = 100_000;

type Cached = { document: DocumentNode; nodes: number };

/** Documents that were validated and executed by an authenticated actor, by their text. */
export type DocumentCache = {
  get(text: string): DocumentNode | undefined;
  /** Keeps a validated document; documents used longest ago are dropped beyond the bound. */
  keep(text: string, document: DocumentNode): void;
  /** Whether the document comes from this cache, so that it needs no validation. */
  holds(document: DocumentNode): boolean;
};

/** Opens an empty cache, bounded by the AST nodes that it holds: a document's text says little about its weight. */
export function documentCache(maxNodes = MAX_NODES): DocumentCache {
  const cached = bounded<Cached>(maxNodes, (_text, { nodes }) => nodes);
  const validated = new WeakSet<DocumentNode>();
  return {
    get: (text) => cached.get(text)?.document,
    keep(text, document) {
      if (validated.has(document)) return;
      validated.add(document);
      cached.set(text, { document, nodes: nodesOf(document).length });
    },
    holds: (document) => validated.has(document),
  };
}
