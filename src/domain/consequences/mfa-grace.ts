import { type Origin, system } from '../../audit/record/body.ts';
import { type RecordedChange, recordChanges } from '../../audit/record/declaration.ts';
import type { Actor } from '../../auth/authorization/actor.ts';
import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { defaultPolicy } from '../../auth/authorization/sign-in-policy.ts';
import { transactionAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import type { Consequence } from './consequence.ts';

type Row = { id: string; before: Date | null; after: Date | null };
type Run = (sql: string, values: unknown[]) => Promise<Row[]>;

/**
 * The rule of auth/authorization/mfa-demand.ts for the active members of a company, or for one;
 * returns those whose result changed. A grace period that has begun continues, however often the
 * requirement ends and applies again.
 */
const SETTLE = `WITH asked AS (
    SELECT m.id, m."userId", m."mfaGraceFrom" AS before,
      $1::uuid = $2::uuid OR m."mfaRequired" OR COALESCE(p."mfaRequired", false) OR COALESCE(p."mfaRoles", $3::text[]) && (m.roles || ARRAY(
        SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
        WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id)) AS required
    FROM "Membership" m LEFT JOIN "SignInPolicy" p ON p."companyId" = m."companyId"
    WHERE m."companyId" = $1::uuid AND m.status = 'active' AND ($4::uuid IS NULL OR m.id = $4::uuid)),
  begun AS (
    INSERT INTO "MfaGrace" AS g ("companyId", id) SELECT $1::uuid, "userId" FROM asked WHERE required AND before IS NULL
    ON CONFLICT ("companyId", id) DO UPDATE SET "startedAt" = g."startedAt" RETURNING g.id AS "userId", "startedAt")
  UPDATE "Membership" m SET "mfaGraceFrom" = begun."startedAt" FROM asked LEFT JOIN begun USING ("userId")
  WHERE m."companyId" = $1::uuid AND m.id = asked.id AND asked.required <> (asked.before IS NOT NULL)
    AND m."mfaGraceFrom" IS NOT DISTINCT FROM asked.before
  RETURNING m.id, asked.before, m."mfaGraceFrom" AS after`;

/**
 * Sets the start of the grace period of each member of whom a second factor is now required, and
 * clears it where none is.
 */
export async function settleGrace(
  run: Run,
  companyId: string,
  memberId: string | null = null,
): Promise<RecordedChange[]> {
  const rows = await run(SETTLE, [companyId, PLATFORM_ID, defaultPolicy.mfaRoles, memberId]);
  return rows.map(({ id, before, after }) => ({
    action: after === null ? 'mfa.noLongerRequired' : 'mfa.graceStarted',
    entity: 'Membership',
    entityId: id,
    before: { id, mfaGraceFrom: before },
    after: { id, mfaGraceFrom: after },
  }));
}

/** Tables that the MFA requirement depends on, with the members that a change affects. */
const DECIDES = new Set(['Membership', 'Team', 'TeamMember', 'SignInPolicy']);

/** Starts or ends the MFA requirement after any change of roles, teams or policy. */
export const mfaGrace: Consequence = {
  apply: async (tx, companyId, changes) =>
    changes.some(({ entity }) => DECIDES.has(entity))
      ? settleGrace((sql, values) => tx.$queryRawUnsafe(sql, ...values), companyId)
      : [],
};

export const isGraceLate = ({ assurance }: Actor): boolean =>
  assurance?.demand.required === true && !assurance.demand.graceEnds;

/**
 * Begins the grace period of a member whose row is older than the requirement, with their next
 * request.
 */
export async function beginLateGrace(
  { pool }: { pool: TenantPool },
  origin: Origin,
  actor: Actor,
): Promise<void> {
  if (!isGraceLate(actor)) return;
  const { companyId, membershipId } = actor;
  await transactionAs(pool, { companyId, userId: null }, async (query) => {
    const names = await settleGrace(query, companyId, membershipId);
    if (names.length > 0) await recordChanges(query, { performer: system, origin, names });
  });
}
