import { guarantees } from '../guarantees.gen.ts';
import type { Query } from '../sql.ts';

type Table = {
  name: string;
  enabled: boolean;
  forced: boolean;
  policies: number;
  loose: string[];
  granted: boolean;
};

const TABLES = `SELECT c.relname AS name, relrowsecurity AS enabled, relforcerowsecurity AS forced,
    (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid AND 'bulwark_app'::regrole = ANY (p.polroles)) AS policies,
    ARRAY(SELECT polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
          AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(current_user, r, 'MEMBER'))
          AND COALESCE(pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid), '') !~ 'context_(company|user)\\(\\)') AS loose,
    has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AS granted
  FROM pg_class c WHERE c.relnamespace = to_regnamespace('pgboss') AND c.relname IN ('job', 'job_common')
    OR c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND (c.relname = ANY ($1)
      OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('companyId', 'company_id') AND NOT a.attisdropped))`;

/** Each table of a model has forced row-level security, a policy and its grants (T2). */
export async function tableProblems(query: Query): Promise<string[]> {
  const models = Object.values(guarantees).filter(({ tenant, identity }) => tenant || identity);
  const tables = await query<Table>(TABLES, [models.map(({ table }) => table)]);
  const found = new Map(tables.map((table) => [table.name, table]));
  // of no model, such as the audit log's tables, and still a company's rows
  const others = tables.filter(({ name }) => !models.some(({ table }) => table === name));
  return [
    ...models.flatMap((model) => problemsOf(model.table, found.get(model.table))),
    ...others.flatMap(rowSecurityProblems),
  ];
}

function problemsOf(name: string, table: Table | undefined): string[] {
  if (!table) return [`table "${name}" is missing: run the migrations`];
  return [
    ...rowSecurityProblems(table),
    table.policies === 0 && `table "${name}" has no policy for bulwark_app`,
    !table.granted && `table "${name}" isn't granted to the server's role`,
  ].filter((problem) => problem !== false);
}

// Permissive policies add up: one without a context opens the table, however strict the others are.
const rowSecurityProblems = ({ name, enabled, forced, loose }: Table): string[] =>
  [
    !enabled && `table "${name}" has no row-level security`,
    !forced && `table "${name}" doesn't FORCE row-level security on its owner`,
    loose.length > 0 && `table "${name}" has a policy that asks for no company or user: ${loose.join(', ')}`,
  ].filter((problem) => problem !== false);
