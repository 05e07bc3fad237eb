import { guarantees } from '../guarantees.gen.ts';
import type { Query } from '../sql.ts';

const CHECKED = `SELECT c.relname AS table, k.conname AS name FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  WHERE c.relnamespace = 'public'::regnamespace AND k.contype = 'c' AND k.convalidated`;

/** Each encrypted column has the CHECK that refuses plain text, also from raw SQL. */
export async function sealedColumnProblems(query: Query): Promise<string[]> {
  const checked = await query<{ table: string; name: string }>(CHECKED);
  return sealedColumns()
    .filter(
      ({ table, column }) => !checked.some((one) => one.table === table && one.name === `${column}_sealed`),
    )
    .map(
      ({ table, column }) =>
        `"${table}"."${column}" is sealed but takes plain text: CALL protect_sealed_column`,
    );
}

const sealedColumns = () =>
  Object.values(guarantees).flatMap(({ table, fields }) =>
    Object.entries(fields).flatMap(([column, field]) => (field.sealed ? [{ table, column }] : [])),
  );
