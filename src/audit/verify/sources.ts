import { createReadStream } from 'node:fs';
import pg from 'pg';
import type { Head, Link } from './chain.ts';

/** Links in one fetch. */
const FETCH = 2000;

/** Reads links of exported JSON Lines. Throws with the line number of a malformed line. */
export async function* linksOfFile(path: string): AsyncGenerator<Link> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  let number = 0;
  for await (const line of linesOf(input)) {
    number += 1;
    if (line.trim() !== '') yield linkOf(line, number);
  }
}

/** Splits at 0x0A alone: node:readline also splits at U+2028, which a JSON text may hold. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of input) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest + decoder.decode();
}

function linkOf(line: string, number: number): Link {
  try {
    const { c, p, t, b, h } = JSON.parse(line) as Record<string, unknown>;
    const texts = [c, b, h].every((value) => typeof value === 'string');
    if (!texts || !/^[0-9a-f-]{36}$/.test(String(c)) || !/^[0-9a-f]{64}$/.test(String(h))) throw new Error();
    return {
      company: String(c),
      position: BigInt(p as string),
      microseconds: BigInt(t as string),
      body: String(b),
      hash: String(h),
    };
  } catch {
    throw new Error(
      `line ${number}: expected {"c": company, "p": position, "t": microseconds, "b": body, "h": hash}`,
    );
  }
}

/** A consistent snapshot of a database's audit log: `heads` and `strays` match `links`. */
export type Snapshot = {
  links: () => AsyncGenerator<Link>;
  heads: () => Promise<Map<string, Head>>;
  /** Events outside of any chain: company and id. */
  strays: () => Promise<{ company: string; id: string }[]>;
  close: () => Promise<void>;
};

export async function snapshotOf(url: string): Promise<Snapshot> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  await client.connect();
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await assertSeesAll(client).catch(async (error) => {
    await client.end();
    throw error;
  });
  return {
    links: () => linksOf(client),
    heads: () => headsOf(client),
    strays: () => straysOf(client),
    close: () => client.end(),
  };
}

/** Rejects roles that row-level security restricts: they would see no faults of other companies. */
async function assertSeesAll(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT pg_has_role('bulwark_audit', 'USAGE') AS sees, current_user AS name`,
  );
  if (!rows[0].sees)
    throw new Error(
      `${rows[0].name} cannot read the whole audit log: connect as the database owner or a member of bulwark_audit`,
    );
}

async function* linksOf(client: pg.Client): AsyncGenerator<Link> {
  await client.query(`DECLARE links NO SCROLL CURSOR FOR
    SELECT c.company_id, c.pos, c.event_id, c.at_us, encode(c.leaf, 'hex') AS leaf, encode(c.hash, 'hex') AS hash,
           e.company_id AS event_company, e.body, e.action, e.severity, e.actor_id, e.entity, e.entity_id
    FROM audit_chain c LEFT JOIN audit_event e ON e.id = c.event_id ORDER BY c.company_id, c.pos`);
  for (;;) {
    const { rows } = await client.query(`FETCH ${FETCH} FROM links`);
    if (rows.length === 0) return;
    for (const row of rows) yield stored(row);
  }
}

function stored(row: Record<string, string>): Link {
  const { action, severity, actor_id, entity, entity_id } = row;
  const columns = { action, severity, actor_id, entity, entity_id } as Record<string, string | null>;
  return {
    company: String(row.company_id),
    position: BigInt(String(row.pos)),
    microseconds: BigInt(String(row.at_us)),
    hash: String(row.hash),
    body: row.body ?? null,
    event: { id: String(row.event_id), company: row.event_company ?? null, leaf: String(row.leaf), columns },
  };
}

async function headsOf(client: pg.Client): Promise<Map<string, Head>> {
  const { rows } = await client.query(
    `SELECT company_id, pos, at_us, encode(hash, 'hex') AS hash FROM audit_head`,
  );
  return new Map(
    rows.map((row) => [
      row.company_id,
      { position: BigInt(row.pos), hash: row.hash, microseconds: BigInt(row.at_us) },
    ]),
  );
}

async function straysOf(client: pg.Client): Promise<{ company: string; id: string }[]> {
  const { rows } = await client.query(`SELECT e.company_id AS company, e.id FROM audit_event e
    WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.event_id = e.id) ORDER BY e.id`);
  return rows;
}
