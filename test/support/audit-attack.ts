import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { verifyDatabase } from '../../src/audit/verify/verify.ts';
import { connectAs, declare, inTransaction, newCompany } from './audit-scene.ts';
import { type FreshDatabase, freshDatabase } from './server/fresh-database.ts';

// Raw SQL of the server's role. $own and $other are companies, $branch is a branch of $own; DECLARE
// stands for a declaration.
export const CHANGE = `UPDATE "Branch" SET name = name || 'ü' WHERE id = $branch`;
export const EVENT = `'{"action":"audit.exported","severity":"LOW"}'`;
export const APPEND = `INSERT INTO audit_pending (company_id, body) VALUES ($own, ${EVENT})`;
export const appendOf = (body: string) =>
  `INSERT INTO audit_pending (company_id, body) VALUES ($own, ${body})`;
export const dataOf = (json: string) =>
  appendOf(`'{"action":"x","severity":"LOW","data":' || ${json} || '}'`);

type Company = Awaited<ReturnType<typeof newCompany>>;
/** `own` is a new company in each test. */
export const scene = {} as { database: FreshDatabase; owner: pg.Client; own: Company; other: Company };

/** Gives each test of a file its scene; after each, the chains verify. */
export function openScene(): void {
  beforeAll(async () => {
    scene.database = await freshDatabase();
    scene.owner = await connectAs(scene.database.ownerUrl, '');
    scene.other = await newCompany(scene.database.appUrl);
  });
  beforeEach(async () => {
    scene.own = await newCompany(scene.database.appUrl);
    return async () => {
      await scene.own.db.end();
      expect((await verifyDatabase(scene.database.ownerUrl)).faults).toEqual([]);
    };
  });
  afterAll(async () => {
    await Promise.all([scene.owner.end(), scene.other.db.end()]);
    await scene.database.drop();
  });
}

/** All branches, and all events from the third of each company on: after those of its creation. */
export async function state() {
  const { rows: branches } = await scene.owner.query('SELECT id, name FROM "Branch" ORDER BY id');
  const { rows: events } = await scene.owner.query(
    'SELECT company_id, action, entity_id, body::json AS body FROM audit_event WHERE pos > 2 ORDER BY company_id, pos',
  );
  return { branches, events };
}

/** Runs the statements in one transaction, up to its COMMIT. */
export const attack = (statements: string[]) =>
  inTransaction(scene.own.db, async () => {
    for (const statement of statements) {
      const [id, otherId, branch] = [scene.own.id, scene.other.id, scene.own.branchId].map((id) => `'${id}'`);
      const sql = statement
        .replaceAll('$own', String(id))
        .replaceAll('$other', String(otherId))
        .replaceAll('$branch', String(branch));
      await (statement === 'DECLARE' ? declare(scene.own.db) : scene.own.db.query(sql));
    }
  });
