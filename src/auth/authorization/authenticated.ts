import type { Identity } from './identity.ts';

/** The identity that a session's token authenticates, with its session. */
export type Authenticated = Identity & {
  /** `rotateDue`: another user changed its user's permissions, so its token must rotate (session/rotation.ts). */
  session: { expiresAt: Date; absoluteExpiresAt: Date; rotateDue: boolean };
  /** Set when the former token was used; `successor` is the current one, sealed. */
  former?: { id: string; successor: string };
  /** This request renewed the session: send its cookie again. */
  renewed: boolean;
};
