import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyDatabase } from '../../../src/audit/verify/verify.ts';
import { differences } from '../../support/audit-model/comparison.ts';
import { execute, type Outcome } from '../../support/audit-model/execution.ts';
import { type Program, programs } from '../../support/audit-model/programs.ts';
import { installRecorder } from '../../support/audit-model/recorder.ts';
import { connectAs } from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { withinTest } from '../../support/within-test.ts';

// Random transactions of the server's role, side by side, against a record of their changes that
// shares nothing with the audit log. AUDIT_MODEL_RUNS makes it longer, AUDIT_MODEL_SEED takes other
// programs, and AUDIT_MODEL_PATH repeats the one of a failure, which names its seed and path. How
// the connections of a program overlap is PostgreSQL's choice.
const { AUDIT_MODEL_RUNS = '10', AUDIT_MODEL_SEED = '1', AUDIT_MODEL_PATH } = process.env;

let database: FreshDatabase;
let owner: pg.Client;
const met = { committed: 0, refused: 0, unknown: 0 } satisfies Record<Outcome['ended'], number>;

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connectAs(database.ownerUrl, '');
  await installRecorder(owner);
});
afterAll(async () => {
  await owner?.end();
  await database?.drop();
});

async function holds(program: Program): Promise<void> {
  const { companies, outcomes } = await execute(database.appUrl, database.ownerUrl, program);
  for (const { ended } of outcomes) met[ended] += 1;
  for (const { id } of companies) {
    const own = outcomes.filter(({ company }) => company === id);
    expect(await differences(owner, id, own)).toEqual([]);
  }
  expect((await verifyDatabase(database.ownerUrl)).faults).toEqual([]);
}

test('[L1][L3][T6] random transactions of parallel connections: each change has one event, and the chains verify', async (test) => {
  await fc.assert(fc.asyncProperty(programs, holds), {
    ...{ numRuns: Number(AUDIT_MODEL_RUNS), seed: Number(AUDIT_MODEL_SEED) },
    ...withinTest(test),
    ...(AUDIT_MODEL_PATH && { path: AUDIT_MODEL_PATH }),
  });
  expect(Math.min(...Object.values(met))).toBeGreaterThan(0);
});
