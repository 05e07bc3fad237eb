import type { Factor } from './factor.ts';
import type { RoleCatalogue } from './roles.ts';
import type { SignInPolicy } from './sign-in-policy.ts';

/** An active membership, as the database functions of sign-in return it. */
export type Membership = {
  id: string;
  company: { id: string; name: string; currency: string };
  roles: string[];
  branchId: string | null;
  departmentId: string | null;
  teams: { id: string; roles: string[] }[];
  customRoles: RoleCatalogue;
  /**
   * Whether a second factor is required of this member individually, and since when it is required
   * for any reason.
   */
  mfaRequired: boolean;
  mfaGraceFrom: string | null;
  /** The company's policy; null without settings, see `policyOf` in sign-in-policy.ts. */
  policy: SignInPolicy | null;
};

/** A valid session, its user, and their active memberships. `session.id` is the token's hash. */
export type Identity = {
  session: {
    id: string;
    companyId: string | null;
    /** The authentication methods (RFC 8176 names), and when a second factor was last verified. */
    methods: string[];
    mfaAt: Date | null;
    createdAt: Date;
    lastUsedAt: Date;
    /** The idle limit, and the longest one that the session had. */
    idleSeconds: number;
    longestIdleSeconds: number;
    /** Companies in which it has acted beside its own. */
    enteredCompanies: string[];
  };
  user: {
    id: string;
    email: string;
    name: string;
    language: string;
    emailVerified: boolean;
    /** The available second factors. */
    factors: Factor[];
  };
  memberships: Membership[];
};

/** The identity that a session's token authenticates, with its session. */
export type Authenticated = Identity & {
  /**
   * `rotateDue`: another user changed its user's permissions, so its token must rotate
   * (session/rotation.ts).
   */
  session: { expiresAt: Date; absoluteExpiresAt: Date; rotateDue: boolean };
  /** Set when the former token was used; `successor` is the current one, sealed. */
  former?: { id: string; successor: string };
  /** This request renewed the session: send its cookie again. */
  renewed: boolean;
};
