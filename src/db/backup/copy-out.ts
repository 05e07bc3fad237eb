import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/**
 * A table of a backup; its rows follow in blocks, each after its length (4 bytes, big-endian; 0:
 * the end).
 */
export type TableLine = { table: string; columns: string[] };
/** The last line. */
export type SequencesLine = { sequences: { name: string; value: string; called: boolean }[] };

export const MIGRATIONS_TABLE = 'public._prisma_migrations';
const END = Buffer.alloc(4);

/** Of generated columns PostgreSQL computes the values itself. */
export const COLUMNS = `SELECT array_agg(quote_ident(attname) ORDER BY attnum) AS columns FROM pg_attribute
  WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`;
export const SEQUENCES = `SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences ORDER BY 1`;

/**
 * Yields the rows of each table, in the text format of COPY, from the transaction that `db` is in.
 * The tables themselves come from the migrations.
 */
export async function* copyOut(db: pg.Client, tables: string[]): AsyncGenerator<Buffer> {
  for (const table of tables.filter((name) => name !== MIGRATIONS_TABLE)) {
    const columns: string[] = (await db.query(COLUMNS, [table])).rows[0].columns;
    yield Buffer.from(`${JSON.stringify({ table, columns } satisfies TableLine)}\n`);
    for await (const block of db.query(copyTo(`COPY ${table} (${columns.join()}) TO STDOUT`))) {
      yield lengthOf(block);
      yield block;
    }
    yield END;
  }
  yield Buffer.from(`${JSON.stringify({ sequences: await sequencesOf(db) } satisfies SequencesLine)}\n`);
}

function lengthOf(block: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(block.length);
  return length;
}

async function sequencesOf(db: pg.Client): Promise<SequencesLine['sequences']> {
  const found: SequencesLine['sequences'] = [];
  for (const { name } of (await db.query(SEQUENCES)).rows) {
    const { last_value, is_called } = (await db.query(`SELECT last_value, is_called FROM ${name}`)).rows[0];
    found.push({ name, value: last_value, called: is_called });
  }
  return found;
}
