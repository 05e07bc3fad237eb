import { v7 as uuidv7 } from 'uuid';
import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { guarantees } from '../../db/guarantees.gen.ts';
import type { Query } from '../../db/sql.ts';
import { roleProblems } from '../../db/startup/role.ts';
import { tableProblems } from '../../db/startup/tables.ts';
import type { Deployment } from './deployment.ts';
import { type Finding, notChecked, ok, problemsOr } from './finding.ts';

/**
 * The server's role passes no row-level security: the check of the start, against the database of
 * now.
 */
export const serverRole = async ({ query }: Deployment): Promise<Finding> =>
  problemsOr(await roleProblems(query()), 'neither owner, superuser nor BYPASSRLS');

/** Each table has row-level security, enabled and forced, with its policies. */
export const rowSecurity = async ({ query }: Deployment): Promise<Finding> =>
  problemsOr(await tableProblems(query()), 'enabled and forced on every table, with its policies');

const COMPANIES = 'SELECT id FROM "Company" ORDER BY id DESC LIMIT 20';

/**
 * Reads every table of companies, and the jobs, in the context of one company, of another one and
 * of a company that does not exist, and looks for rows of others.
 */
export async function crossCompany({ query, platform }: Deployment): Promise<Finding> {
  if (!platform) return notChecked('the companies are not known without PLATFORM_DATABASE_URL');
  const companies = (await platform<{ id: string }>(COMPANIES)).map(({ id }) => id);
  const unknown = uuidv7();
  const strangers = [...(await rowsSeen(query(unknown), null)), ...(await jobsSeen(query(unknown), unknown))];
  const [first, second] = companies;
  if (!first || !second) {
    if (strangers.length > 0) return problemsOr(strangers, '');
    return notChecked('the database has fewer than two companies');
  }
  const problems = [
    ...strangers,
    ...(await rowsSeen(query(first), first)),
    ...(await rowsSeen(query(second), second)),
    ...(await rowsSeen(query(null), null)),
    ...(await jobsSeen(query(first), first)),
    ...(await jobsSeen(query(second), second)),
  ];
  return problemsOr([...new Set(problems)], `no row of another company in ${tenantTables.length} tables`);
}

const tenantTables = Object.values(guarantees).flatMap(({ table, tenant }) =>
  tenant ? [{ table, tenant }] : [],
);

/** Returns a sentence for each table that shows rows of companies other than `own`. */
async function rowsSeen(query: Query, own: string | null): Promise<string[]> {
  const problems: string[] = [];
  for (const { table, tenant } of tenantTables) {
    const [row] = await query<{ foreign: boolean }>(
      `SELECT EXISTS (SELECT FROM "${table}" WHERE "${tenant}" IS DISTINCT FROM $1::uuid) AS foreign`,
      [own],
    );
    if (row?.foreign) problems.push(`"${table}" shows rows of other companies`);
  }
  return problems;
}

const JOBS = `SELECT EXISTS (SELECT FROM pgboss.job WHERE data ->> 'companyId' IS DISTINCT FROM $1) AS foreign`;

/** Workers and the platform see the jobs of every company; a company sees its own. */
async function jobsSeen(query: Query, own: string): Promise<string[]> {
  if (own === PLATFORM_ID) return [];
  const [row] = await query<{ foreign: boolean }>(JOBS, [own]);
  return row?.foreign ? ['pgboss.job shows jobs of other companies'] : [];
}

/** Every foreign key, and every column that a policy compares with the company, leads an index. */
const UNINDEXED = `
  SELECT c.relname AS table, k.conname AS name FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
      AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
  UNION ALL
  SELECT name, name || '.' || tenant FROM unnest($1::text[], $2::text[]) AS given (name, tenant)
  WHERE NOT EXISTS (
    SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = to_regclass(format('public.%I', name)) AND i.indisvalid AND i.indpred IS NULL AND a.attname = tenant)
  ORDER BY 1, 2`;

export async function indexes({ query }: Deployment): Promise<Finding> {
  const columns = [tenantTables.map(({ table }) => table), tenantTables.map(({ tenant }) => tenant)];
  const rows = await query()<{ table: string; name: string }>(UNINDEXED, columns);
  const names = rows.map(({ table, name }) => `${name} of "${table}"`);
  return names.length > 0
    ? problemsOr([`no index leads with ${names.join(', ')}`], '')
    : ok('every foreign key and policy column leads an index');
}
