import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { system, toBody } from '../../../src/audit/record/body.ts';
import { declarationStatement } from '../../../src/audit/record/declaration.ts';
import { SLOTS, type Step } from './programs.ts';

/** The ids of a company's rows; parents and children are payroll runs and their items. */
export type Company = { id: string; branches: string[]; parents: string[]; employees: string[] };
/** The connection and the company of a transaction, and its label: its request id in the events. */
export type Scene = { db: pg.Client; company: Company; label: string };

const SEAL = `b1.m1.${'A'.repeat(40)}`;
const INSERT = `INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, $3)`;
const INSERT_RUN = `INSERT INTO "PayrollRun" ("companyId", id, period, "createdById") VALUES ($1, $2, $3, $2)`;
const INSERT_ITEMS = `INSERT INTO "PayrollItem" ("companyId", id, "runId", "employeeId", amount)
  SELECT $1, gen_random_uuid(), $2, unnest($3::uuid[]), $4`;
const originOf = (label: string) => ({ requestId: label, ip: null, userAgent: null });
const ids = (count: number) => Array.from({ length: count }, () => uuidv7());

export const newIds = (): Company => ({
  ...{ id: uuidv7(), branches: ids(SLOTS), parents: ids(SLOTS), employees: ids(3) },
});
export const declarationOf = (label: string) =>
  declarationStatement({ performer: system, origin: originOf(label) });

export const perform = (scene: Scene, step: Step): Promise<unknown> =>
  (PERFORM[step.kind] as (scene: Scene, step: Step) => Promise<unknown>)(scene, step);

/**
 * Refusals that a program may cause: names in use, rows that are gone, conflicts, deadlocks, no
 * declaration, company gone.
 */
const REFUSALS = ['23505', '23503', '40001', '40P01', '23514', '42501'];
export const isRefusal = (error: unknown): boolean =>
  REFUSALS.includes(String((error as pg.DatabaseError).code));

/** With a branch in every other slot. */
async function createCompany({ db, company: { id, branches, employees } }: Scene): Promise<void> {
  const [branch, department] = ids(2);
  await db.query(`INSERT INTO "Company" (id, name, currency) VALUES ($1, 'Nordwind', 'EUR')`, [id]);
  await db.query(INSERT, [id, branch, 'Kiel']);
  for (const one of branches.filter((_, slot) => slot % 2)) await db.query(INSERT, [id, one, one]);
  await db.query(
    `INSERT INTO "Department" ("companyId", id, "branchId", name) VALUES ($1, $2, $3, 'Sales')`,
    [id, department, branch],
  );
  await db.query(
    `INSERT INTO "Employee" ("companyId", id, "branchId", "departmentId", name, email, "startedOn")
     SELECT $1, id, $2, $3, 'Ada', id || '@nordwind.example', '2026-01-05' FROM unnest($4::uuid[]) id`,
    [id, branch, department, employees],
  );
}

/** A refused step ends its savepoint, and the transaction goes on. */
async function savepoint(scene: Scene, { steps, end }: { steps: Step[]; end: string }): Promise<void> {
  const name = `"${uuidv7()}"`;
  await scene.db.query(`SAVEPOINT ${name}`);
  try {
    for (const step of steps) await perform(scene, step);
    await scene.db.query(`${end} SAVEPOINT ${name}`);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await scene.db.query(`ROLLBACK TO SAVEPOINT ${name}`);
  }
}

const at = (ids: string[], slot: number) => ids[slot];
type Named = { slot: number; name: string };
type Slot = { slot: number };

const PERFORM = {
  create: ({ db, company }: Scene, { slot, name }: Named) =>
    db.query(INSERT, [company.id, at(company.branches, slot), name]),
  upsert: ({ db, company }: Scene, { slot, name }: Named) =>
    db.query(`${INSERT} ON CONFLICT ("companyId", id) DO UPDATE SET name = $3`, [
      ...[company.id, at(company.branches, slot), name],
    ]),
  update: ({ db, company }: Scene, { slot, name }: Named) =>
    db.query('UPDATE "Branch" SET name = $2 WHERE id = $1', [at(company.branches, slot), name]),
  'change back': async ({ db, company }: Scene, { slot, name }: Named) => {
    const values = [at(company.branches, slot), name];
    await db.query('UPDATE "Branch" SET name = name || $2::text WHERE id = $1', values);
    await db.query('UPDATE "Branch" SET name = left(name, -length($2)) WHERE id = $1', values);
  },
  'update without a change': ({ db, company }: Scene, { slot }: Slot) =>
    db.query('UPDATE "Branch" SET name = name, "createdAt" = "createdAt" WHERE id = $1', [
      at(company.branches, slot),
    ]),
  delete: ({ db, company }: Scene, { slot }: Slot) =>
    db.query('DELETE FROM "Branch" WHERE id = $1', [at(company.branches, slot)]),
  'create many': ({ db, company }: Scene, { name, count }: { name: string; count: number }) =>
    db.query(
      `INSERT INTO "Branch" ("companyId", id, name)
       SELECT $1, gen_random_uuid(), $2::text || gen_random_uuid() FROM generate_series(1, $3::int)`,
      [company.id, name, count],
    ),
  'update all': ({ db }: Scene, { suffix }: { suffix: string }) =>
    db.query('UPDATE "Branch" SET name = name || $1::text', [suffix]),
  'delete many': ({ db }: Scene) => db.query(`DELETE FROM "Branch" WHERE name LIKE '%-%-%'`),
  'create a parent': async ({ db, company }: Scene, { slot, children }: Slot & { children: number }) => {
    const [id, parent] = [company.id, at(company.parents, slot)];
    await db.query(INSERT_RUN, [id, parent, `2026-0${slot + 1}`]);
    await db.query(INSERT_ITEMS, [id, parent, company.employees.slice(0, children), SEAL]);
  },
  'delete a parent': ({ db, company }: Scene, { slot }: Slot) =>
    db.query('DELETE FROM "PayrollRun" WHERE id = $1', [at(company.parents, slot)]),
  'delete the company': ({ db, company }: Scene) =>
    db.query('DELETE FROM "Company" WHERE id = $1', [company.id]),
  'create the company': createCompany,
  'append an event': async ({ db, company, label }: Scene) => {
    const body = toBody({ action: 'audit.exported', performer: system, origin: originOf(label) });
    await db.query('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', [company.id, body]);
    await db.query(`SELECT see_act('event')`);
  },
  'write events early': async ({ db, label }: Scene) => {
    const [setting] = declarationOf(label).values;
    await db.query('SELECT FROM audit_changes($1)', [setting]);
    await db.query(`SELECT see_act('early')`);
  },
  savepoint,
};
