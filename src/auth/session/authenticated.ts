import type { Identity } from '../authorization/identity.ts';

/** The identity that a session's token authenticates, with what is known of the session. */
export type Authenticated = Identity & {
  /** `rotateDue`: somebody changed what its user may do, so it is due for a new token (session-rotation.ts). */
  session: { expiresAt: Date; absoluteExpiresAt: Date; rotateDue: boolean };
  /** It was proven by the token that it had a moment ago; `successor` is the one that it has, sealed. */
  former?: { id: string; successor: string };
  /** This request renewed the session: send its cookie again. */
  renewed: boolean;
};
