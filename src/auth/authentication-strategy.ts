import type { Origin } from '../audit/record/body.ts';
import type { Keyring } from '../crypto/keys/keyring.ts';
import type { TenantPool } from '../db/tenant/pool.ts';
import type { Sighting } from './api-keys/anomaly.ts';
import type { Actor } from './authorization/actor.ts';
import type { Authenticated } from './authorization/authenticated.ts';
import type { Identity } from './authorization/identity.ts';
import type { AttemptStore } from './lockout/limits.ts';
import type { SigningKeys } from './secrets/signing-keys.ts';

/** What kinds of credentials are checked against. */
export type Means = {
  pool: TenantPool;
  keyring: Keyring;
  attempts: AttemptStore;
  signingKeys: SigningKeys;
  /** Hears what is unusual about an API key. Nobody waits for what it does. */
  watch: (sighting: Sighting) => void;
  config: { publicUrl: string; env: 'development' | 'staging' | 'production' };
};

/**
 * Who a credential proves: a user, in whichever of their companies they name, or a service account in its own. `renewed`: the session lasts
 * longer from now on, so its cookie goes out again. `session`: it was proven by a session's own token, which may have to be replaced.
 */
export type Proven =
  | { identity: Identity; renewed: boolean; session?: Authenticated }
  | { identity: null; actor: Actor };

/** One of three: it is another kind's (`undefined`), it is of this kind and doesn't hold (`null`), or it proves somebody. */
export type Verdict = Proven | null | undefined;

/**
 * A kind of credential. `company` is the one that the request names, whose limits the session must meet too. Throws AppError only where
 * more may be said than that it doesn't hold: RATE_LIMITED.
 */
export type CredentialKind = (
  means: Means,
  token: string,
  origin: Origin,
  company: string | undefined,
) => Promise<Verdict>;
