import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exportLines } from '../../../src/audit/read/export.ts';
import { report } from '../../../src/audit/verify/report.ts';
import { verifyDatabase } from '../../../src/audit/verify/verify.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { connectAs, insertEvent, newCompany } from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { asOwner, databaseUrl } from '../../support/server/global-setup.ts';

let database: FreshDatabase;
let company: Awaited<ReturnType<typeof newCompany>>;
let owner: pg.Client;
let pool: TenantPool;

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  company = await newCompany(database.appUrl);
  for (const action of ['audit.exported', 'policy.exported', 'key.created', 'seal.broken'] as const)
    await insertEvent(company.db, company.id, { action });
});
afterEach(() => company.db.end());

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

const at = (position: number) => `company_id = '$' AND pos = ${position}`;
const placed = (position: number) =>
  `company_id, ${position}, at_us, action, severity, actor_id, entity, entity_id, body, salt, commitment, link`;

/** What an owner could do with the triggers off → where the verifier finds it, and what it says. */
const TAMPERING: Record<string, { sql: string; position: number; wrong: RegExp }> = {
  'edits a body': {
    sql: `UPDATE audit_event SET body = replace(body, '127.0.0.1', '127.0.0.2') WHERE ${at(4)}`,
    position: 4,
    wrong: /body and salt do not match its commitment/,
  },
  'edits a body and its commitment': {
    sql: `UPDATE audit_event SET body = body || ' ', commitment = audit_commitment(salt, body || ' ') WHERE ${at(4)}`,
    position: 4,
    wrong: /link does not match/,
  },
  'edits a salt': {
    sql: `UPDATE audit_event SET salt = sha256(salt) WHERE ${at(4)}`,
    position: 4,
    wrong: /body and salt do not match its commitment/,
  },
  'shortens a salt': {
    sql: `UPDATE audit_event SET salt = substr(salt, 2) WHERE ${at(4)}`,
    position: 4,
    wrong: /body and salt do not match its commitment/,
  },
  'edits a commitment': {
    sql: `UPDATE audit_event SET commitment = sha256(commitment) WHERE ${at(4)}`,
    position: 4,
    wrong: /body and salt do not match its commitment/,
  },
  'edits the commitment of a pruned event': {
    sql: `UPDATE audit_event SET body = NULL, salt = NULL, commitment = substr(commitment, 1, 31) WHERE ${at(4)}`,
    position: 4,
    wrong: /link does not match/,
  },
  'edits a link': {
    sql: `UPDATE audit_event SET link = sha256(link) WHERE ${at(4)}`,
    position: 4,
    wrong: /link does not match/,
  },
  'removes a link': {
    sql: `UPDATE audit_event SET link = '' WHERE ${at(4)}`,
    position: 4,
    wrong: /link does not match/,
  },
  'deletes an event': {
    sql: `DELETE FROM audit_event WHERE ${at(3)}`,
    position: 4,
    wrong: /events are missing/,
  },
  'deletes an event and closes the gap': {
    sql: `DELETE FROM audit_event WHERE ${at(3)};
      UPDATE audit_event SET pos = -pos WHERE company_id = '$' AND pos > 3; UPDATE audit_event SET pos = -pos - 1 WHERE company_id = '$' AND pos < 0`,
    position: 3,
    wrong: /link does not match/,
  },
  'inserts an event between others': {
    sql: `UPDATE audit_event SET pos = -pos WHERE company_id = '$' AND pos > 3; UPDATE audit_event SET pos = 1 - pos WHERE company_id = '$' AND pos < 0;
      INSERT INTO audit_event SELECT ${placed(4)} FROM audit_event WHERE ${at(5)}`,
    position: 5,
    wrong: /link does not match/,
  },
  'inserts an event before the first': {
    sql: `INSERT INTO audit_event SELECT ${placed(0)} FROM audit_event WHERE ${at(1)}`,
    position: 0,
    wrong: /out of order/,
  },
  'swaps two events': {
    sql: `UPDATE audit_event SET pos = CASE pos WHEN 3 THEN -4 ELSE -3 END WHERE company_id = '$' AND pos IN (3, 4);
      UPDATE audit_event SET pos = -pos WHERE company_id = '$' AND pos < 0`,
    position: 3,
    wrong: /link does not match/,
  },
  'moves an event in time by a microsecond': {
    sql: `UPDATE audit_event SET at_us = at_us + 1 WHERE ${at(6)}`,
    position: 6,
    wrong: /link does not match/,
  },
  'moves an event before the others in time': {
    sql: `UPDATE audit_event SET at_us = 1 WHERE ${at(6)}`,
    position: 6,
    wrong: /time precedes/,
  },
  'gives an event to another company': {
    sql: `UPDATE audit_event SET company_id = gen_random_uuid() WHERE ${at(5)}`,
    position: 6,
    wrong: /events are missing/,
  },
  'cuts off the end': {
    sql: `DELETE FROM audit_event WHERE ${at(6)}`,
    position: 6,
    wrong: /chain ends before it; its head is at 6/,
  },
  'moves a head back over the events that were cut off': {
    sql: `DELETE FROM audit_event WHERE ${at(6)}; UPDATE audit_head SET pos = 5 WHERE company_id = '$'`,
    position: 5,
    wrong: /link of the head differs/,
  },
  'moves a head back': {
    sql: `UPDATE audit_head SET pos = 5 WHERE company_id = '$'`,
    position: 6,
    wrong: /beyond the chain's head at 5/,
  },
  'rewrites the link of a head [M10]': {
    sql: `UPDATE audit_head SET link = sha256('another') WHERE company_id = '$'`,
    position: 6,
    wrong: /link of the head differs/,
  },
  'deletes a head': { sql: `DELETE FROM audit_head WHERE company_id = '$'`, position: 6, wrong: /no head/ },
  'empties the whole chain': {
    sql: `DELETE FROM audit_event WHERE company_id = '$'`,
    position: 1,
    wrong: /chain ends before it/,
  },
  'appends to the chain by hand': {
    sql: `INSERT INTO audit_event SELECT ${placed(7)} FROM audit_event WHERE ${at(6)}`,
    position: 7,
    wrong: /link does not match/,
  },
  'leaves an event pending': {
    sql: `INSERT INTO audit_pending (company_id, body) VALUES ('$', '{"action":"a","severity":"LOW"}')`,
    position: Number.NaN,
    wrong: /pending event \d+ is in no chain/,
  },
  ...Object.fromEntries(
    Object.entries({
      action: `'other'`,
      severity: `'LOW'`,
      actor_id: 'gen_random_uuid()',
      entity: `'Branch'`,
      entity_id: 'gen_random_uuid()',
    }).map(([column, value]) => [
      `makes the column ${column} lie`,
      {
        sql: `UPDATE audit_event SET ${column} = ${value} WHERE ${at(6)}`,
        position: 6,
        wrong: new RegExp(`column ${column} differs from its body`),
      },
    ]),
  ),
};

const TABLES = ['audit_event', 'audit_head', 'audit_pending'];
let altered: pg.Client;
let alteredUrl: string;
/** A copy without triggers for all alterations: each has the rows of its own company there. */
beforeAll(async () => {
  const name = `altered_${crypto.randomUUID().replaceAll('-', '')}`;
  const [, original] = new URL(database.ownerUrl).pathname.split('/');
  await asOwner(databaseUrl(database.ownerUrl, 'postgres'), (system) =>
    system.query(`CREATE DATABASE ${name} TEMPLATE ${original}`),
  );
  alteredUrl = databaseUrl(database.ownerUrl, name);
  altered = await connectAs(alteredUrl, '');
  for (const table of TABLES) await altered.query(`ALTER TABLE ${table} DISABLE TRIGGER ALL`);
  await altered.query('ALTER TABLE audit_pending ENABLE TRIGGER audit_read_body');
  owner = await connectAs(database.ownerUrl, '');
  pool = new TenantPool({ connectionString: database.appUrl, max: 2 });
});
afterAll(async () => {
  await altered.end();
  await owner.query(`DROP DATABASE ${new URL(alteredUrl).pathname.slice(1)} WITH (FORCE)`);
  await owner.end();
  await pool.end();
  await database.drop();
});

/** Copies the company's chain, tampers with it there, verifies, and removes it again. */
async function tampered<T>(sql: string, look: (url: string) => Promise<T>): Promise<T> {
  for (const table of ['audit_event', 'audit_head']) {
    const { rows } = await owner.query(
      `SELECT jsonb_agg(to_jsonb(t))::text AS all FROM ${table} t WHERE company_id = $1`,
      [company.id],
    );
    await altered.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`, [
      rows[0].all,
    ]);
  }
  try {
    await altered.query(sql.replaceAll("'$'", `'${company.id}'`));
    return await look(alteredUrl);
  } finally {
    await altered.query(`TRUNCATE ${TABLES.join()}`);
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
      const verification = await tampered(sql, (url) => verifyDatabase(url));
      expect(verification.faults.find((fault) => fault.company === company.id)).toMatchObject({
        position: Number.isNaN(position) ? 'none' : String(position),
        wrong: expect.stringMatching(wrong),
      });
      expect(report(verification)).toContain('was altered');
    });
  }

  test('[S11] every fault of a chain is reported, not the first alone', async () => {
    const sql = `${TAMPERING['edits a body']?.sql}; ${TAMPERING['makes the column severity lie']?.sql};
      ${TAMPERING['deletes a head']?.sql};
      UPDATE audit_event SET body = 'no JSON' WHERE ${at(5)}`;
    const { faults } = await tampered(sql, (url) => verifyDatabase(url));
    expect(faults.map(({ position, wrong }) => `${position}: ${wrong}`)).toEqual([
      '4: its body and salt do not match its commitment',
      '5: its body and salt do not match its commitment',
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
          .query('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', values)
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

  test('[L3] an event without its body and salt verifies, and the report says that it was pruned', async () => {
    const sql = `UPDATE audit_event SET body = NULL, salt = NULL WHERE company_id = '$' AND pos IN (3, 5)`;
    const verification = await tampered(sql, (url) => verifyDatabase(url));
    expect(verification.faults).toEqual([]);
    expect(report(verification)).toMatch(
      new RegExp(
        `ok {3}company ${company.id} {2}6 events {2}head [0-9a-f]{64} {2}2 pruned, the last at position 5`,
      ),
    );
  });

  test.each(['body', 'salt'])('[L3] PostgreSQL refuses an event without its %s alone', async (column) => {
    const sql = `UPDATE audit_event SET ${column} = NULL WHERE ${at(3)}`;
    await expect(tampered(sql, async () => undefined)).rejects.toThrow(/audit_pruned/);
  });

  test('[L3] the command exits with 1 when something is found', async () => {
    const { code, out } = await tampered(TAMPERING['deletes an event']?.sql ?? '', (url) =>
      verify(['--database', url]),
    );
    expect(out).toMatch(
      new RegExp(`BAD {2}company ${company.id} {2}position 4: expected position 3: events are missing`),
    );
    expect(code).toBe(1);
  });

  test('[L3] the server role cannot verify, because it cannot read the whole audit log', async () => {
    const { code, out } = await verify(['--database', database.appUrl]);
    expect(out).toContain('cannot read the whole audit log');
    expect(code).toBe(2);
  });
});

describe('a stored report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-report-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const stored = async (): Promise<string> => {
    const path = join(folder, company.id);
    writeFileSync(path, (await verify(['--database', database.ownerUrl])).out);
    return path;
  };
  const compared = async (sql: string) => {
    const path = await stored();
    return tampered(sql, (url) => verify(['--database', url, '--expect', path]));
  };
  const rewritten = (from: number) => `DO $$ DECLARE e audit_event; h bytea; BEGIN
    SELECT link INTO h FROM audit_event WHERE ${at(from - 1)};
    FOR e IN SELECT * FROM audit_event WHERE company_id = '$' AND pos >= ${from} ORDER BY pos LOOP
      e.body := replace(e.body, '127.0.0.1', '127.0.0.2'); e.commitment := audit_commitment(e.salt, e.body);
      h := sha256('\\x02'::bytea || h || sha256('\\x0002'::bytea || uuid_send(e.company_id) || int8send(e.pos) || int8send(e.at_us) || e.commitment));
      UPDATE audit_event SET body = e.body, commitment = e.commitment, link = h WHERE company_id = e.company_id AND pos = e.pos;
    END LOOP;
    UPDATE audit_head SET link = h WHERE company_id = '$'; END $$`;

  test('[L3] of an earlier state fits the audit log that has grown since', async () => {
    const path = await stored();
    await insertEvent(company.db, company.id, { action: 'audit.exported' });
    const { code, out } = await verify(['--database', database.ownerUrl, '--expect', path]);
    expect(out).toContain('The audit log is intact');
    expect(code).toBe(0);
  });

  test('[L3] shows a chain that an owner rewrote to its end, head included', async () => {
    expect((await tampered(rewritten(4), (url) => verifyDatabase(url))).faults).toEqual([]);
    const { code, out } = await compared(rewritten(4));
    expect(out).toContain(`company ${company.id}  position 6: its link differs from the expected head`);
    expect(code).toBe(1);
  });

  test('[L3] shows a chain that an owner cut off, head included', async () => {
    const { out } = await compared(
      `DELETE FROM audit_event WHERE ${at(6)};
       UPDATE audit_head h SET pos = 5, link = (SELECT link FROM audit_event WHERE ${at(5)}) WHERE company_id = '$'`,
    );
    expect(out).toContain('position 6: the chain ends before it; the expected head is at 6');
  });

  test('[L3] shows a company whose whole chain is missing', async () => {
    const { out } = await compared(
      `DELETE FROM audit_event WHERE company_id = '$'; DELETE FROM audit_head WHERE company_id = '$'`,
    );
    expect(out).toContain(`company ${company.id}  position 1: the chain ends before it; the expected head`);
  });

  test('[L3] without a head is refused', async () => {
    const path = join(folder, 'empty');
    writeFileSync(path, 'nothing');
    const { code, out } = await verify(['--database', database.ownerUrl, '--expect', path]);
    expect(out).toContain('--expect: the file has no line');
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
    'an edited salt': { edit: (given) => edited(given, 3, { s: 'ab'.repeat(32) }), position: 4 },
    'a missing end': { edit: (given) => given.slice(0, -2), position: 5 },
    'a missing end before the last line': { edit: (given) => given.toSpliced(-2, 1), position: 6 },
    'a missing last line': { edit: (given) => given.slice(0, -1), position: 6 },
    'a last line of another link': { edit: (given) => edited(given, 6, { h: 'ab'.repeat(32) }), position: 6 },
    'a last line that ends earlier': { edit: (given) => edited(given, 6, { end: '5' }), position: 6 },
  };

  const edited = (given: string[], index: number, change: object) =>
    given.with(index, `${JSON.stringify({ ...JSON.parse(given[index] as string), ...change })}\n`);

  test('[L3] of pruned events verifies, and the report says so', async () => {
    const pruned = (await lines()).map((line, index) =>
      index < 2 ? `${JSON.stringify({ ...JSON.parse(line), b: null, s: null })}\n` : line,
    );
    const { code, out } = await verify(['-'], pruned.join(''));
    expect(out).toContain('2 pruned, the last at position 2');
    expect(code).toBe(0);
  });

  test('[L3] of no event is not called intact', async () => {
    const { code, out } = await verify(['-'], (await lines()).at(-1));
    expect(out).toContain(`company ${company.id}  position 1: the chain ends before it`);
    expect(code).toBe(1);
  });

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
