import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Given } from './deferred-operation.ts';
import { selectsPageInfo } from './document/page-info.ts';
import { maskError, originBehind } from './errors/masking.ts';
import { requestScope } from './request/request-scope.ts';
import type { EdgeContext, Prefetched, ServerDeps } from './request/settings.ts';

type Executing = Parameters<NonNullable<Plugin['onExecute']>>[0]['args'];

type Executed = EdgeContext & { prefetched?: Prefetched | null; given?: Given<object> };

/**
 * Operations are answered by what was prefetched for this very actor, else by the query plan, else
 * by the executor.
 */
export const executeByPlan = <Context extends EdgeContext>({
  queryPlan,
  prefetch,
}: Pick<ServerDeps<Context>, 'queryPlan' | 'prefetch'>): Plugin => ({
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn(async (args) => {
      const { prefetched, actor, given } = args.contextValue as Executed;
      const answer = prefetched && prefetch ? await prefetch.answerFor(prefetched, actor) : null;
      if (answer === 'unsupported') return executeFn(args);
      const result = answer ?? (await queryPlan?.execute(args)) ?? (await executeFn(args));
      // discarded (deferred-operation.ts): its errors are neither logged nor audited
      return (await given?.holds?.()) === false ? {} : result;
    });
  },
});

/**
 * Notes operation and actor for the request's log line. The name comes from the validated document.
 */
export const noteOperation: Plugin = {
  onExecute: ({ args }) => note(args),
  onSubscribe: ({ args }) => note(args),
};

function note({ document, operationName, contextValue }: Executing): void {
  const scope = requestScope.getStore();
  if (!scope) return;
  const operation = getOperationAST(document, operationName);
  scope.operation = operation?.name?.value.slice(0, 64);
  if (operation) scope.operationType = operation.operation;
  const { actor } = contextValue as EdgeContext;
  if (actor) scope.actor = { userId: actor.userId, companyId: actor.companyId };
}

/** Notes in the context whether pages read one row more than they show. */
export const notePageInfo: Plugin = {
  onExecute({ args: { document, contextValue } }) {
    (contextValue as EdgeContext).selectsPageInfo = selectsPageInfo(document);
  },
};

/** Masks the errors of a result: validation errors pass no other mask. */
export const maskResult: Plugin = {
  onExecutionResult({ result, setResult }) {
    if (!result || Array.isArray(result) || Symbol.asyncIterator in result || !result.errors) return;
    setResult({ ...result, errors: result.errors.map(maskError) });
  },
};

/**
 * Reports the errors of a result before the answer leaves: denials and broken seals are audited. If
 * that fails, so does the answer.
 */
export const reportErrors = <Context extends EdgeContext>({ onErrors }: ServerDeps<Context>): Plugin => ({
  async onExecutionResult({ result, context }) {
    if (!onErrors || !result || Array.isArray(result) || Symbol.asyncIterator in result || !result.errors)
      return;
    // a refused credential makes no context, and nothing was executed
    if (!('actor' in (context as object))) return;
    const failures = result.errors.map((error) => ({
      code: String(error.extensions?.code),
      path: error.path,
      origin: originBehind(error),
    }));
    await onErrors(context as unknown as Context, failures);
  },
});
