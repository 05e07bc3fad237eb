import type { Query } from '../sql.ts';

/**
 * The tables that `authenticate` reads beside "Session", each with the column that holds the owner
 * of its identity version. test/db/startup/identity-versions.test.ts compares them with the
 * function's text and with chapter 17.
 */
export const versionedTables: Readonly<Record<string, 'id' | 'companyId' | 'userId'>> = {
  Company: 'id',
  Membership: 'companyId',
  Team: 'companyId',
  TeamMember: 'companyId',
  Role: 'companyId',
  SignInPolicy: 'companyId',
  User: 'id',
  TotpFactor: 'userId',
  Passkey: 'userId',
  ContactFactor: 'userId',
  BackupCode: 'userId',
};

/**
 * The trigger fires for each row and kind of change (pg_trigger.tgtype 29), at COMMIT, always,
 * without a condition.
 */
const WITHOUT_TRIGGER = `SELECT name FROM unnest($1::text[], $2::text[]) AS expected (name, owner)
  WHERE NOT EXISTS (
    SELECT FROM pg_trigger g
    WHERE g.tgrelid = to_regclass(format('public.%I', name)) AND g.tgfoid = to_regprocedure('public.renew_identity_version()')
      AND g.tgenabled = 'A' AND g.tgtype & 29 = 29 AND g.tgattr = '' AND g.tgqual IS NULL AND g.tginitdeferred
      AND encode(g.tgargs, 'escape') = owner || '\\000')`;

/**
 * Without its trigger a change of a role or membership would not reach the sessions that servers
 * have cached.
 */
export async function identityVersionProblems(query: Query): Promise<string[]> {
  const names = Object.keys(versionedTables);
  const missing = await query<{ name: string }>(WITHOUT_TRIGGER, [names, Object.values(versionedTables)]);
  return missing.map(
    ({ name }) => `table "${name}" is read by authenticate, but lacks the trigger renew_identity_version`,
  );
}
