import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  HttpLink,
  InMemoryCache,
  Observable,
} from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { relayStylePagination } from '@apollo/client/utilities';
import { print } from 'graphql';
import { createClient } from 'graphql-sse';
import { from, switchMap, throwError } from 'rxjs';
import hints from './cache-hints.json' with { type: 'json' };
import { isExpired, type Session } from './session.ts';

/** Returns an Apollo Client that signs its requests with the session's tokens. */
export function apolloClient(session: Session): ApolloClient {
  const link = ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    subscriptions(session),
    new HttpLink({ uri: session.url }),
  );
  return new ApolloClient({
    link: ApolloLink.from([renewal(session), signing(session), link]),
    cache: cache(),
  });
}

/**
 * Objects with an `id` are kept by it; types without one stay inside of their parent. Pages of a
 * connection are appended.
 */
const cache = () =>
  new InMemoryCache({
    possibleTypes: hints.possibleTypes,
    typePolicies: {
      ...Object.fromEntries(hints.withoutId.map((type) => [type, { keyFields: false as const }])),
      Query: { fields: { employees: relayStylePagination(['filter']) } },
    },
  });

const signing = (session: Session) =>
  new SetContextLink(({ headers }) => ({ headers: { ...headers, ...session.headers() } }));

/**
 * Renews the tokens after UNAUTHENTICATED and sends the operation again, with all links behind this
 * one.
 */
const renewal = (session: Session) =>
  new ErrorLink(({ error, operation, forward }) => {
    if (!isExpired(codeOf(error)) || operation.getContext().isRenewed) return;
    operation.setContext({ isRenewed: true });
    return from(session.refresh()).pipe(
      switchMap((isRenewed) => (isRenewed ? forward(operation) : throwError(() => error))),
    );
  });

/**
 * Subscriptions are server-sent events of the same address. A lost connection is an error, to
 * subscribe again after the last cursor: the client's own attempts would begin again at the first
 * one.
 */
function subscriptions(session: Session): ApolloLink {
  const stream = createClient({ url: session.url, headers: () => session.headers(), retryAttempts: 0 });
  return new ApolloLink(
    ({ query, variables, operationName }) =>
      new Observable((observer) =>
        stream.subscribe({ query: print(query), variables, operationName }, observer as never),
      ),
  );
}

/** Returns the code of an error that Apollo threw: one of docs/errors.md. */
export const codeOf = (error: unknown): unknown =>
  CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.code : undefined;
