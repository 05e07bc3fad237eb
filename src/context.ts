import type { FastifyRequest } from 'fastify';
import { append } from './audit/record/append.ts';
import { type Origin, performerOf } from './audit/record/body.ts';
import { type Denials, gatherDenials } from './audit/record/denials.ts';
import { type Actor, actorOf, type Identity } from './auth/authorization/actor.ts';
import { PLATFORM_ID } from './auth/authorization/permissions.ts';
import { remembered } from './auth/identity-version/identity-versions.ts';
import { beginLateGrace } from './auth/mfa/grace.ts';
import { prove } from './auth/request/authenticate.ts';
import {
  credentialOf,
  deviceTokenOf,
  endedCookie,
  isByCookie,
  sessionCookie,
} from './auth/request/credential.ts';
import { successorOf } from './auth/session/rotation.ts';
import { hashOf } from './auth/session/store.ts';
import { reader } from './db/client.ts';
import type { Reader } from './db/reader.ts';
import { type Command, execute } from './domain/command.ts';
import { AppError, notFound } from './errors.ts';
import type { ContextExtras } from './graphql/settings.ts';
import type { Services } from './services.ts';

/** All that a resolver can reach: who asks, what they may read, and the way to change things. */
export type Context = {
  services: Services;
  origin: Origin;
  actor: Actor | null;
  /** The session behind the actor, with all of the user's companies; `null` for a service account, who has none. */
  identity: Identity | null;
  /** What the request came with, to be proved again while a subscription lasts. */
  token: string | null;
  /** Of a trusted device, from its cookie. */
  deviceToken?: string | null;
  /** Reads only, as this actor: the company and the reach travel with each call. */
  db: Reader;
  execute: <Input, Result>(
    command: Command<Input, Result>,
    input: unknown,
    query?: object,
  ) => Promise<Result>;
  setCookie: (cookie: string) => void;
  /** What this operation was refused; it goes on the record when the operation is over. */
  denials: Denials;
  /** Ends with the client's connection. */
  signal?: AbortSignal;
};

type Caller = { token: string; actor: Actor; identity: Identity | null; renewed: boolean };

/** credential → actor → context. No credential is nobody; one that doesn't hold is UNAUTHENTICATED, never quietly nobody. */
export async function createContext(
  services: Services,
  request: FastifyRequest,
  { reply, signal }: ContextExtras,
): Promise<Context> {
  const origin = originOf(request);
  const setCookie = (cookie: string) => void reply.header('set-cookie', cookie);
  const token = credentialOf(request.headers, services.config);
  const deviceToken = deviceTokenOf(request.headers, services.config);
  if (token === null) return { ...contextOf(services, origin, null, setCookie), deviceToken, signal };
  const byCookie = isByCookie(request.headers);
  const asked = { company: request.headers['x-company-id'], byCookie };
  const caller = await callerOf(services, token, origin, asked).catch((error) => {
    // A page cannot remove this cookie itself, and while it comes along nobody can sign in anew.
    if (byCookie && error instanceof AppError && error.code === 'UNAUTHENTICATED') {
      setCookie(endedCookie(services.config));
    }
    throw error;
  });
  await beginLateGrace(services, origin, caller.actor);
  if (caller.renewed && byCookie) setCookie(sessionCookie(caller.token, services.config));
  return { ...contextOf(services, origin, caller, setCookie), deviceToken, signal };
}

const originOf = (request: FastifyRequest): Origin => ({
  requestId: request.id,
  ip: request.ip,
  userAgent: request.headers['user-agent']?.slice(0, 400) ?? null,
});

/**
 * The context that the credential's last proof would make; null when there was none. It proves nothing: only graphql/prefetch/prefetch.ts reads by it, and
 * what it read counts once `createContext` has come to the same actor.
 */
export function likelyContext(services: Services, request: FastifyRequest): Context | null {
  const token = credentialOf(request.headers, services.config);
  const identity = token ? (remembered(hashOf(token))?.identity ?? null) : null;
  const actor = identity && actorAsked(identity, request.headers['x-company-id']);
  // one that is due for another token is proved as an object of its own
  if (!token || !actor || identity.session.rotateDue) return null;
  return contextOf(services, originOf(request), { token, actor, identity, renewed: false });
}

const actorAsked = (identity: Identity, company: string | string[] | undefined): Actor | null =>
  actorOf(identity, company === undefined ? identity.session.companyId : String(company));

/**
 * Who the credential proves, and the token that a session goes on with: a user in their session's company, or in another of theirs that the request names; a service account in its
 * own. Errors: UNAUTHENTICATED, NOT_FOUND for a company that isn't theirs, RATE_LIMITED.
 */
export async function callerOf(
  services: Services,
  token: string,
  origin: Origin,
  { company, byCookie = false }: { company?: string | string[] | undefined; byCookie?: boolean } = {},
): Promise<Caller> {
  const proven = await prove(services, token, origin);
  if (!proven)
    throw new AppError('UNAUTHENTICATED', 'The credential is unknown, expired or revoked; sign in again.');
  if (proven.identity === null) {
    const { actor } = proven;
    // A key acts in its own company: any other looks like one that doesn't exist.
    if (company !== undefined && String(company).toLowerCase() !== actor.companyId) throw notFound();
    return { token, actor, identity: null, renewed: false };
  }
  const { identity, renewed, session } = proven;
  const successor = session ? await successorOf(services, origin, session, byCookie) : null;
  const actor = actorAsked(identity, company);
  // A company that isn't theirs looks like one that doesn't exist; one that they were removed from ends the session for it.
  if (!actor)
    throw company === undefined
      ? new AppError('UNAUTHENTICATED', 'You are no longer a member of this company; sign in again.')
      : notFound();
  return { token: successor ?? token, actor, identity, renewed: renewed || successor !== null };
}

export function contextOf(
  services: Services,
  origin: Origin,
  caller: Caller | null,
  setCookie = (_cookie: string) => {},
): Context {
  const actor = caller?.actor ?? null;
  const tenant = {
    companyId: actor?.companyId ?? null,
    userId: actor?.userId ?? null,
    ...(actor && { accessScope: (permission: string) => actor.accessScope(permission) }),
  };
  const denials = gatherDenials(
    (fields) =>
      append(services.pool, actor?.companyId ?? PLATFORM_ID, [
        { action: 'access.denied', data: { fields }, performer: performerOf(actor), origin },
      ]),
    (error) =>
      services.log.error(
        { err: error, requestId: origin.requestId },
        'a denial could not be put on the record',
      ),
  );
  return {
    services,
    origin,
    actor,
    identity: caller?.identity ?? null,
    token: caller?.token ?? null,
    db: reader(services.db, tenant),
    execute: (command, input, query) =>
      execute(services, actor, origin, command, input, query).catch((error) => {
        if (error instanceof AppError && error.code === 'FORBIDDEN') denials.add(command.event);
        throw error;
      }),
    setCookie,
    denials,
  };
}
