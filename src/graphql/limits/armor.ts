import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import type { Plugin } from 'graphql-yoga';
import { limitCost } from './cost.ts';
import { limitDirectives } from './directives.ts';
import { limitIntrospection } from './introspection.ts';
import { type Limits, limits, tooComplex } from './limits.ts';
import { refuseConditionalSubscriptions } from './subscriptions.ts';

/**
 * The plugins that enforce the limits on a document. armor validates the document (depth, aliases,
 * directives, literal cost), once for a cached document; `limitCost` checks each execution, because
 * page sizes may come as variables.
 */
export function limitPlugins(mayIntrospect: (context: unknown) => boolean, table: Limits = limits): Plugin[] {
  const shared = { exposeLimits: false, onReject: [refuse] };
  return [
    EnvelopArmorPlugin({
      blockFieldSuggestion: { mask: '' },
      // counted before the parser runs (document/parse.ts)
      maxTokens: { enabled: false },
      maxDepth: { n: table.depth, flattenFragments: true, ...shared },
      // armor's default exempts __typename, which would allow any number of aliases of it
      maxAliases: { n: table.aliases, allowList: [], ...shared },
      maxDirectives: { n: table.directives, ...shared },
      costLimit: { maxCost: table.cost, depthCostFactor: 1, flattenFragments: true, ...shared },
    }) as Plugin,
    limitDirectives(table),
    refuseConditionalSubscriptions,
    limitIntrospection(mayIntrospect),
    limitCost(table),
  ];
}

// armor throws an error of its own after this handler, so the handler throws first
function refuse(): never {
  throw tooComplex();
}
