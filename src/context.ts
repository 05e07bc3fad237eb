import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Origin } from './audit/record/body.ts';
import { type Failures, gatherFailures } from './audit/record/failures.ts';
import { appendFailures } from './auth/account/failure-bursts.ts';
import type { Actor } from './auth/authorization/actor.ts';
import type { Caller } from './auth/authorization/authorize.ts';
import type { Identity } from './auth/authorization/identity.ts';
import { executeIdentity, type IdentityCommand } from './auth/identity-command.ts';
import { type Reading, runReading } from './auth/reading.ts';
import { type AuthenticatedCaller, actorAsked, callerOf } from './auth/request/caller.ts';
import { companyOfHeader } from './auth/request/company-header.ts';
import { type Cookies, cookiesOf } from './auth/request/cookies.ts';
import { credentialOf, deviceTokenOf, isByCookie } from './auth/request/credential.ts';
import { requiredState } from './auth/request/required-state.ts';
import { needsNoWrite } from './auth/session/store.ts';
import { hashToken, isToken } from './crypto/token.ts';
import { reader } from './db/client.ts';
import type { Reader } from './db/reader.ts';
import { deferredAuthentication, type ExpectedIdentity } from './db/tenant/deferred-authentication.ts';
import type { RequiredState } from './db/tenant/required-state.ts';
import { type Command, execute } from './domain/command.ts';
import { beginLateGrace, isGraceLate } from './domain/consequences/mfa-grace.ts';
import {
  answerBefore,
  type Claim,
  keepAnswer,
  type RepeatableRequest,
  takesNoKey,
} from './domain/idempotency/idempotency.ts';
import { AppError } from './errors.ts';
import type { Services } from './services.ts';

/** Every write that a resolver can run: of company data, or of the caller's identity. */
// biome-ignore lint/suspicious/noExplicitAny: a use case's caller kind narrows its tools, not what runs it
export type UseCase<Input, Result> = Command<Input, Result> | IdentityCommand<any, Input, Result>;

/** Everything that a resolver can use: the caller, reads, use cases, and response cookies. */
export type Context = {
  actor: Actor | null;
  /**
   * The session behind the actor, with all of the user's companies; `null` for a service account.
   */
  identity: Identity | null;
  /** Reads only, as this actor: the company and the access scope travel with each statement. */
  db: Reader;
  /** Runs a use case. `query` is the client's selection of the row that a command returns. */
  execute: <Input, Result>(
    useCase: UseCase<Input, Result>,
    input?: unknown,
    query?: object,
  ) => Promise<Result>;
  /** Runs a named read. */
  // biome-ignore lint/suspicious/noExplicitAny: see UseCase
  read: <Args, Result>(reading: Reading<any, Args, Result>, args: Args) => Result;
  cookies: Cookies;
  /** The token of a trusted device, from its cookie. */
  deviceToken: string | null;
  /**
   * Denials and decryption failures of this operation, appended to the audit log when it completes.
   */
  failures: Failures;
  /** The request's Idempotency-Key, for the one command that it covers. */
  idempotency: Idempotency;
  /**
   * Whether the operation selects any `pageInfo`: only then does a page read one row more than it
   * shows.
   */
  selectsPageInfo?: boolean;
  /** Where a subscription goes on whose client reconnects (`Last-Event-ID`). */
  lastEventId: string | null;
};

/** The reply, for cookies, and a signal that aborts with the connection. */
export type ContextExtras = { reply: FastifyReply; signal: AbortSignal; anonymous?: true; isQuery?: true };

/** The part of a context that does not depend on the caller. */
type Request = {
  services: Services;
  origin: Origin;
  cookies: Cookies;
  deviceToken: string | null;
  lastEventId: string | null;
  signal?: AbortSignal;
};

/**
 * credential → caller → context. Without a credential the caller is anonymous; a credential that is
 * not valid is an error, never quietly anonymous, except for operations that anyone may use
 * (graphql/public-operations.ts). Errors: those of `callerOf`.
 */
export async function createContext(
  services: Services,
  request: FastifyRequest,
  { reply, signal, anonymous, isQuery }: ContextExtras,
): Promise<Context> {
  const from = requestOf(services, request, (cookie) => void reply.header('set-cookie', cookie));
  const token = credentialOf(request.headers, services.config);
  if (token === null || anonymous) return contextOf({ ...from, signal }, null);
  const byCookie = isByCookie(request.headers);
  const asked = { company: companyOfHeader(request.headers['x-company-id']), byCookie };
  const required = isQuery && services.replicas?.areUsed() ? requiredState(services, token, asked) : null;
  const caller = await callerOf(services, token, from.origin, asked).catch((error) => {
    // Scripts cannot remove this cookie, and its user could not sign in again while it is sent.
    if (byCookie && error instanceof AppError && error.code === 'UNAUTHENTICATED')
      from.cookies.clearSession();
    throw error;
  });
  await beginLateGrace(services, from.origin, caller.actor);
  if (caller.renewed && byCookie) from.cookies.setSession(caller.token);
  return contextOf({ ...from, signal }, caller, required?.(caller));
}

/**
 * The context of the identity that the credential last authenticated; null when it is not cached.
 * It authenticates nothing: only a prefetch reads by it, and its answer counts once `createContext`
 * has returned the same actor.
 */
export function cachedContext(services: Services, request: FastifyRequest): Context | null {
  const token = credentialOf(request.headers, services.config);
  const identity = token ? services.identities.cached(hashToken(token))?.identity : null;
  const actor = identity && actorAsked(identity, companyOfHeader(request.headers['x-company-id']));
  // a session whose token is due for rotation is authenticated by another object than the cached
  // one
  if (!token || !actor || identity.session.rotateDue) return null;
  const from = requestOf(services, request, () => {});
  return contextOf(from, { token, actor, identity, renewed: false });
}

/**
 * The context of the identity that the session's token last authenticated, and what PostgreSQL has
 * to verify before anything rests on it (db/tenant/deferred-authentication.ts). Null for another
 * credential, and where authentication would write.
 */
export function unverifiedContext(
  services: Services,
  request: FastifyRequest,
  { reply, signal }: ContextExtras,
): { context: Context; expected: ExpectedIdentity } | null {
  const token = credentialOf(request.headers, services.config);
  if (!token || !isToken(token)) return null;
  const key = hashToken(token);
  const cached = services.identities.cached(key);
  const actor = cached && actorAsked(cached.identity, companyOfHeader(request.headers['x-company-id']));
  if (!actor || isGraceLate(actor) || !needsNoWrite(cached.identity, actor.companyId)) return null;
  const from = requestOf(services, request, (cookie) => void reply.header('set-cookie', cookie));
  const caller = { token, actor, identity: cached.identity, renewed: false };
  return { context: contextOf({ ...from, signal }, caller), expected: { key, version: cached.version } };
}

const requestOf = (
  services: Services,
  request: FastifyRequest,
  setCookie: (cookie: string) => void,
): Request => ({
  services,
  origin: {
    requestId: request.id,
    ip: request.clientAddress,
    userAgent: request.headers['user-agent']?.slice(0, 400) ?? null,
  },
  cookies: cookiesOf(services.config, setCookie),
  deviceToken: deviceTokenOf(request.headers, services.config),
  lastEventId: request.headers['last-event-id']?.toString() || null,
});

/** `required` of a query whose reads replicas may answer. */
function contextOf(
  request: Request,
  authenticated: AuthenticatedCaller | null,
  required?: RequiredState | null,
): Context {
  const { services, origin, cookies, deviceToken, lastEventId, signal } = request;
  const { actor, identity }: Caller = authenticated ?? { actor: null, identity: null };
  const failures = failuresOf(services, actor, origin);
  const authenticate = reauthenticator(services, origin, authenticated);
  const tools = { services, origin, authenticate, signal };
  const idempotency = idempotencyOf(services, actor);
  return {
    actor,
    identity,
    db: reader(services.db, tenantOf(actor, required)),
    execute: async (useCase, input = {}, query = undefined) => {
      if (useCase.kind === 'command')
        return execute(services, actor, origin, useCase, input, query, idempotency).catch((error) => {
          if (error instanceof AppError && error.code === 'FORBIDDEN') failures.deny(useCase.event);
          throw error;
        });
      if (idempotency.claim) throw takesNoKey();
      // it may count an attempt, in Redis, before its first statement
      await deferredAuthentication()?.verified();
      return executeIdentity(services, { actor, identity }, origin, useCase, input);
    },
    read: (reading, args) => runReading(tools, { actor, identity }, reading, args),
    cookies,
    deviceToken,
    failures,
    idempotency,
    lastEventId,
  };
}

/** What the GraphQL layer does with an Idempotency-Key. */
export type Idempotency = {
  claim?: Claim;
  /**
   * Returns the answer that the request got before; null for a new one, whose key the command then
   * takes.
   */
  begin(given: RepeatableRequest): Promise<string | null>;
  /** Keeps the answer, if the command has saved its change. */
  keep(answer: string): Promise<void>;
};

function idempotencyOf(services: Services, actor: Actor | null): Idempotency {
  const idempotency: Idempotency = {
    async begin(given) {
      if (!actor) throw takesNoKey();
      idempotency.claim = given;
      // the mutation's own rule refuses an actor who must enrol a factor
      if (actor.assurance?.mustEnrol) return null;
      return answerBefore(services, actor, given);
    },
    async keep(answer) {
      if (actor && idempotency.claim) await keepAnswer(services, actor, idempotency.claim, answer);
    },
  };
  return idempotency;
}

const tenantOf = (actor: Actor | null, required?: RequiredState | null) => ({
  ...(required && { required }),
  companyId: actor?.companyId ?? null,
  userId: actor?.userId ?? null,
  ...(actor && { accessScope: (permission: string) => actor.accessScope(permission) }),
});

const failuresOf = (services: Services, actor: Actor | null, origin: Origin): Failures =>
  gatherFailures(
    (events) => appendFailures(services, actor, origin, events),
    (error) =>
      services.log.error(
        { err: error, requestId: origin.requestId },
        'a denial could not be appended to the audit log',
      ),
  );

/**
 * Verifies the request's credential again: a session or key may be revoked, an access token
 * expired, a role changed or a member removed since. A session that got a new token meanwhile is
 * verified by that one from then on.
 */
function reauthenticator(services: Services, origin: Origin, authenticated: AuthenticatedCaller | null) {
  let token = authenticated?.token;
  return async (): Promise<Actor | null> => {
    if (!token || !authenticated) return null;
    try {
      const caller = await callerOf(services, token, origin, { company: authenticated.actor.companyId });
      token = caller.token;
      return caller.actor;
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  };
}
