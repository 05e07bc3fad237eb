import { hashToken } from '../../crypto/token.ts';

/** Returns what clients and the audit log call a session: enough of the hash to find it among one user's, of no use as a token. */
export const publicSessionId = (hash: string): string => hash.slice(0, 12);

/** Returns the public id of the session that this token opens. */
export const publicIdOf = (token: string): string => publicSessionId(hashToken(token));
