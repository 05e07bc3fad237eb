import type { FastifyRequest } from 'fastify';
import { type DocumentNode, getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { credentialOf } from '../auth/request/credential.ts';
import { AppError } from '../errors.ts';
import { parseDocument } from './document/parse.ts';
import { distinctRootFields } from './document/root-fields.ts';
import { limits } from './limits/limits.ts';
import type { Params } from './request/params.ts';
import type { EdgeConfig, EdgeContext, GraphqlRequest, ServerDeps } from './request/settings.ts';

type Asked = Pick<Params, 'query' | 'operationName'>;
/** Tells of a root field, such as `Mutation.signIn`, whether anyone may use it. */
type IsPublic = (field: string) => boolean;

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
export function isPublicOperation({ query, operationName }: Asked, isPublic: IsPublic): boolean {
  const document = parseDocument(query, limits);
  const operation = getOperationAST(document, operationName);
  if (!operation || operation.operation === 'subscription') return false;
  const fields = rootFields([operation], document);
  return fields.length > 0 && fields.every(isPublic);
}

/**
 * Refuses an operation that comes without a credential and has no root field that anyone may use:
 * one UNAUTHENTICATED in place of one error for each field. The document is neither validated nor
 * executed, which saves most of its cost, and the answer tells nothing of the schema.
 * Introspection has a limit of its own.
 */
export function refuseAnonymous({ isPublic, config }: { isPublic: IsPublic; config: EdgeConfig }): Plugin {
  return {
    onParse: ({ context }) => {
      const { incoming, params } = context as unknown as { incoming: FastifyRequest; params: Asked };
      if (credentialOf(incoming.headers, config) !== null) return;
      return ({ result, replaceParseResult }) => {
        if (result instanceof Error || !needsCredential(result, params, isPublic)) return;
        replaceParseResult(unauthenticated());
      };
    },
  };
}

/** Of all operations of the document where none can be selected. The document may be invalid. */
export function needsCredential(
  document: DocumentNode,
  { operationName }: Pick<Asked, 'operationName'>,
  isPublic: IsPublic,
): boolean {
  const selected = getOperationAST(document, operationName);
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const fields = rootFields(selected ? [selected] : operations, document);
  return fields.length > 0 && !fields.some((name) => name.includes('.__') || isPublic(name));
}

const rootFields = (operations: OperationDefinitionNode[], document: DocumentNode): string[] =>
  operations
    .flatMap((operation) => [...distinctRootFields(operation, document)])
    .filter((name) => !name.endsWith('.__typename'));

const unauthenticated = () =>
  new AppError(
    'UNAUTHENTICATED',
    'Sign in first: no field of this operation can be used without a credential.',
  );
