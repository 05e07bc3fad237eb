import type { DocumentNode, ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Limits, limits } from '../limits/limits.ts';
import type { DocumentCache } from './cache.ts';
import { withLocations } from './locations.ts';
import { parseDocument } from './parse.ts';

type Params = { query: string };
type Executed = {
  args: { document: DocumentNode; contextValue: { actor?: object | null; params: Params } };
};

/**
 * Parses and validates each document once. Only documents that are valid and that an authenticated
 * actor executes are cached: what anonymous clients send would otherwise fill the server's memory.
 */
export function documentPlugin(cache: DocumentCache, table: Limits = limits): Plugin {
  const keep = ({ args: { document, contextValue } }: Executed) => {
    if (contextValue.actor) cache.keep(contextValue.params.query, document);
  };
  const execute = (executed: Executed) => {
    keep(executed);
    const { document, contextValue } = executed.args;
    return { onExecuteDone: locate(document, contextValue.params.query) };
  };
  return {
    onParse({ params: { source }, setParsedDocument, setParseFn }) {
      const cached = cache.get(String(source));
      if (cached) setParsedDocument(cached);
      else setParseFn((text: string) => parseDocument(text, table));
    },
    onValidate({ params: { documentAST }, context, setResult }) {
      if (cache.holds(documentAST)) return setResult([]);
      return ({ result, setResult: replace }) => {
        const { query } = (context as unknown as { params: Params }).params;
        if (result.length > 0) replace(withLocations(result as GraphQLError[], documentAST, query));
      };
    },
    onExecute: execute as Plugin['onExecute'],
    onSubscribe: keep as Plugin['onSubscribe'],
  };
}

type Done = { result: unknown; setResult: (result: ExecutionResult) => void };

const locate = (document: DocumentNode, text: string) => (done: Done) => {
  const { errors, ...rest } = done.result as ExecutionResult;
  if (errors) done.setResult({ ...rest, errors: withLocations(errors, document, text) });
};
