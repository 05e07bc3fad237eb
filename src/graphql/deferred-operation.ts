import { type ExecutionResult, getOperationAST, Kind } from 'graphql';
import { DeferredAuthentication, withDeferredAuthentication } from '../db/tenant/deferred-authentication.ts';
import { outcomeUnknown } from '../deadline.ts';
import type { Reason } from '../shortcuts.ts';
import type { DocumentCache } from './document/cache.ts';
import { requestScope } from './request/request-scope.ts';
import type { Deferral, EdgeContext, GraphqlRequest, ServerDeps } from './request/settings.ts';

/**
 * Deferring saves a wait. With more operations than this under way other operations use that wait,
 * and a transaction keeps its connection for the time of the verification: at 32 connections
 * deferring cost a tenth of the throughput.
 */
const MAX_UNDERWAY = 4;

/**
 * The context of an operation; `holds` tells whether its caller is verified, where that is open.
 */
export type Given<Context> = { context: Promise<Context>; holds?: () => Promise<boolean> };

type Deps<Context extends EdgeContext> = Pick<ServerDeps<Context>, 'deferral'> & {
  documents: DocumentCache;
  createContext: (request: GraphqlRequest) => Promise<Context>;
  /** Counts the operations that are being executed, the one that is asked for included. */
  underway: () => number;
};

/**
 * Executes mutations by the cached identity of their credential, which is verified on the way
 * (db/tenant/deferred-authentication.ts); no answer leaves before that. Where the identity turns
 * out to have changed, nothing was written: the mutation is executed again from its beginning, by
 * what authentication returns now.
 */
export const deferredOperations =
  <Context extends EdgeContext>({ deferral, documents, createContext, underway }: Deps<Context>) =>
  async (
    request: GraphqlRequest,
    execute: (given?: Given<Context>) => Promise<ExecutionResult>,
  ): Promise<ExecutionResult> => {
    const found = deferral && unverifiedOf(deferral, request, documents, underway());
    if (!found) return execute();
    let fresh: Promise<Context> | undefined;
    const authenticate = async () => {
      fresh = createContext(request);
      return (await fresh).actor === found.context.actor;
    };
    const authentication = new DeferredAuthentication(found.expected, authenticate, deferral.use);
    const holds = () =>
      authentication.verified().then(
        () => true,
        () => false,
      );
    const answer = withDeferredAuthentication(authentication, () =>
      execute({ context: Promise.resolve(found.context), holds }),
    );
    await answer.catch(() => {});
    if (await holds()) return answer;
    if (authentication.mayHaveWritten) throw outcomeUnknown();
    forgetCaller();
    return execute(fresh && { context: fresh });
  };

function unverifiedOf<Context>(
  { unverified, use }: Deferral<Context>,
  request: GraphqlRequest,
  documents: DocumentCache,
  underway: number,
) {
  const declined = (reason: Reason<'deferredAuthentication'>): null => {
    use.fallbacks[reason] += 1;
    return null;
  };
  if (underway > MAX_UNDERWAY) return declined('busy');
  if (!isDeferrable(request, documents)) return declined('operation');
  return unverified(request.request, request.extras) ?? declined('credential');
}

/** A mutation of one field, which is valid and was executed before. */
function isDeferrable({ request, params }: GraphqlRequest, documents: DocumentCache): boolean {
  if (request.headers['idempotency-key'] !== undefined) return false;
  const document = documents.get(params.query);
  const operation = document && getOperationAST(document, params.operationName);
  const [field, ...others] = operation?.selectionSet.selections ?? [];
  return operation?.operation === 'mutation' && field?.kind === Kind.FIELD && others.length === 0;
}

/** What the log line would say of an answer that was discarded. */
function forgetCaller(): void {
  const scope = requestScope.getStore();
  scope?.codes.clear();
  if (scope) delete scope.actor;
}
