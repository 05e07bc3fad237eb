import pg from 'pg';
import type { Entry, Fault, Head } from './chain.ts';
import type { Source } from './source.ts';

/** Events in one fetch. */
const FETCH = 2000;

/** Opens a consistent snapshot of a database's audit log. */
export async function databaseSource(url: string): Promise<Source & { close: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  client.on('error', () => {}); // the next statement rejects with the same failure
  await client.connect();
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await assertSeesAll(client).catch(async (error) => {
    await client.end();
    throw error;
  });
  return {
    batches: () => batchesOf(client),
    heads: () => headsOf(client),
    further: () => pendingFaults(client),
    headName: 'head',
    close: () => client.end(),
  };
}

/** Rejects roles that row-level security restricts: they would see no faults of other companies. */
async function assertSeesAll(client: pg.Client): Promise<void> {
  const found = await client.query(
    `SELECT to_regclass('public.audit_event') IS NOT NULL AS log, current_database() AS name`,
  );
  if (!found.rows[0].log)
    throw new Error(
      `the database "${found.rows[0].name}" has no audit log; name the one that npm run migrate made`,
    );
  const { rows } = await client.query(
    `SELECT pg_has_role('bulwark_audit', 'USAGE') AS sees, current_user AS name`,
  );
  if (!rows[0].sees)
    throw new Error(
      `${rows[0].name} cannot read the whole audit log: connect as the database owner or a member of bulwark_audit`,
    );
}

async function* batchesOf(client: pg.Client): AsyncGenerator<Entry[]> {
  await client.query(`DECLARE events NO SCROLL CURSOR FOR
    SELECT company_id, pos, at_us, body, encode(salt, 'hex') AS salt, encode(commitment, 'hex') AS commitment, encode(link, 'hex') AS link,
           action, severity, actor_id, entity, entity_id
    FROM audit_event ORDER BY company_id, pos`);
  for (;;) {
    const { rows } = await client.query<Record<string, string>>(`FETCH ${FETCH} FROM events`);
    if (rows.length === 0) return;
    yield rows.map(stored);
  }
}

function stored(row: Record<string, string>): Entry {
  const { action, severity, actor_id, entity, entity_id } = row;
  return {
    company: String(row.company_id),
    position: BigInt(String(row.pos)),
    microseconds: BigInt(String(row.at_us)),
    body: row.body ?? null,
    salt: row.salt ?? null,
    commitment: String(row.commitment),
    link: String(row.link),
    columns: { action, severity, actor_id, entity, entity_id } as Record<string, string | null>,
  };
}

async function headsOf(client: pg.Client): Promise<Map<string, Head>> {
  const { rows } = await client.query(
    `SELECT company_id, pos, encode(link, 'hex') AS link FROM audit_head WHERE pos > 0`,
  );
  return new Map(rows.map(({ company_id, pos, link }) => [company_id, { position: BigInt(pos), link }]));
}

/** No pending event outlives its transaction. */
async function pendingFaults(client: pg.Client): Promise<Fault[]> {
  const { rows } = await client.query(`SELECT company_id, id FROM audit_pending ORDER BY company_id, id`);
  return rows.map(({ company_id, id }) => ({
    company: company_id,
    position: 'none',
    wrong: `its pending event ${id} is in no chain: put there by hand, or while its trigger was off`,
  }));
}
