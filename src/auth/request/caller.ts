import type { Origin } from '../../audit/record/body.ts';
import { AppError, notFound } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { traced } from '../../tracing/trace.ts';
import { type Actor, actorOf } from '../authorization/actor.ts';
import type { Identity } from '../authorization/identity.ts';
import { enterCompany } from '../session/acting-company.ts';
import { successorOf } from '../session/rotation.ts';
import { authenticate } from './authenticate.ts';

/** The caller that a credential authenticates, and the token that the session continues with. */
export type AuthenticatedCaller = {
  token: string;
  actor: Actor;
  identity: Identity | null;
  renewed: boolean;
};

export type Asked = { company?: string | undefined; byCookie?: boolean };

/**
 * Authenticates a credential: a user in their session's company, or in another of theirs that the
 * request names; a service account in its own. Errors: UNAUTHENTICATED; NOT_FOUND for a company
 * that is not theirs; RATE_LIMITED.
 */
export async function callerOf(
  services: Services,
  token: string,
  origin: Origin,
  { company, byCookie = false }: Asked = {},
): Promise<AuthenticatedCaller> {
  const named = company?.toLowerCase();
  const authentication = await traced('authentication', () => authenticate(services, token, origin, named));
  if (!authentication)
    throw new AppError('UNAUTHENTICATED', 'The credential is unknown, expired or revoked; sign in again.');
  if (authentication.identity === null) {
    const { actor } = authentication;
    // An API key acts in its own company; any other company looks like a missing one.
    if (named !== undefined && named !== actor.companyId) throw notFound();
    return { token, actor, identity: null, renewed: false };
  }
  const { identity, renewed, session } = authentication;
  const successor = session ? await successorOf(services, origin, session, byCookie) : null;
  const actor = actorAsked(identity, company);
  if (!actor) throw company === undefined ? noLongerMember() : notFound();
  await enterCompany(services.pool, origin, identity, actor.companyId);
  return { token: successor ?? token, actor, identity, renewed: renewed || successor !== null };
}

/**
 * Returns the actor in the company that the request names, else in the session's own; null outside
 * of the user's companies.
 */
export const actorAsked = (identity: Identity, company: Asked['company']): Actor | null =>
  actorOf(identity, company === undefined ? identity.session.companyId : company);

const noLongerMember = (): AppError =>
  new AppError('UNAUTHENTICATED', 'You are no longer a member of this company; sign in again.');
