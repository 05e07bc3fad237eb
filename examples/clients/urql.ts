import { Client, type CombinedError, fetchExchange } from '@urql/core';
import { authExchange } from '@urql/exchange-auth';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import hints from './cache-hints.json' with { type: 'json' };
import { isExpired, type Session } from './session.ts';

/**
 * Returns an urql client with a normalized cache that signs its requests with the session's tokens.
 */
export const urqlClient = (session: Session): Client =>
  new Client({
    url: session.url,
    preferGetMethod: false,
    // subscriptions are server-sent events of the same address
    fetchSubscriptions: true,
    exchanges: [cache(), auth(session), fetchExchange],
  });

/**
 * Objects with an `id` are kept by it; types without one stay inside of their parent. Pages of a
 * connection are appended.
 */
const cache = () =>
  cacheExchange({
    keys: Object.fromEntries(hints.withoutId.map((type) => [type, () => null])),
    resolvers: { Query: { employees: relayPagination() } },
  });

/** `refreshTokens` may be sent with the expired token: operations that anyone may use ignore it. */
const auth = (session: Session) =>
  authExchange(async ({ appendHeaders }) => ({
    addAuthToOperation: (operation) => appendHeaders(operation, session.headers()),
    didAuthError: (error) => isExpired(codeOf(error)),
    refreshAuth: async () => void (await session.refresh()),
  }));

/** Returns the code of a result's error: one of docs/errors.md. */
export const codeOf = (error: CombinedError | undefined): unknown => error?.graphQLErrors[0]?.extensions.code;
