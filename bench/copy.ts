import type pg from 'pg';

export type Column = { name: string; type: string };
export type Row = unknown[];

const BATCH = 5_000;

/** Rows for one table, sent in batches. A `text_array` is given as PostgreSQL writes it: {a,b}. */
export function copy(db: pg.Client, table: string, columns: Column[]) {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const arrays = columns
    .map(({ type }, index) => `$${index + 1}::${type.replace('_array', '')}[]`)
    .join(', ');
  const casts = columns.map(({ name, type }) => (type === 'text_array' ? `"${name}"::text[]` : `"${name}"`));
  const sql = `INSERT INTO ${table} (${names}) SELECT ${casts.join(', ')} FROM unnest(${arrays}) AS rows (${names})`;
  let rows: Row[] = [];
  const flush = async () => {
    if (rows.length === 0) return;
    const values = columns.map((_, index) => rows.map((row) => row[index]));
    rows = [];
    await db.query(sql, values);
  };
  const add = async (row: Row) => {
    if (rows.push(row) >= BATCH) await flush();
  };
  return { add, flush };
}
