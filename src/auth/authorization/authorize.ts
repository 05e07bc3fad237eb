import { counters } from '../../counters.ts';
import { AppError } from '../../errors.ts';
import type { Actor } from './actor.ts';
import type { Identity } from './identity.ts';
import type { Permission } from './permissions.ts';
import { demandStepUp, enrolmentRequired } from './step-up.ts';

/**
 * Who may call a use case: `anyone`, with or without a credential; `enrolling`, a signed-in user,
 * even one who must first add a second factor; `user`, a signed-in user who has met the MFA policy;
 * `actor`, also a service account.
 */
export type CallerKind = 'anyone' | 'enrolling' | 'user' | 'actor';

/**
 * Who performs an operation, and the session behind it; `identity` is null for a service account.
 */
export type Caller = { actor: Actor | null; identity: Identity | null };
/** The same once the caller kind has been checked. */
export type CallerOf<Kind extends CallerKind> = Kind extends 'anyone'
  ? Caller
  : { actor: Actor; identity: Kind extends 'actor' ? Identity | null : Identity };

type Demand = { permission: Permission; stepUp?: true };

/**
 * Returns the actor if they hold the permission, and a recent second factor where one is demanded.
 * Errors: UNAUTHENTICATED, ENROLMENT_REQUIRED, FORBIDDEN, STEP_UP_REQUIRED.
 */
export function authorize(actor: Actor | null, { permission, stepUp }: Demand): Actor {
  const refusal = refusalOf(actor, permission);
  counters.decisions[refusal ? 'denied' : 'allowed'] += 1;
  if (refusal) throw refusal;
  if (stepUp) demandStepUp(actor as Actor);
  return actor as Actor;
}

function refusalOf(actor: Actor | null, permission: Permission): AppError | null {
  if (!actor) return notSignedIn();
  if (actor.assurance?.mustEnrol) return enrolmentRequired();
  // The permissions of an actor with a read-only role hold nothing that writes [R5]: see actor.ts.
  if (actor.can(permission)) return null;
  return new AppError('FORBIDDEN', `This requires the permission ${permission}.`);
}

/**
 * Returns the caller if they are of this kind, with a recent second factor where one is demanded.
 * Errors: UNAUTHENTICATED, ENROLMENT_REQUIRED, STEP_UP_REQUIRED.
 */
export function authorizeCaller<Kind extends CallerKind>(
  { actor, identity }: Caller,
  kind: Kind,
  stepUp = false,
): CallerOf<Kind> {
  if (kind !== 'anyone') {
    if (!actor || (!identity && kind !== 'actor')) throw notSignedIn();
    if (kind !== 'enrolling' && actor.assurance?.mustEnrol) throw enrolmentRequired();
    if (stepUp) demandStepUp(actor);
  }
  return { actor, identity } as CallerOf<Kind>;
}

export const notSignedIn = (): AppError => new AppError('UNAUTHENTICATED', 'Sign in first.');
