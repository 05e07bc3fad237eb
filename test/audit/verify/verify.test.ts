import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exportLines } from '../../../src/audit/read/query.ts';
import { report, verifyDatabase } from '../../../src/audit/verify/verify.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { connectAs, insertEvent, newCompany } from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

let database: FreshDatabase;
let company: Awaited<ReturnType<typeof newCompany>>;
let owner: pg.Client;
let pool: TenantPool;

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connectAs(database.ownerUrl, '');
  pool = new TenantPool({ connectionString: database.appUrl, max: 2 });
});
beforeEach(async () => {
  company = await newCompany(database.appUrl);
  for (const action of ['audit.exported', 'policy.exported', 'key.created', 'seal.broken'] as const)
    await insertEvent(company.db, company.id, { action });
});
afterEach(() => company.db.end());
afterAll(async () => {
  await owner.end();
  await pool.end();
  await database.drop();
});

async function lines(): Promise<string[]> {
  const all: string[] = [];
  for await (const line of exportLines(queryAs(pool, { companyId: company.id, userId: null }), company.id))
    all.push(line);
  return all;
}

/** Runs the verifier as its users do, on standard input or with arguments. */
async function verify(args: string[], input?: string): Promise<{ code: number; out: string }> {
  const child = promisify(execFile)('node', ['src/cli/verify-audit-log.ts', ...args]);
  child.child.stdin?.end(input ?? '');
  return child.then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    ({ code, stdout, stderr }) => ({ code, out: stdout + stderr }),
  );
}

const idAt = (position: number) =>
  `(SELECT event_id FROM audit_chain WHERE company_id = '${'$'}' AND pos = ${position})`;

/** What an owner could do with the triggers off → where the verifier finds it, and what it says. */
const TAMPERING: Record<string, { sql: string; position: number; wrong: RegExp }> = {
  'edits a body': {
    sql: `UPDATE audit_event SET body = replace(body, '127.0.0.1', '127.0.0.2') WHERE id = ${idAt(4)}`,
    position: 4,
    wrong: /body differs/,
  },
  'edits a body and its leaf hash': {
    sql: `UPDATE audit_event SET body = body || ' ' WHERE id = ${idAt(4)};
      UPDATE audit_chain SET leaf = (SELECT sha256('\\x00'::bytea || convert_to(body, 'UTF8')) FROM audit_event WHERE id = event_id) WHERE event_id = ${idAt(4)}`,
    position: 4,
    wrong: /hash does not match/,
  },
  'deletes an event': {
    sql: `DELETE FROM audit_event WHERE id = ${idAt(3)}`,
    position: 3,
    wrong: /event is missing/,
  },
  'deletes an event and its place': {
    sql: `DELETE FROM audit_event WHERE id = ${idAt(3)}; DELETE FROM audit_chain WHERE company_id = '$' AND pos = 3`,
    position: 4,
    wrong: /events are missing/,
  },
  'deletes an event and closes the gap': {
    sql: `DELETE FROM audit_event WHERE id = ${idAt(3)}; DELETE FROM audit_chain WHERE company_id = '$' AND pos = 3;
      UPDATE audit_chain SET pos = -pos WHERE company_id = '$' AND pos > 3; UPDATE audit_chain SET pos = -pos - 1 WHERE company_id = '$' AND pos < 0`,
    position: 3,
    wrong: /hash does not match/,
  },
  'swaps two events': {
    sql: `UPDATE audit_chain SET pos = CASE pos WHEN 3 THEN -4 ELSE -3 END WHERE company_id = '$' AND pos IN (3, 4);
      UPDATE audit_chain SET pos = -pos WHERE company_id = '$' AND pos < 0`,
    position: 3,
    wrong: /hash does not match/,
  },
  'moves an event in time by a microsecond': {
    sql: `UPDATE audit_chain SET at_us = at_us + 1 WHERE company_id = '$' AND pos = 6`,
    position: 6,
    wrong: /hash does not match/,
  },
  'gives an event to another company': {
    sql: `UPDATE audit_event SET company_id = gen_random_uuid() WHERE id = ${idAt(5)}`,
    position: 5,
    wrong: /belongs to/,
  },
  'cuts off the end': {
    sql: `DELETE FROM audit_event WHERE id = ${idAt(6)}; DELETE FROM audit_chain WHERE company_id = '$' AND pos = 6`,
    position: 6,
    wrong: /chain ends before it; its head is at 6/,
  },
  'rewrites the hash of a head [M10]': {
    sql: `UPDATE audit_head SET hash = sha256('another') WHERE company_id = '$'`,
    position: 6,
    wrong: /hash of the head differs/,
  },
  'deletes a head': { sql: `DELETE FROM audit_head WHERE company_id = '$'`, position: 6, wrong: /no head/ },
  'empties the whole chain': {
    sql: `DELETE FROM audit_event WHERE company_id = '$'; DELETE FROM audit_chain WHERE company_id = '$'`,
    position: 1,
    wrong: /chain ends before it/,
  },
  'appends to the chain by hand': {
    sql: `WITH forged AS (INSERT INTO audit_event (company_id, body, action, severity, actor_id, entity, entity_id)
        SELECT company_id, body, action, severity, actor_id, entity, entity_id FROM audit_event WHERE id = ${idAt(6)} RETURNING id)
      INSERT INTO audit_chain SELECT company_id, 7, forged.id, at_us, leaf, hash FROM audit_chain, forged WHERE company_id = '$' AND pos = 6`,
    position: 7,
    wrong: /hash does not match/,
  },
  'makes a filter column lie': {
    sql: `UPDATE audit_event SET severity = 'LOW' WHERE id = ${idAt(6)}`,
    position: 6,
    wrong: /column severity differs from its body/,
  },
};

const TABLES = ['audit_event', 'audit_chain', 'audit_head'];
/** Tampers, verifies, and puts everything back. */
async function tampered<T>(sql: string, look: (url: string) => Promise<T>): Promise<T> {
  const name = `tampered_${crypto.randomUUID().replaceAll('-', '')}`;
  const url = Object.assign(new URL(database.ownerUrl), { pathname: `/${name}` }).href;
  await owner.end();
  await company.db.end();
  await pool.end();
  const system = await connectAs(
    Object.assign(new URL(database.ownerUrl), { pathname: '/postgres' }).href,
    '',
  );
  await system.query(`CREATE DATABASE ${name} TEMPLATE ${new URL(database.ownerUrl).pathname.slice(1)}`);
  owner = await connectAs(database.ownerUrl, '');
  pool = new TenantPool({ connectionString: database.appUrl, max: 2 });
  const copy = await connectAs(url, '');
  try {
    for (const table of TABLES) await copy.query(`ALTER TABLE ${table} DISABLE TRIGGER ALL`);
    await copy.query(sql.replaceAll("'$'", `'${company.id}'`));
    return await look(url);
  } finally {
    await copy.end();
    await system.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await system.end();
  }
}

describe('a database', () => {
  test('[L3] an unaltered audit log is intact, and its heads are reported', async () => {
    const { code, out } = await verify(['--database', database.ownerUrl]);
    expect(out).toMatch(new RegExp(`ok {3}company ${company.id} {2}6 events {2}head [0-9a-f]{64}`));
    expect(code).toBe(0);
  });

  for (const [name, { sql, position, wrong }] of Object.entries(TAMPERING)) {
    test(`[L3] an owner who ${name} is detected, and the first altered event named`, async () => {
      const verification = await tampered(sql, verifyDatabase);
      expect(verification.faults[0]).toMatchObject({
        company: company.id,
        position: String(position),
        wrong: expect.stringMatching(wrong),
      });
      expect(report(verification)).toContain('was altered');
    });
  }

  test('[S11] every fault of a chain is reported, not the first alone', async () => {
    const sql = `${TAMPERING['edits a body']?.sql}; ${TAMPERING['makes a filter column lie']?.sql};
      ${TAMPERING['deletes a head']?.sql};
      UPDATE audit_event SET body = 'no JSON' WHERE id = ${idAt(5)}`;
    const { faults } = await tampered(sql, verifyDatabase);
    expect(faults.map(({ position, wrong }) => `${position}: ${wrong}`)).toEqual([
      '4: its body differs from the appended one',
      '5: its body differs from the appended one',
      '5: its body is not a JSON object',
      '6: its column severity differs from its body',
      '6: the chain has no head',
    ]);
  });

  test('[S11] whatever body PostgreSQL accepts, the verifier accepts', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.uuid(),
      fc.uuid().map((id) => id.toUpperCase()),
    );
    const body = fc.record(
      {
        action: fc.oneof({ weight: 5, arbitrary: fc.constant('audit.exported') }, value),
        severity: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('LOW', 'HIGH') }, value),
        entity: fc.oneof(fc.constant('Branch'), value),
        entityId: value,
        actor: fc.oneof(fc.record({ userId: value }, { requiredKeys: [] }), value),
      },
      { requiredKeys: [] },
    );
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        const values = [company.id, JSON.stringify(given)];
        accepted += await company.db
          .query('INSERT INTO audit_event (company_id, body) VALUES ($1, $2)', values)
          .then(
            () => 1,
            () => 0,
          );
      }),
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(20);
    expect((await verifyDatabase(database.ownerUrl)).faults).toEqual([]);
  });

  test('[L3] an event inserted outside of the chain is detected', async () => {
    const sql = `INSERT INTO audit_event (company_id, body, action, severity) VALUES ('$', '{"action":"a","severity":"LOW"}', 'a', 'LOW')`;
    const verification = await tampered(sql, verifyDatabase);
    expect(verification.faults).toEqual([
      expect.objectContaining({ company: company.id, wrong: expect.stringContaining('in no chain') }),
    ]);
  });

  test('[L3] the command exits with 1 when something is found', async () => {
    const { code, out } = await tampered(TAMPERING['deletes an event']?.sql ?? '', (url) =>
      verify(['--database', url]),
    );
    expect(out).toMatch(
      new RegExp(`BAD {2}company ${company.id} {2}position 3 {2}event \\d+: the event is missing`),
    );
    expect(code).toBe(1);
  });

  test('[L3] the server role cannot verify, because it cannot read the whole audit log', async () => {
    const { code, out } = await verify(['--database', database.appUrl]);
    expect(out).toContain('cannot read the whole audit log');
    expect(code).toBe(2);
  });
});

describe('an export', () => {
  const edits: Record<string, { edit: (given: string[]) => string[]; position: number }> = {
    'an edited line': {
      edit: (given) =>
        given.map((line, index) => (index === 2 ? line.replace('127.0.0.1', '127.0.0.9') : line)),
      position: 3,
    },
    'a missing line': { edit: (given) => given.toSpliced(2, 1), position: 4 },
    'a repeated line': { edit: (given) => given.toSpliced(2, 0, given[1] as string), position: 2 },
    'two lines in the wrong order': { edit: ([a, b, ...rest]) => [b, a, ...rest] as string[], position: 2 },
  };

  test('[L3] a text with U+2028 and U+2029 does not break an export', async () => {
    await insertEvent(company.db, company.id, {
      action: 'policy.exported',
      data: { name: 'a\u2028b\u2029c' },
    });
    const { code, out } = await verify(['-'], (await lines()).join(''));
    expect(out).toContain('The audit log is intact: 7 events, 1 chains.');
    expect(code).toBe(0);
  });

  test('[L3] it verifies without a database', async () => {
    const { code, out } = await verify(['-'], (await lines()).join(''));
    expect(out).toContain('The audit log is intact: 6 events, 1 chains.');
    expect(code).toBe(0);
  });

  for (const [name, { edit, position }] of Object.entries(edits)) {
    test(`[L3] ${name} is found`, async () => {
      const { code, out } = await verify(['-'], edit(await lines()).join(''));
      expect(out).toContain(`position ${position}`);
      expect(out).toContain(`BAD  company ${company.id}`);
      expect(code).toBe(1);
    });
  }

  test('[L3] a malformed line is named, and the exit code is 2', async () => {
    const { code, out } = await verify(['-'], `${(await lines())[0]}{"c": 1}\n`);
    expect(out).toContain('line 2: expected');
    expect(code).toBe(2);
  });
});
