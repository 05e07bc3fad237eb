import { guarantees } from '../guarantees.gen.ts';
import type { Query } from '../sql.ts';

const SEALED = `SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_constraint k ON k.contypid = a.atttypid
  WHERE c.relnamespace = 'public'::regnamespace AND pg_get_constraintdef(k.oid) = 'CHECK (is_sealed(VALUE))'`;

/** Each encrypted column has the type that refuses plain text, also from raw SQL. */
export async function sealedColumnProblems(query: Query): Promise<string[]> {
  const sealed = await query<{ table: string; column: string }>(SEALED);
  return sealedColumns()
    .filter(({ table, column }) => !sealed.some((one) => one.table === table && one.column === column))
    .map(
      ({ table, column }) =>
        `"${table}"."${column}" is sealed but takes plain text: CALL protect_sealed_column`,
    );
}

const sealedColumns = () =>
  Object.values(guarantees).flatMap(({ table, fields }) =>
    Object.entries(fields).flatMap(([column, field]) => (field.sealed ? [{ table, column }] : [])),
  );
