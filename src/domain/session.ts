import { z } from 'zod';
import { anonymous, type EventFacts, type Origin, performerOf, toBody } from '../audit/body.ts';
import { insertEvents, record } from '../audit/record.ts';
import { type Actor, actorOf, type Identity } from '../auth/actor.ts';
import { PLATFORM_ID } from '../auth/policy.ts';
import {
  authenticate,
  createSession,
  revokeSession as end,
  publicIdOf,
  publicSessionId,
  rotateSession,
} from '../auth/session.ts';
import { type NotSignedIn, verifySignIn } from '../auth/sign-in.ts';
import { type Query, transactionAs } from '../db/sql.ts';
import { AppError, notFound } from '../errors.ts';
import { validated } from './command.ts';
import { email } from './input.ts';
import type { Services } from './services.ts';

/** A session that has just begun or moved: its token, shown this once, and who it makes of the caller. */
export type Started = { token: string; identity: Identity; actor: Actor };

const credentials = z.object({
  email,
  password: z.string().min(1, 'expected a password').max(1024, 'expected at most 1024 characters'),
});

/** Errors: INVALID_INPUT, and one UNAUTHENTICATED for every way in which e-mail and password may not fit. */
export async function signIn(services: Services, origin: Origin, input: unknown): Promise<Started> {
  const { email, password } = validated(credentials, input);
  const outcome = await verifySignIn(services.pool, email, password, (failure) =>
    recordFailure(services, origin, failure),
  );
  if (!outcome.ok) throw new AppError('UNAUTHENTICATED', 'E-mail and password do not fit.');
  const [companyId] = outcome.companies as [string, ...string[]];
  return start(services, origin, { companyId, personId: outcome.personId }, 'session.signedIn', (query) =>
    createSession(query, outcome.personId, { companyId, ip: origin.ip, userAgent: origin.userAgent }),
  );
}

/** On the record of the person's first company, or the platform's; within the time that every failure takes. */
function recordFailure(
  { pool }: Services,
  origin: Origin,
  { reason, personId, companies }: NotSignedIn,
): Promise<void> {
  const data = { reason, ...(personId && { personId }) };
  return record(
    pool,
    companies[0] ?? PLATFORM_ID,
    toBody({ action: 'session.signInFailed', data }, anonymous, origin),
  );
}

/** The same sign-in, acting in another of the person's companies from now on, under a new token. Errors: NOT_FOUND. */
export async function switchCompany(
  services: Services,
  origin: Origin,
  identity: Identity,
  companyId: string,
): Promise<Started> {
  if (!actorOf(identity, companyId)) throw notFound();
  const personId = identity.person.id;
  const sessionId = identity.session.id;
  return start(services, origin, { companyId, personId }, 'session.companySwitched', (query) =>
    rotateSession(query, sessionId, companyId),
  );
}

type Place = { companyId: string; personId: string };
type Begin = (query: Query) => Promise<string | null>;

/** The session's row and its event commit together; who the token makes of the caller is read back as any request would read it. */
async function start(
  services: Services,
  origin: Origin,
  place: Place,
  action: EventFacts['action'],
  begin: Begin,
): Promise<Started> {
  const token = await transactionAs(services.pool, place, async (query) => {
    const begun = await begin(query);
    if (!begun) throw ended();
    const performer = { kind: 'person' as const, personId: place.personId, session: publicIdOf(begun) };
    await insertEvents(through(query), place.companyId, [toBody({ action }, performer, origin)]);
    return begun;
  });
  const identity = await authenticate(services.pool, token);
  const actor = identity && actorOf(identity, place.companyId);
  if (!identity || !actor) throw ended();
  return { token, identity, actor };
}

const ended = () =>
  new AppError('UNAUTHENTICATED', 'The session is unknown, expired or revoked; sign in again.');

/** Ends the session that the request came with. */
export const signOut = (services: Services, origin: Origin, actor: Actor): Promise<void> =>
  finish(services, origin, actor, 'session.signedOut', publicSessionId(actor.sessionId));

/** Ends one of the person's sessions by its public id. Errors: NOT_FOUND. */
export const revokeSession = (
  services: Services,
  origin: Origin,
  actor: Actor,
  publicId: string,
): Promise<void> => finish(services, origin, actor, 'session.revoked', publicId);

async function finish(
  services: Services,
  origin: Origin,
  actor: Actor,
  action: EventFacts['action'],
  publicId: string,
) {
  const { companyId, personId } = actor;
  await transactionAs(services.pool, { companyId, personId }, async (query) => {
    if (!(await end(query, personId, publicId))) throw notFound();
    await insertEvents(through(query), companyId, [
      toBody({ action, data: { session: publicId } }, performerOf(actor), origin),
    ]);
  });
}

/** The record takes Prisma's raw interface; this is the same over one connection of the pool. */
const through = (query: Query) => ({
  $executeRawUnsafe: async (sql: string, ...values: unknown[]) => (await query(sql, values)).length,
});
