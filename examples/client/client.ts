import { createClient, NetworkError, type Client as StreamClient } from 'graphql-sse';
import type { TypedDocumentString } from './generated/graphql.ts';

/**
 * What the server answers instead of data: `code` is one of docs/errors.md; `requestId` finds the
 * request in its log.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: string;
  readonly requestId: string | null;

  constructor(code: string, message: string, requestId: string | null) {
    super(message);
    this.code = code;
    this.requestId = requestId;
  }
}

/** The session of one user: `company` acts in another of their companies than the session's. */
export type Caller = { token?: string; company?: string };

export type Client = {
  /**
   * Runs a query or a mutation. Throws RequestError for the first error, whatever data came beside
   * it.
   */
  ask: <Result, Variables>(document: Document<Result, Variables>, variables: Variables) => Promise<Result>;
  /**
   * Follows a subscription over SSE until the loop over it or the signal ends. Throws RequestError
   * when the server ends it so.
   */
  watch: <Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ) => AsyncGenerator<Result>;
};

type Document<Result, Variables> = TypedDocumentString<Result, Variables>;
type Answer<Result> = { data?: Result | null; errors?: readonly Failure[] };
type Failure = { message: string; extensions?: { code?: unknown } | undefined };

/** @param url of the GraphQL endpoint, such as `http://127.0.0.1:4000/graphql` */
export function connect(url: string, caller: Caller = {}): Client {
  const headers = headersOf(caller);
  return {
    ask: async (document, variables) => {
      const body = JSON.stringify({ query: document.toString(), variables });
      const response = await fetch(url, { method: 'POST', headers: { ...headers, ...json }, body });
      return dataOf((await response.json()) as Answer<never>, response.headers.get('x-request-id'));
    },
    watch: (document, variables, signal) =>
      follow(
        createClient({ url, headers, retryAttempts: 0 }),
        document.toString(),
        variables as object,
        signal,
      ),
  };
}

function headersOf({ token, company }: Caller): Record<string, string> {
  return { ...(token && { authorization: `Bearer ${token}` }), ...(company && { 'x-company-id': company }) };
}

const json = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };

async function* follow<Result>(
  stream: StreamClient,
  query: string,
  variables: object,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const end = () => stream.dispose();
  signal?.addEventListener('abort', end, { once: true });
  try {
    for await (const answer of stream.iterate({ query, variables: { ...variables } })) {
      yield dataOf(answer as Answer<Result>, null);
    }
  } catch (error) {
    throw error instanceof NetworkError ? refusedAsAWhole(error) : error;
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}

const codes: Record<number, string> = { 401: 'UNAUTHENTICATED', 404: 'NOT_FOUND', 429: 'RATE_LIMITED' };

/**
 * A stream that never began says only its status: the session has ended, or the company is not
 * one's own.
 */
function refusedAsAWhole({ message, response }: NetworkError): RequestError {
  return new RequestError(codes[response?.status ?? 0] ?? 'UNAVAILABLE', message, null);
}

function dataOf<Result>({ data, errors }: Answer<Result>, requestId: string | null): Result {
  const [failure] = errors ?? [];
  if (failure) throw new RequestError(String(failure.extensions?.code), failure.message, requestId);
  return data as Result;
}
