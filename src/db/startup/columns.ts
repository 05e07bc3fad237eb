import { schemaPlace } from '../../config/schema-place.ts';
import { type FieldGuarantee, guarantees } from '../guarantees.gen.ts';
import type { Query } from '../sql.ts';

const COLUMNS = `SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`;

/** Each column of a model is in its table; a missing table is one problem of its own. */
export async function columnProblems(query: Query): Promise<string[]> {
  const rows = await query<{ table: string; column: string }>(COLUMNS);
  const tables = new Set(rows.map(({ table }) => table));
  const columns = new Set(rows.map(({ table, column }) => `${table}.${column}`));
  return Object.entries(guarantees).flatMap(([model, { table, fields }]) =>
    Object.entries(fields)
      .filter(([name, { relation }]) => !relation && tables.has(table) && !columns.has(`${table}.${name}`))
      .map(([name, field]) => missing(model, table, name, field)),
  );
}

const missing = (model: string, table: string, name: string, field: FieldGuarantee): string =>
  `${schemaPlace(model, new RegExp(`^\\s*${name}\\s`))}: table "${table}" lacks the column "${name}"; add a migration under prisma/migrations, ` +
  `such as ALTER TABLE "${table}" ADD COLUMN "${name}" ${typeOf(field)};`;

/** Nullable: rows that exist already have no value. */
const typeOf = ({ sql, type }: FieldGuarantee): string =>
  sql === undefined || sql === 'enum' || sql === 'other' ? `"${type}"` : sql.toUpperCase();
