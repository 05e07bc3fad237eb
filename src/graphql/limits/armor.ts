import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import type { Plugin } from 'graphql-yoga';
import { limitDirectives } from './directives.ts';
import { limitIntrospection } from './introspection.ts';
import { type Limits, limits, tooComplex } from './limits.ts';
import { limitSize } from './size.ts';
import { refuseConditionalSubscriptions } from './subscriptions.ts';

/**
 * The plugins that enforce the limits on a document, once for a cached one: depth, aliases,
 * directives, and its size with fragments flattened, which bounds the work of all that walks it.
 * What an execution costs with its variables is limited by cost/limit.ts.
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
      // estimated with variables and lengths of lists (cost/limit.ts)
      costLimit: { enabled: false },
    }) as Plugin,
    limitDirectives(table),
    limitSize(table),
    refuseConditionalSubscriptions,
    limitIntrospection(mayIntrospect),
  ];
}

// armor throws an error of its own after this handler, so the handler throws first
function refuse(): never {
  throw tooComplex();
}
