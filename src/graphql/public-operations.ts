import { getOperationAST } from 'graphql';
import { AppError } from '../errors.ts';
import { parseDocument } from './document/parse.ts';
import { rootFields } from './document/root-fields.ts';
import { limits } from './limits/limits.ts';
import type { Params } from './request/params.ts';
import type { EdgeContext, GraphqlRequest, ServerDeps } from './request/settings.ts';

/**
 * What a credential that is not needed is not refused for: it is expired, unknown, corrupt, or
 * names a company that is not its user's.
 */
const IGNORED = new Set(['UNAUTHENTICATED', 'NOT_FOUND']);

/**
 * Returns `createContext`, which ignores a refused credential where the operation is one that
 * anyone may use: clients send the token that has expired along with the request for the next one.
 */
export function contextOfOperation<Context extends EdgeContext>({
  createContext,
  isPublic = () => false,
}: Pick<ServerDeps<Context>, 'createContext' | 'isPublic'>) {
  return ({ request, extras, params }: GraphqlRequest): Promise<Context> =>
    createContext(request, extras).catch((error) => {
      const ignored = error instanceof AppError && IGNORED.has(error.code);
      if (!ignored || !isPublicOperation(params, isPublic)) throw error;
      return createContext(request, { ...extras, anonymous: true });
    });
}

/** Tells whether every root field of the operation may be used by anyone. */
export function isPublicOperation(
  { query, operationName }: Pick<Params, 'query' | 'operationName'>,
  isPublic: (field: string) => boolean,
): boolean {
  const document = parseDocument(query, limits);
  const operation = getOperationAST(document, operationName);
  if (!operation || operation.operation === 'subscription') return false;
  const type = operation.operation === 'query' ? 'Query' : 'Mutation';
  const fields = rootFields(operation.selectionSet, document).filter((name) => name !== '__typename');
  return fields.length > 0 && fields.every((name) => isPublic(`${type}.${name}`));
}
