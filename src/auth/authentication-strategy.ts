import type { Origin } from '../audit/record/body.ts';
import type { Services } from '../services.ts';
import type { Actor } from './authorization/actor.ts';
import type { Authenticated, Identity } from './authorization/identity.ts';

/**
 * An authenticated credential: of a user, who may act in any of their companies, or of a service
 * account in its own. `renewed`: the session's cookie must be sent again. `session`: set for a
 * session's own token, which may be due for rotation.
 */
export type Authentication =
  | { identity: Identity; renewed: boolean; session?: Authenticated }
  | { identity: null; actor: Actor };

/**
 * Null for an invalid credential of the strategy's kind; undefined for a credential of another
 * kind.
 */
export type AuthenticationResult = Authentication | null | undefined;

/**
 * Authenticates one kind of credential. `company` is the one that the request names, whose session
 * limits apply too.
 * Error: RATE_LIMITED; every other rejection is null, so that the answer does not tell the reason.
 */
export type AuthenticationStrategy = (
  services: Services,
  token: string,
  origin: Origin,
  company: string | undefined,
) => Promise<AuthenticationResult>;
