import type { Authenticated } from '../authorization/identity.ts';

/** Authenticates credentials, by a hash of each. PostgreSQL decides on every call. */
export type Identities = {
  /**
   * Asks PostgreSQL for the identity of a credential; `null` when it is not valid. The identity is
   * frozen. Errors: those of `ask`.
   */
  authenticate(key: string, credential: Credential): Promise<Authenticated | null>;
  /**
   * Returns the identity that was authenticated last, with its version: PostgreSQL has to verify it
   * before any answer that rests on it.
   */
  cached(key: string): VersionedIdentity | null;
  forget(key: string): void;
};

export type VersionedIdentity = { version: string; identity: Authenticated };

export type Credential = {
  /** Asks `authenticate_…if_changed`; the version is that of the identity which the caller has. */
  ask: (version: string | null) => Promise<string | null>;
  read: (identity: string) => Authenticated;
};

/**
 * The plain implementation: PostgreSQL returns the whole identity each time, and none is cached.
 */
export const wholeIdentities: Identities = {
  async authenticate(_key, { ask, read }) {
    const answer = await ask(null);
    return answer === null ? null : frozen(read(versioned(answer).identity));
  },
  cached: () => null,
  forget: () => {},
};

/** Splits an answer of PostgreSQL into the identity and its version. */
export function versioned(answer: string): { version: string; identity: string } {
  const end = answer.indexOf('\n');
  return { version: answer.slice(0, end), identity: answer.slice(end + 1) };
}

/** Freezes an identity: requests share it. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
