import { guarantees } from '../guarantees.gen.ts';
import type { Query } from '../sql.ts';

/**
 * What a place lies in, and the column that says so; `by` is null where a third place is in
 * between.
 */
const OUTER: readonly { inner: string; outer: string; by: string | null }[] = [
  { inner: 'Department', outer: 'Branch', by: 'branchId' },
  { inner: 'Team', outer: 'Department', by: 'departmentId' },
  { inner: 'Team', outer: 'Branch', by: null },
];
const TABLES = { branch: 'Branch', department: 'Department', team: 'Team' } as const;

/**
 * A foreign key to a branch, department or team: pairs of a column here and the column that it
 * refers to.
 */
type PlaceKey = { table: string; place: string; columns: [here: string, there: string][] };
type Facts = { keys: PlaceKey[]; nullable: Set<string>; checks: Set<string> };

/**
 * Lists tables that could hold places that do not belong together [R4]: a department of another
 * branch, a team of another department, or one without the other. Each place column needs a foreign
 * key, which names what the place lies in.
 */
export async function placeProblems(query: Query): Promise<string[]> {
  const facts = await factsOf(query);
  const problems = facts.keys.flatMap((key) =>
    OUTER.filter(({ inner }) => inner === key.place).flatMap((rule) => untied(key, rule, facts)),
  );
  return [...new Set([...unboundColumns(facts), ...problems])];
}

const KEYS = `SELECT c.relname AS table, f.relname AS place,
    ARRAY(SELECT ARRAY[h.attname::text, t.attname::text] FROM unnest(k.conkey, k.confkey) AS pair (here, there)
          JOIN pg_attribute h ON h.attrelid = k.conrelid AND h.attnum = pair.here
          JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = pair.there) AS columns
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
  WHERE k.contype = 'f' AND k.convalidated AND c.relnamespace = 'public'::regnamespace AND f.relname = ANY ($1)`;
const NULLABLE = `SELECT format('%s.%s', c.relname, a.attname) AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attnotnull`;
const CHECKS = `SELECT format('%s %s', c.relname, pg_get_constraintdef(k.oid)) AS name FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  WHERE k.contype = 'c' AND k.convalidated AND c.relnamespace = 'public'::regnamespace`;

async function factsOf(query: Query): Promise<Facts> {
  const names = async (sql: string) => new Set((await query<{ name: string }>(sql)).map(({ name }) => name));
  const keys = await query<PlaceKey>(KEYS, [Object.values(TABLES)]);
  return { keys, nullable: await names(NULLABLE), checks: await names(CHECKS) };
}

/**
 * Columns that @visible takes for a branch, department or team, although nothing says that they are
 * one.
 */
function unboundColumns({ keys }: Facts): string[] {
  return Object.values(guarantees).flatMap(({ table, visible, fields }) =>
    Object.entries(TABLES).flatMap(([dimension, place]) => {
      const column = visible?.[dimension as keyof typeof TABLES];
      if (!column || !(column in fields)) return [];
      const bound = keys.some((key) => key.table === table && key.place === place && holds(key, column));
      return bound
        ? []
        : [`"${table}"."${column}" has no foreign key to "${place}", as which @visible names it`];
    }),
  );
}

function untied(
  key: PlaceKey,
  { outer, by }: (typeof OUTER)[number],
  { keys, nullable, checks }: Facts,
): string[] {
  const { table, place } = key;
  const idsOf = (name: string) =>
    keys.filter((one) => one.table === table && one.place === name).map(idColumn);
  const others = idsOf(outer);
  if (others.length === 0 || (by === null && idsOf('Department').length > 0)) return [];
  const tie = key.columns.find(([, there]) => there === by)?.[0];
  if (!tie || !others.includes(tie))
    return [
      `table "${table}" names a "${place}" and a "${outer}" that need not belong together: one foreign key must hold both`,
    ];
  const inner = idColumn(key);
  const required = `${table} CHECK ((("${inner}" IS NULL) OR ("${tie}" IS NOT NULL)))`;
  if (!nullable.has(`${table}.${tie}`) || checks.has(required)) return [];
  return [
    `table "${table}" takes "${inner}" without "${tie}": add CHECK ("${inner}" IS NULL OR "${tie}" IS NOT NULL)`,
  ];
}

const holds = ({ columns }: PlaceKey, column: string): boolean => columns.some(([here]) => here === column);
const idColumn = ({ columns }: PlaceKey): string => columns.find(([, there]) => there === 'id')?.[0] ?? '';
