import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { RateLimit, RateLimiter } from '../../auth/rate-limit/limit.ts';
import type { ExpectedIdentity } from '../../db/tenant/deferred-authentication.ts';
import type { Use } from '../../shortcuts.ts';
import type { DocumentCache } from '../document/cache.ts';
import type { Params } from './params.ts';
import type { DocumentOf } from './trusted-documents.ts';

/** The part of the configuration that http/ and graphql/ read. */
export type EdgeConfig = {
  env: 'development' | 'staging' | 'production';
  /** The address that clients use, for example `https://api.example.com`; `https` turns HSTS on. */
  publicUrl: string;
  /** Exact origins whose pages may call this server with credentials. */
  corsOrigins: string[];
  logLevel: string;
  /**
   * Addresses and networks of proxies whose `X-Forwarded-For` is trusted; other peers could forge
   * it.
   */
  trustedProxies?: string[];
  /** Whether requests over plain HTTP are served: to clients of this machine, or to none. */
  plainHttp: 'loopback' | 'refused';
  /** Paths of the server's certificate and key; plain HTTP, for a proxy, where missing. */
  tls?: { certificate: string; key: string };
  /** How long a request may take; milliseconds. */
  requestTimeout: number;
  /** How long a client may take to read an answer that is no event stream; milliseconds. */
  answerTimeout: number;
  /**
   * Mean delay of the event loop within a second above which anonymous operations are refused;
   * milliseconds, 0 for never.
   */
  mostLateMs: number;
  /**
   * RFC 9116 `Contact`, such as `mailto:security@example.com`; made from the public address when
   * missing.
   */
  securityContact?: string;
};

/** One GraphQL request, with parameters that http/ has read and checked. */
export type GraphqlRequest = { request: FastifyRequest; extras: ContextExtras; params: Params };

/** The part of the context that the log line uses, and what the GraphQL layer notes in it. */
export type EdgeContext = {
  actor?: { userId: string; companyId: string } | null;
  selectsPageInfo?: boolean;
};

/**
 * What `createContext` gets beside the request: the reply (for cookies), the request id, and a
 * signal that ends with the connection.
 */
export type ContextExtras = {
  reply: FastifyReply;
  requestId: string;
  signal: AbortSignal;
  /** The credential is ignored: it was refused, and the operation needs none. */
  anonymous?: true;
  /** The operation is a query: replicas may answer what it reads. */
  isQuery?: true;
};

/** An error as the client sees it (`code`, `path`), and what is behind it. */
export type Failure = { code: string; path: readonly (string | number)[] | undefined; origin: unknown };

/** One tab of GraphiQL: its title becomes a comment over the query. `headers` are sent with it. */
export type GraphiqlTab = { title: string; query: string; headers?: Record<string, string> };

/** Resolves to the executor's answer, or to null for an operation that is left to the executor. */
export type QueryExecutor = { execute(args: ExecutionArgs): Promise<ExecutionResult | null> };

/**
 * A query's answer for `actor`, whose credential is still being verified; null when it has to be
 * executed after that.
 */
export type Prefetched = { actor: object; answer: Promise<ExecutionResult | null> };

/** Executes queries while their credential is being verified (graphql/prefetch/). */
export type Prefetch = {
  /**
   * Starts to execute a query for the cached identity of its credential. Null when nothing would be
   * gained, or nothing is known. `underway` counts the operations that are being executed, this one
   * included.
   */
  start(query: {
    request: FastifyRequest;
    document: ExecutionArgs['document'] | undefined;
    params: Params;
    underway: number;
  }): Prefetched | null;
  /**
   * Resolves to the prefetched answer if it is for this very actor; to `unsupported` when only the
   * executor can answer; else to null.
   */
  answerFor(prefetched: Prefetched, actor: unknown): Promise<ExecutionResult | 'unsupported' | null>;
};

/** Defers the authentication of mutations (deferred-operation.ts). */
export type Deferral<Context> = {
  /**
   * Returns the context by a request's cached identity, which is still to be verified; null where
   * the request is to be authenticated first.
   */
  unverified(
    request: FastifyRequest,
    extras: ContextExtras,
  ): { context: Context; expected: ExpectedIdentity } | null;
  use: Use<'deferredAuthentication'>;
};

/** How a request to /graphql ended. */
export type Answered = {
  /** `none` where no operation was executed. */
  operation: 'query' | 'mutation' | 'subscription' | 'none';
  /**
   * The first error code of the answer; `CLOSED` where the client left before its end, else `OK`.
   */
  outcome: string;
  seconds: number;
};

/** Limits of requests, and of single operations such as `Mutation.signIn`. */
export type Rates = {
  count: RateLimiter['count'];
  requests: RateLimit;
  operations: ReadonlyMap<string, RateLimit>;
  /** The cost of operations is not debited where this is missing. */
  budget?: Budget;
};

/** What the operations of a caller may cost. */
export type Budget = {
  debit: RateLimiter['debit'];
  full: RateLimit;
  /** What is left of it to a caller with recent alerts. */
  tightened: RateLimit;
  isAlerted: (caller: string) => boolean;
};

export type ServerDeps<Context extends EdgeContext> = {
  config: EdgeConfig;
  schema: GraphQLSchema;
  /**
   * Executes operations faster than the executor, which executes all of them where this is missing.
   */
  queryPlan?: QueryExecutor;
  /** Who is asking. An `AppError` from here answers the whole request with its code and status. */
  createContext: (request: FastifyRequest, extras: ContextExtras) => Promise<Context>;
  /** Finds trusted documents; every request must bring its document where this is missing. */
  documentOf?: DocumentOf;
  /** Requests are not limited where this is missing. */
  rates?: Rates;
  /** Every request is authenticated before its operation where this is missing. */
  deferral?: Deferral<Context>;
  /**
   * Tells of a root field, such as `Mutation.signIn`, whether anyone may use it: a refused
   * credential is ignored there. An operation without credential and without such a field is
   * refused before it is validated.
   */
  isPublic?: (field: string) => boolean;
  /** Whether there are replicas, which only queries read from. */
  replicated?: boolean;
  /** Prefetches queries; nothing is prefetched where this is missing. */
  prefetch?: Prefetch;
  /**
   * Whether the caller may use introspection and GraphiQL in staging; always in development, never
   * in production.
   */
  mayInspect: (context: Context) => boolean;
  /** Whether the caller must add a second factor before anything else. */
  mustEnrol?: (context: Context) => boolean;
  /** Told of every error that an operation's answer carries, before the answer leaves. */
  onErrors?: (context: Context, failures: Failure[]) => Promise<void>;
  /** Told of each request to /graphql once it has ended. */
  onAnswered?: (answered: Answered) => void;
  log: Logger;
  /** The parts that must work before traffic comes, by name. */
  ready: () => Promise<Record<string, boolean>>;
  /** Parts that fail and without which traffic is served all the same, such as mail. */
  degraded?: () => string[];
  graphiqlTabs?: readonly GraphiqlTab[];
  /** Where parsed documents are kept; a cache of the server's own when missing. */
  documents?: DocumentCache;
};
