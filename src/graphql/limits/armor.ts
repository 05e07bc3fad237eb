import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import type { Plugin } from 'graphql-yoga';
import { limitCost } from './cost.ts';
import { limitIntrospection } from './introspection.ts';
import { type Limits, limits, tooComplex } from './limits.ts';

/**
 * The plugins that hold the limits on a document. armor judges the text (tokens, depth, aliases, directives, literal cost) and its
 * verdict is cached with the document; `limitCost` judges each execution, because page sizes may come as variables.
 */
export function limitPlugins(mayIntrospect: (context: unknown) => boolean, table: Limits = limits): Plugin[] {
  const shared = { exposeLimits: false, onReject: [refuse] };
  return [
    EnvelopArmorPlugin({
      blockFieldSuggestion: { mask: '' },
      maxTokens: { n: table.tokens, ...shared },
      maxDepth: { n: table.depth, flattenFragments: true, ...shared },
      // armor leaves __typename out by default, which lets any number of aliases of it through
      maxAliases: { n: table.aliases, allowList: [], ...shared },
      maxDirectives: { n: table.directives, ...shared },
      costLimit: { maxCost: table.cost, depthCostFactor: 1, flattenFragments: true, ...shared },
    }) as Plugin,
    limitIntrospection(mayIntrospect),
    limitCost(table),
  ];
}

// armor throws an error of its own after this handler, so the handler throws first
function refuse(): never {
  throw tooComplex();
}
