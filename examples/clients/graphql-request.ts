import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { ClientError, GraphQLClient, type Variables } from 'graphql-request';
import { isExpired, type Session } from './session.ts';

/** Runs one operation. Throws ClientError. */
export type Ask = <Data, Input extends Variables>(
  document: TypedDocumentNode<Data, Input>,
  variables: Input,
) => Promise<Data>;

/**
 * Returns a function that runs one operation with the session's tokens, renewed and tried again
 * when they have expired.
 */
export function requestClient(session: Session): Ask {
  const client = new GraphQLClient(session.url, { headers: () => session.headers() });
  return async (document, variables) => {
    const run = () => client.request<never, Variables>(document as TypedDocumentNode<never>, variables);
    try {
      return await run();
    } catch (error) {
      if (!isExpired(codeOf(error)) || !(await session.refresh())) throw error;
      return run();
    }
  };
}

/** Returns the code of an error that graphql-request threw: one of docs/errors.md. */
export const codeOf = (error: unknown): unknown =>
  error instanceof ClientError ? error.response.errors?.[0]?.extensions.code : undefined;
