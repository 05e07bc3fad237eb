import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { newTotpSecret } from '../../../src/auth/codes/totp.ts';
import { sealSecret } from '../../../src/auth/secrets/sealed-secret.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import type { PolicyLine } from '../../../src/schema/policy/policy-map.ts';
import type { World } from '../server/world.ts';

/**
 * How an operation of this line is answered to a caller whose role may use it or not; `null` is not
 * refused.
 */
type Refusal = (line: PolicyLine, may: boolean) => ErrorCode | null;

export type MfaState = {
  /**
   * For how many days a second factor has been required of them; 8 is past the time that they are
   * given.
   */
  requiredFor: number | null;
  factor: boolean;
  /** How many minutes ago this session proved it, of which ten count as just now. */
  proven: number | null;
  /** They come with an access token. */
  tokens?: true;
  refusal: Refusal;
};

const byRole: Refusal = (_line, may) => (may ? null : 'FORBIDDEN');
/** Who may not do a thing at all is told so first. */
const stepUpIsDue: Refusal = (line, may) => (may && line.stepUp ? 'STEP_UP_REQUIRED' : byRole(line, may));
const mustEnrol: Refusal = (line) => (line.mfa ? 'ENROLMENT_REQUIRED' : null);

/**
 * Where a session can stand with its second factor, and what that makes of each operation. A new
 * state goes here.
 */
export const mfaStates = {
  'without a factor, and none is required': {
    ...{ requiredFor: null, factor: false, proven: null, refusal: byRole },
  },
  'without a factor, one required, in time': {
    ...{ requiredFor: 6, factor: false, proven: null, refusal: byRole },
  },
  'without a factor, one required, too late': {
    ...{ requiredFor: 8, factor: false, proven: null, refusal: mustEnrol },
  },
  'with a factor that this session has not proven': {
    ...{ requiredFor: 8, factor: true, proven: null, refusal: stepUpIsDue },
  },
  'with a factor, proven just now': {
    ...{ requiredFor: 8, factor: true, proven: 9, refusal: byRole },
  },
  'with a factor, proven too long ago': {
    ...{ requiredFor: 8, factor: true, proven: 11, refusal: stepUpIsDue },
  },
  'by an access token, the factor proven too long ago': {
    ...{ requiredFor: 8, factor: true, proven: 11, tokens: true, refusal: stepUpIsDue },
  },
} satisfies Record<string, MfaState>;
export type MfaStateName = keyof typeof mfaStates;
/** The states of users who have a second factor, or of those who have none. */
export const statesWithFactor = (factor: boolean): MfaStateName[] =>
  (Object.keys(mfaStates) as MfaStateName[]).filter((name) => mfaStates[name].factor === factor);

export type StateUser = { userId: string; companyId: string; email: string; state: MfaState };

/**
 * Who is in which state, put there without audit events: no test waits for days or hashes a
 * thousand passwords.
 */
export type States = {
  /**
   * A user of their own in this state, with the password, roles and places of the member with this
   * e-mail.
   */
  userLike(email: string, state: MfaState): Promise<StateUser>;
  /** The token of a new session of theirs, as signing in would leave it. */
  sessionOf(user: StateUser): Promise<string>;
  end(): Promise<void>;
};

export async function openStates({ database, services }: World): Promise<States> {
  const db = new pg.Client({ connectionString: database.ownerUrl });
  await db.connect();
  await db.query('SET session_replication_role = replica');
  return {
    async userLike(like, state) {
      const userId = randomUUID();
      const email = `${userId}@state.example`;
      await db.query(`INSERT INTO "User" (id, email, name) VALUES ($1, $2, 'State')`, [userId, email]);
      await db.query(CREDENTIAL, [like, userId]);
      const [{ companyId }] = (await db.query(MEMBERSHIP, [like, userId, randomUUID(), state.requiredFor]))
        .rows as [{ companyId: string }];
      if (state.factor) {
        const id = randomUUID();
        const sealed = await sealSecret(services.keyring, 'totp', id, newTotpSecret());
        await db.query(FACTOR, [id, userId, sealed]);
      }
      return { userId, companyId, email, state };
    },
    async sessionOf({ userId, companyId, state }) {
      const token = randomBytes(32).toString('base64url');
      const hash = createHash('sha256').update(token).digest('hex');
      await db.query(SESSION, [hash, userId, companyId, state.proven]);
      return token;
    },
    end: () => db.end(),
  };
}

const CREDENTIAL = `INSERT INTO "Credential" ("userId", "passwordHash")
  SELECT $2, c."passwordHash" FROM "Credential" c JOIN "User" p ON p.id = c."userId" WHERE p.email = $1`;
/** The teams go with it. */
const MEMBERSHIP = `WITH like_this AS (SELECT * FROM "Membership" WHERE email = $1 AND status = 'active'), made AS (
    INSERT INTO "Membership" ("companyId", id, "userId", email, name, roles, "branchId", "departmentId", "mfaRequired", "mfaGraceFrom")
    SELECT "companyId", $3::uuid, $2::uuid, $2::text || '@state.example', 'State', roles, "branchId", "departmentId",
      $4::int IS NOT NULL, now() - $4::int * interval '1 day' FROM like_this RETURNING "companyId"),
  seated AS (INSERT INTO "TeamMember" ("companyId", id, "teamId", "membershipId")
    SELECT t."companyId", gen_random_uuid(), t."teamId", $3::uuid FROM "TeamMember" t JOIN like_this m ON t."membershipId" = m.id)
  SELECT "companyId" FROM made`;
const FACTOR = `INSERT INTO "TotpFactor" (id, "userId", secret, "confirmedAt") VALUES ($1, $2, $3, now())`;
const SESSION = `INSERT INTO "Session" (id, "userId", "companyId", methods, "mfaAt", "expiresAt", "absoluteExpiresAt")
  VALUES ($1, $2, $3, '{pwd}', now() - $4::int * interval '1 minute', now() + interval '1 hour', now() + interval '12 hours')`;
