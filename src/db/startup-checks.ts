import { guarantees } from './guarantees.gen.ts';
import type { Query } from './sql.ts';

/** The server must not start: its database doesn't keep what it promises. */
export class UnsafeDatabase extends Error {
  override readonly name = 'UnsafeDatabase';
}

/**
 * What PostgreSQL must be set to for the walls to hold (T2, L1): the role is nobody special, and every table of a model stands
 * behind forced RLS, a policy, its grants and, if audited, its trigger. All problems at once.
 */
export async function proveDatabase(query: Query): Promise<void> {
  const problems = [
    ...(await roleProblems(query)),
    ...(await tableProblems(query)),
    ...(await sealProblems(query)),
    ...(await stampProblems(query)),
  ];
  if (problems.length > 0)
    throw new UnsafeDatabase(`The database is not safe to serve from:\n  ${problems.join('\n  ')}`);
}

type Role = {
  name: string;
  superuser: boolean;
  bypass: boolean;
  creator: boolean;
  mighty: string[];
  owned: string[];
  roles: string[];
};

async function roleProblems(query: Query): Promise<string[]> {
  const [role] = await query<Role>(
    `SELECT rolname AS name, rolsuper AS superuser, rolbypassrls AS bypass, rolcreaterole AS creator,
       ARRAY(SELECT other.rolname::text FROM pg_roles other WHERE (other.rolsuper OR other.rolbypassrls OR other.rolcreaterole)
             AND other.oid <> me.oid AND NOT me.rolsuper AND pg_has_role(current_user, other.oid, 'MEMBER')) AS mighty,
       ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
             AND pg_has_role(current_user, relowner, 'MEMBER')) AS owned,
       ARRAY(SELECT other.rolname::text FROM pg_roles other WHERE other.rolname IN ('bulwark_platform', 'bulwark_identity', 'bulwark_audit')
             AND pg_has_role(current_user, other.oid, 'MEMBER')) AS roles
     FROM pg_roles me WHERE rolname = current_user`,
  );
  if (!role) return ['DATABASE_URL: the role is not to be found'];
  const who = `DATABASE_URL: the role ${role.name}`;
  return [
    role.superuser && `${who} is a superuser`,
    role.bypass && `${who} has BYPASSRLS`,
    role.creator && `${who} has CREATEROLE, so it could become any other`,
    role.mighty.length > 0 &&
      `${who} may become ${role.mighty.join(', ')}, which has SUPERUSER, BYPASSRLS or CREATEROLE`,
    role.owned.length > 0 &&
      `${who} owns tables (${role.owned.slice(0, 3).join(', ')}…): owners can switch protections off`,
    role.roles.length > 0 &&
      `${who} is a member of ${role.roles.join(', ')}; it must be a member of bulwark_app alone`,
  ].filter((problem) => problem !== false);
}

type Table = {
  name: string;
  enabled: boolean;
  forced: boolean;
  policies: number;
  loose: string[];
  granted: boolean;
  audited: boolean;
};

/** Sealed columns take nothing but ciphertext, from raw SQL neither. */
async function sealProblems(query: Query): Promise<string[]> {
  const sealed = Object.values(guarantees).flatMap(({ table, fields }) =>
    Object.entries(fields).flatMap(([column, field]) => (field.sealed ? [{ table, column }] : [])),
  );
  const kept = await query<{ table: string; name: string }>(
    `SELECT c.relname AS table, k.conname AS name FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE c.relnamespace = 'public'::regnamespace AND k.contype = 'c' AND k.convalidated`,
  );
  return sealed
    .filter(
      ({ table, column }) => !kept.some((one) => one.table === table && one.name === `${column}_sealed`),
    )
    .map(
      ({ table, column }) =>
        `"${table}"."${column}" is sealed but takes plain text: CALL protect_sealed_column`,
    );
}

const AUTHENTICATE = "'public.authenticate(text)'::regprocedure";

/**
 * Whatever `authenticate` reads beside the session must change a stamp with it, or who was let go would stay who they were: a trigger that fires
 * always, for every row and kind of change (pg_trigger.tgtype 29: row, INSERT, DELETE, UPDATE), at the end, and knows the owner's column.
 */
const UNWATCHED = `SELECT DISTINCT t[1] AS name
  FROM pg_proc p, regexp_matches(p.prosrc, '\\m(?:FROM|JOIN)\\s+(?:ONLY\\s+)?(?:public\\.)?"?(\\w+)"?', 'gi') t
  WHERE p.oid = ${AUTHENTICATE} AND t[1] NOT IN ('Session', 'LATERAL') AND NOT EXISTS (
    SELECT FROM pg_trigger g
    WHERE g.tgrelid = to_regclass(format('public.%I', t[1])) AND g.tgfoid = 'public.renew_identity_version()'::regprocedure
      AND g.tgenabled = 'A' AND g.tgtype & 29 = 29 AND g.tgattr = '' AND g.tgqual IS NULL AND g.tginitdeferred
      AND encode(g.tgargs, 'escape') = CASE WHEN t[1] IN ('Company', 'User') THEN 'id'
        WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = g.tgrelid AND a.attname = 'companyId') THEN 'companyId'
        ELSE 'userId' END || '\\000')`;

/** And what it says of the session itself must be in the session's stamp. */
const UNSTAMPED = `SELECT DISTINCT t[1] AS name FROM pg_proc p, pg_proc s, regexp_matches(p.prosrc, '\\ms\\."?(\\w+)"?', 'g') t
  WHERE p.oid = ${AUTHENTICATE} AND s.oid = 'public.identity_version_of(text)'::regprocedure
    AND s.prosrc !~ ('\\ms\\."?' || t[1] || '\\M')`;

async function stampProblems(query: Query): Promise<string[]> {
  const tables = await query<{ name: string }>(UNWATCHED);
  const columns = await query<{ name: string }>(UNSTAMPED);
  return [
    ...tables.map(
      ({ name }) => `table "${name}" says who somebody is, but lacks the trigger renew_identity_version`,
    ),
    ...columns.map(
      ({ name }) => `column "${name}" of "Session" says who somebody is, but is not in its stamp`,
    ),
  ];
}

async function tableProblems(query: Query): Promise<string[]> {
  const models = Object.values(guarantees).filter(({ tenant, identity }) => tenant || identity);
  const tables = await query<Table>(
    `SELECT c.relname AS name, relrowsecurity AS enabled, relforcerowsecurity AS forced,
       (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid AND 'bulwark_app'::regrole = ANY (p.polroles)) AS policies,
       ARRAY(SELECT polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
             AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(current_user, r, 'MEMBER'))
             AND COALESCE(pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid), '') !~ 'context_(company|user)\\(\\)') AS loose,
       has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AS granted,
       EXISTS (SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
               WHERE t.tgrelid = c.oid AND f.proname = 'audit_required' AND t.tgenabled IN ('O', 'A') AND t.tgdeferrable) AS audited
     FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND (c.relname = ANY ($1)
       OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('companyId', 'company_id') AND NOT a.attisdropped))`,
    [models.map(({ table }) => table)],
  );
  const found = new Map(tables.map((table) => [table.name, table]));
  const strays = tables.filter(({ name }) => !models.some(({ table }) => table === name));
  return [
    ...models.flatMap((model) => problemsOf(model.table, model.audited, found.get(model.table))),
    ...strays.flatMap((table) => wallProblems(table)), // no model's, like the record's own, and still a company's rows
  ];
}

function problemsOf(name: string, audited: boolean, table: Table | undefined): string[] {
  if (!table) return [`table "${name}" is missing: run the migrations`];
  return [
    ...wallProblems(table),
    table.policies === 0 && `table "${name}" has no policy for bulwark_app`,
    !table.granted && `table "${name}" isn't granted to the server's role`,
    audited &&
      !table.audited &&
      `table "${name}" is audited but lacks the trigger that refuses changes without an event`,
  ].filter((problem) => problem !== false);
}

// Policies add up: one that asks for no context opens the table, however strict the others are.
const wallProblems = ({ name, enabled, forced, loose }: Table): string[] =>
  [
    !enabled && `table "${name}" has no row-level security`,
    !forced && `table "${name}" doesn't FORCE row-level security on its owner`,
    loose.length > 0 && `table "${name}" has a policy that asks for no company or user: ${loose.join(', ')}`,
  ].filter((problem) => problem !== false);
