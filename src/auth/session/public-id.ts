import { hashToken } from '../../crypto/token.ts';

/**
 * Returns a session's public id, for clients and the audit log: a prefix of its hash, unique among
 * a user's sessions and useless as a token.
 */
export const publicSessionId = (hash: string): string => hash.slice(0, 12);

/** Returns the public id of the session that this token opens. */
export const publicIdOf = (token: string): string => publicSessionId(hashToken(token));
