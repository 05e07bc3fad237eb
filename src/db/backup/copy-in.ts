import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import { StartupError } from '../../config/startup-error.ts';
import type { ByteReader } from './byte-reader.ts';
import { COLUMNS, MIGRATIONS_TABLE, SEQUENCES, type SequencesLine, type TableLine } from './copy-out.ts';
import { jsonOf } from './manifest.ts';
import { TABLES } from './snapshot.ts';

/** Foreign keys refer both ways between tables, so that no order of tables satisfies them. */
const FOREIGN_KEYS = `SELECT conrelid::regclass::text AS name, quote_ident(conname) AS part, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 ORDER BY conname`;
const TRIGGERS = `SELECT tgrelid::regclass::text AS name, quote_ident(tgname) AS part, tgenabled AS state
  FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' ORDER BY tgname`;
const PROTECTED = `SELECT oid::regclass::text AS name FROM pg_class WHERE relrowsecurity AND relkind IN ('r', 'p')`;
const STATES: Record<string, string> = { O: '', A: 'ALWAYS', R: 'REPLICA' };

type Part = { name: string; part: string; definition: string; state: string };

const tableLine = z.object({ table: z.string(), columns: z.array(z.string()) });
const sequencesLine = z.object({
  sequences: z.array(z.object({ name: z.string(), value: z.string().regex(/^\d+$/), called: z.boolean() })),
});

/**
 * Fills the tables that the migrations made, in one transaction: without triggers, which would
 * write audit events, and without row-level security and foreign keys, which are in force again and
 * verified at its end.
 * @returns the rows by table
 * @throws {StartupError} for a table, a column or a sequence that the migrations did not make
 */
export async function copyIn(db: pg.Client, content: ByteReader): Promise<Record<string, number>> {
  await db.query('BEGIN');
  try {
    const restore = await unprotected(db);
    const counts = await readTables(db, content);
    for (const statement of restore) await db.query(statement);
    await db.query('COMMIT');
    return counts;
  } catch (error) {
    await db.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Takes away what a load must not meet, and returns the statements that bring it back. */
async function unprotected(db: pg.Client): Promise<string[]> {
  const rows = async (sql: string) => (await db.query<Part>(sql)).rows;
  const [keys, triggers, tables] = [await rows(FOREIGN_KEYS), await rows(TRIGGERS), await rows(PROTECTED)];
  const changes = [
    ...keys.map(({ name, part, definition }) => [
      `ALTER TABLE ${name} DROP CONSTRAINT ${part}`,
      `ALTER TABLE ${name} ADD CONSTRAINT ${part} ${definition}`,
    ]),
    ...triggers.map(({ name, part, state }) => [
      `ALTER TABLE ${name} DISABLE TRIGGER ${part}`,
      `ALTER TABLE ${name} ENABLE ${STATES[state]} TRIGGER ${part}`,
    ]),
    ...tables.map(({ name }) => [
      `ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY`,
      `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`,
    ]),
  ];
  for (const [before] of changes) await db.query(before as string);
  return changes.map(([, after]) => after as string);
}

async function readTables(db: pg.Client, content: ByteReader): Promise<Record<string, number>> {
  const { rows } = await db.query('SELECT count(*)::int AS count FROM public._prisma_migrations');
  const counts: Record<string, number> = { [MIGRATIONS_TABLE]: rows[0].count };
  const known = await columnsByTable(db);
  for (;;) {
    const line = lineOf(await content.line());
    if ('sequences' in line) {
      await setSequences(db, line);
      return counts;
    }
    assertInCatalogue(known, line);
    counts[line.table] = await readTable(db, line, content);
  }
}

function lineOf(text: string): TableLine | SequencesLine {
  const parsed = z.union([sequencesLine, tableLine]).safeParse(jsonOf(text));
  if (!parsed.success) throw refused('a line that no table begins with');
  return parsed.data;
}

/** Columns as a statement names them, and so are the tables. */
async function columnsByTable(db: pg.Client): Promise<Map<string, string[]>> {
  const known = new Map<string, string[]>();
  for (const { name } of (await db.query<{ name: string }>(TABLES)).rows)
    if (name !== MIGRATIONS_TABLE) known.set(name, (await db.query(COLUMNS, [name])).rows[0].columns);
  return known;
}

/** Names of a file go into statements only when they are those of the catalogue. */
function assertInCatalogue(known: Map<string, string[]>, { table, columns }: TableLine): void {
  const own = known.get(table);
  if (!own) throw refused(`the table ${quoted(table)}`);
  const other = [...columns, ...own].find((name) => !own.includes(name) || !columns.includes(name));
  if (other !== undefined || columns.length !== own.length)
    throw refused(`other columns of the table ${table}`);
}

const refused = (part: string) =>
  new StartupError(`The backup has ${part}, unlike its migrations; restore no file that others could write.`);
/** Without control characters, which a terminal would obey. */
const quoted = (name: string) => JSON.stringify(name.slice(0, 60));

async function readTable(db: pg.Client, { table, columns }: TableLine, content: ByteReader): Promise<number> {
  await db.query(`DELETE FROM ${table}`); // what a migration put there
  const copy = db.query(copyFrom(`COPY ${table} (${columns.join()}) FROM STDIN`));
  await pipeline(Readable.from(blocks(content), { objectMode: false }), copy);
  return copy.rowCount;
}

async function* blocks(content: ByteReader): AsyncGenerator<Buffer> {
  for (;;) {
    const length = (await content.exactly(4)).readUInt32BE();
    if (length === 0) return;
    yield await content.exactly(length);
  }
}

async function setSequences(db: pg.Client, { sequences }: SequencesLine): Promise<void> {
  const known = (await db.query<{ name: string }>(SEQUENCES)).rows.map(({ name }) => name);
  const other = sequences.find(({ name }) => !known.includes(name));
  if (other) throw refused(`the sequence ${quoted(other.name)}`);
  for (const { name, value, called } of sequences)
    await db.query('SELECT setval($1::text::regclass, $2, $3)', [name, value, called]);
}
