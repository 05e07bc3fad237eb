import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type EventFacts, type NewEvent, system, toBody } from '../../src/audit/record/body.ts';
import { type ChangeName, declarationStatement } from '../../src/audit/record/declaration.ts';

/** The facts as an event of the system's. */
export const eventOf = (facts: EventFacts): NewEvent => ({
  ...facts,
  performer: system,
  origin: { requestId: uuidv7(), ip: '127.0.0.1', userAgent: null },
});

export const bodyOf = (facts: EventFacts): string => toBody(eventOf(facts));

/** A connection that may run any SQL that their role allows, in one company's context. */
export async function connectAs(url: string, companyId: string): Promise<pg.Client> {
  const db = new pg.Client({ connectionString: url });
  db.on('error', () => {});
  await db.connect();
  await db.query(`SELECT set_config('app.company_id', $1, false)`, [companyId]);
  return db;
}

export const insertEvent = (db: pg.Client, companyId: string, facts: EventFacts) =>
  db.query('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', [companyId, bodyOf(facts)]);

/** Declares who makes the changes of the current transaction, as a command does. */
export const declare = (db: pg.Client, names: ChangeName[] = []) =>
  db.query(
    declarationStatement({ performer: system, origin: eventOf({ action: 'audit.exported' }).origin, names }),
  );

/** All statements commit together, or the error comes out and nothing happened. */
export async function inTransaction(db: pg.Client, run: () => Promise<unknown>): Promise<void> {
  await db.query('BEGIN');
  try {
    await run();
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK');
    throw error;
  }
}

/** A company with a branch, each audited. */
export async function newCompany(appUrl: string): Promise<{ id: string; branchId: string; db: pg.Client }> {
  const [id, branchId] = [uuidv7(), uuidv7()];
  const db = await connectAs(appUrl, id);
  await inTransaction(db, async () => {
    await db.query(`INSERT INTO "Company" (id, name, currency) VALUES ($1, 'Nordwind', 'EUR')`, [id]);
    await db.query(`INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, 'Kiel')`, [id, branchId]);
    await declare(db);
  });
  return { id, branchId, db };
}

export const rename = (db: pg.Client, id: string, name = 'Lübeck') =>
  db.query(`UPDATE "Branch" SET name = $2 WHERE id = $1`, [id, name]);
export const renamed = (id: string): EventFacts => ({
  action: 'branch.updated',
  entity: 'Branch',
  entityId: id,
});

export const positions = async (db: pg.Client): Promise<number[]> =>
  (await db.query('SELECT pos::int AS pos FROM audit_event ORDER BY pos')).rows.map((row) => row.pos);
