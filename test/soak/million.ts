/**
 * `npm run audit-load`: 64 connections update rows as the server's role, each update a commit with
 * its audit event, in 16 companies, a quarter
 * of the connections in the first. Then verifies the whole log. Prints events a second written and
 * verified; exits with 1 when the log has
 * a fault, not one event for each commit, or a row that is not as its last event tells it.
 * `--events N` writes N instead of a million, `--changes N` N in each transaction instead of one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { verifyDatabase } from '../../src/audit/verify/verify.ts';
import { bootstrap } from '../../src/db/embedded/bootstrap.ts';
import { connectAs, declare, inTransaction, newCompany } from '../support/audit-scene.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    changes: { type: 'string', default: '1' },
  },
});
const EVENTS = Number(values.events);
const CHANGES = Number(values.changes);
const WRITERS = 64;
const COMPANIES = 16;
const DECLARED = pg.escapeLiteral('{"{\\"kind\\":\\"system\\"}",load,NULL,NULL,NULL}');

type Writer = { db: pg.Client; branchIds: string[] };

async function openWriters(appUrl: string): Promise<Writer[]> {
  const companies: string[] = [];
  for (let index = 0; index < COMPANIES; index++) {
    const { id, db } = await newCompany(appUrl);
    await db.end();
    companies.push(id);
  }
  const writers = Array.from({ length: WRITERS }, (_, index) =>
    openWriter(appUrl, companies[index % 4 === 0 ? 0 : index % COMPANIES] as string),
  );
  return Promise.all(writers);
}

/**
 * A connection with a row of its own for each change of a transaction, and the update prepared as
 * the server prepares its statements.
 */
async function openWriter(appUrl: string, companyId: string): Promise<Writer> {
  const db = await connectAs(appUrl, companyId);
  await db.query(
    `PREPARE rename (text, uuid) AS UPDATE "Branch" SET name = $1 WHERE "companyId" = '${companyId}' AND id = $2`,
  );
  const branchIds = Array.from({ length: CHANGES }, () => uuidv7());
  await inTransaction(db, async () => {
    for (const branchId of branchIds)
      await db.query('INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, $3)', [
        ...[companyId, branchId, branchId],
      ]);
    await declare(db);
  });
  return { db, branchIds };
}

/** Writes the events, shared out as the writers come; returns how many a second. */
async function writeEvents(writers: Writer[]): Promise<number> {
  const began = performance.now();
  let begun = 0;
  const perSecond = () => begun / ((performance.now() - began) / 1000);
  const progress = setInterval(
    () => console.log(`${begun} events, ${perSecond().toFixed(0)} a second`),
    60_000,
  );
  const work = async ({ db, branchIds }: Writer) => {
    while (begun < EVENTS) {
      const changed = branchIds.slice(0, EVENTS - begun);
      begun += changed.length;
      const updates = changed.map((id) => `EXECUTE rename('${id} ${begun}', '${id}');`);
      await db.query(`BEGIN; ${updates.join(' ')} SELECT set_config('app.audit', ${DECLARED}, true); COMMIT`);
    }
  };
  await Promise.all(writers.map(work));
  clearInterval(progress);
  return EVENTS / ((performance.now() - began) / 1000);
}

/** How many written rows are not as the last event of each tells. */
async function wrongRows(ownerUrl: string): Promise<number> {
  const owner = await connectAs(ownerUrl, '');
  const { rows } = await owner.query<{ wrong: number }>(
    `SELECT count(*)::int AS wrong FROM "Branch" b WHERE b.name IS DISTINCT FROM
       (SELECT e.body::json #>> '{after,name}' FROM audit_event e
        WHERE e.company_id = b."companyId" AND e.entity_id = b.id ORDER BY e.pos DESC LIMIT 1)`,
  );
  await owner.end();
  return rows[0]?.wrong ?? 0;
}

async function run(app: string, owner: string): Promise<boolean> {
  const writers = await openWriters(app);
  const written = await writeEvents(writers);
  await Promise.all(writers.map(({ db }) => db.end()));
  const began = performance.now();
  const { events, faults } = await verifyDatabase(owner);
  const verified = events / ((performance.now() - began) / 1000);
  const expected = EVENTS + 2 * COMPANIES + WRITERS * CHANGES; // each company and its branch, each writer's rows
  const rows = await wrongRows(owner);
  console.table({
    'events on the log': `${events} of ${expected}`,
    'written a second': written.toFixed(0),
    'verified a second': verified.toFixed(0),
    faults: faults.length,
    'rows that differ from their last event': rows,
  });
  for (const { company, position, wrong } of faults.slice(0, 10))
    console.log(`company ${company}, position ${position}: ${wrong}`);
  return events === expected && faults.length === 0 && rows === 0;
}

const folder = await mkdtemp(join(tmpdir(), 'bulwark-audit-load-'));
const { postgres, connections } = await bootstrap(folder, 'prisma/migrations');
try {
  process.exitCode = (await run(connections.app, connections.owner)) ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
