import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyDatabase } from '../../../src/audit/verify/verify.ts';
import { PLATFORM_ID } from '../../../src/auth/authorization/permissions.ts';
import { guarantees } from '../../../src/db/guarantees.gen.ts';
import {
  bodyOf,
  connectAs,
  declare,
  insertEvent,
  inTransaction,
  newCompany,
  positions,
  rename,
  renamed,
} from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

let database: FreshDatabase;
let company: Awaited<ReturnType<typeof newCompany>>;
let owner: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  company = await newCompany(database.appUrl);
  owner = await connectAs(database.ownerUrl, '');
});
afterAll(async () => {
  await company.db.end();
  await owner.end();
  await database.drop();
});

const UNRECORDED = /without its audit event/;
const count = async (table: string) =>
  (await owner.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;

describe('a change without its event', () => {
  const statements = {
    insert: () =>
      company.db.query(`INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, 'Rostock')`, [
        company.id,
        uuidv7(),
      ]),
    update: () => rename(company.db, company.branchId),
    delete: () => company.db.query(`DELETE FROM "Branch" WHERE id = $1`, [company.branchId]),
  };
  for (const [name, run] of Object.entries(statements)) {
    test(`[L1] raw SQL of the server's role cannot ${name} an audited row without an event`, async () => {
      const before = await owner.query('SELECT * FROM "Branch" ORDER BY id');
      await expect(run()).rejects.toThrow(UNRECORDED);
      expect((await owner.query('SELECT * FROM "Branch" ORDER BY id')).rows).toEqual(before.rows);
    });
  }

  test('[L1] every audited model has the trigger, and no unaudited one', async () => {
    const { rows } = await owner.query(`SELECT tgrelid::regclass::text AS "table" FROM pg_trigger
      WHERE tgname = 'audit_write' AND tgdeferrable AND tgenabled = 'O' AND tgtype::int = 29`);
    const audited = Object.values(guarantees).filter((model) => model.audited);
    expect(rows.map((row) => row.table).sort()).toEqual(audited.map((model) => `"${model.table}"`).sort());
  });

  test("[L1] an event of another row does not cover a row's change", async () => {
    const other = uuidv7();
    await expect(
      inTransaction(company.db, async () => {
        await rename(company.db, company.branchId);
        await insertEvent(company.db, company.id, renamed(other));
      }),
    ).rejects.toThrow(UNRECORDED);
  });

  test("[L1] an event of the same id under another model's name does not cover it", async () => {
    await expect(
      inTransaction(company.db, async () => {
        await rename(company.db, company.branchId);
        await insertEvent(company.db, company.id, { ...renamed(company.branchId), entity: 'Team' });
      }),
    ).rejects.toThrow(UNRECORDED);
  });

  test("[L1] an earlier transaction's event does not cover a change", async () => {
    await insertEvent(company.db, company.id, renamed(company.branchId));
    await expect(rename(company.db, company.branchId)).rejects.toThrow(UNRECORDED);
  });

  test("[L1] the platform's chain does not cover a company's change", async () => {
    await expect(
      inTransaction(company.db, async () => {
        await rename(company.db, company.branchId);
        await insertEvent(company.db, PLATFORM_ID, renamed(company.branchId));
      }),
    ).rejects.toThrow(UNRECORDED);
  });

  test("[L1] an event of the very row, appended by hand, does not cover a row's change", async () => {
    await expect(
      inTransaction(company.db, async () => {
        await rename(company.db, company.branchId);
        await insertEvent(company.db, company.id, renamed(company.branchId));
      }),
    ).rejects.toThrow(UNRECORDED);
  });

  test("[L1] a performer declared in another company's context does not cover a change", async () => {
    const other = await newCompany(database.appUrl);
    await expect(
      inTransaction(company.db, async () => {
        await rename(company.db, company.branchId);
        await declare(company.db);
        await company.db.query(`SELECT set_config('app.company_id', $1, true)`, [other.id]);
      }),
    ).rejects.toThrow(UNRECORDED);
    await other.db.end();
  });

  test('[L1] an update of many rows has an event for each, and without a performer none is updated', async () => {
    const other = uuidv7();
    await inTransaction(company.db, async () => {
      await company.db.query(`INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, 'Wismar')`, [
        company.id,
        other,
      ]);
      await declare(company.db);
    });
    const touchAll = () => company.db.query(`UPDATE "Branch" SET name = name || '!'`);
    await expect(inTransaction(company.db, touchAll)).rejects.toThrow(UNRECORDED);
    const before = (await positions(company.db)).at(-1);
    await inTransaction(company.db, async () => {
      await touchAll();
      await declare(company.db);
    });
    const { rows } = await company.db.query('SELECT entity_id FROM audit_event WHERE pos > $1', [before]);
    expect(rows.map((row) => row.entity_id).sort()).toEqual([company.branchId, other].sort());
  });

  test('[L1] early checks and savepoints do not lose the demand for an event', async () => {
    await expect(
      inTransaction(company.db, async () => {
        await rename(company.db, company.branchId);
        await company.db.query('SAVEPOINT early');
        await declare(company.db);
        await company.db.query('SET CONSTRAINTS ALL IMMEDIATE');
        await company.db.query('ROLLBACK TO early');
      }),
    ).rejects.toThrow(UNRECORDED);
  });

  test('[L1] a change inside a released savepoint has its event', async () => {
    const before = await count('audit_event');
    await inTransaction(company.db, async () => {
      await company.db.query('SAVEPOINT inner_one');
      await rename(company.db, company.branchId, 'Flensburg');
      await company.db.query('RELEASE inner_one');
      await declare(company.db);
    });
    expect(
      (await owner.query('SELECT name FROM "Branch" WHERE id = $1', [company.branchId])).rows[0].name,
    ).toBe('Flensburg');
    expect(await count('audit_event')).toBe(before + 1);
  });

  test('[L1] temporary tables of the same names do not deceive the check', async () => {
    const db = await connectAs(database.appUrl, company.id);
    const name = new URL(database.ownerUrl).pathname.slice(1);
    // the server may create none; the check does not rely on that alone
    await owner.query(`GRANT TEMPORARY ON DATABASE ${name} TO PUBLIC`);
    for (const table of ['audit_event', 'audit_head', 'audit_pending'])
      await db.query(`CREATE TEMP TABLE ${table} AS SELECT * FROM public.${table}`);
    await db.query(`CREATE TEMP TABLE "Company" (id uuid)`);
    const forge = `INSERT INTO pg_temp.audit_event (company_id, pos, entity, entity_id, action)
      VALUES ($1, 9, 'Branch', $2, 'branch.updated')`;
    const attempt = inTransaction(db, async () => {
      await db.query(forge, [company.id, company.branchId]);
      await rename(db, company.branchId);
    });
    await expect(attempt).rejects.toThrow(UNRECORDED);
    await owner.query(`REVOKE TEMPORARY ON DATABASE ${name} FROM PUBLIC`);
    await db.end();
  });
});

describe('deleting a company', () => {
  test('[T6] one event covers all rows deleted with the company, and its audit log remains', async () => {
    const victim = await newCompany(database.appUrl);
    await inTransaction(victim.db, async () => {
      await victim.db.query(`DELETE FROM "Company" WHERE id = $1`, [victim.id]);
      await declare(victim.db);
    });
    expect(await count(`"Branch" WHERE "companyId" = '${victim.id}'`)).toBe(0);
    expect(await positions(victim.db)).toEqual([1, 2, 3]);
    await victim.db.end();
  });

  test('[T6] it needs its event, and without one nothing is deleted', async () => {
    const victim = await newCompany(database.appUrl);
    const remove = () => victim.db.query(`DELETE FROM "Company" WHERE id = $1`, [victim.id]);
    await expect(inTransaction(victim.db, remove)).rejects.toThrow(UNRECORDED);
    expect(await count(`"Company" WHERE id = '${victim.id}'`)).toBe(1);
    await victim.db.end();
  });

  test('[L1] a claim that the company was deleted covers nothing while it exists', async () => {
    const victim = await newCompany(database.appUrl);
    await expect(
      inTransaction(victim.db, async () => {
        await victim.db.query(`DELETE FROM "Branch" WHERE id = $1`, [victim.branchId]);
        await insertEvent(victim.db, victim.id, {
          action: 'company.deleted',
          entity: 'Company',
          entityId: victim.id,
        });
      }),
    ).rejects.toThrow(UNRECORDED);
    await victim.db.end();
  });
});

describe('the audit log', () => {
  const TABLES = ['audit_event', 'audit_head'];
  const CHANGES = {
    audit_event: `UPDATE audit_event SET company_id = company_id`,
    audit_head: `UPDATE audit_head SET pos = pos`,
  };
  for (const table of TABLES) {
    const statements = [CHANGES[table as 'audit_head'], `DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`];
    for (const sql of statements) {
      test(`[L4] neither the server's role nor the owner may: ${sql}`, async () => {
        const before = await count(table);
        await expect(company.db.query(sql)).rejects.toThrow(/permission denied/);
        await expect(owner.query(sql)).rejects.toThrow(/is refused/);
        await expect(
          inTransaction(owner, () => owner.query(`SET LOCAL session_replication_role = replica; ${sql}`)),
        ).rejects.toThrow(/is refused/);
        expect(await count(table)).toBe(before);
      });
    }
  }

  const FORBIDDEN = [
    `INSERT INTO audit_event VALUES ('C', 99, 1, 'x', 'LOW', NULL, NULL, NULL, NULL, NULL, '\\x00', '\\x00')`,
    `INSERT INTO audit_head VALUES ('C', 99, 1, '\\x00')`,
    `INSERT INTO audit_pending (company_id, body, action) VALUES ('C', 'B', 'x')`,
    `INSERT INTO audit_pending (id, company_id, body) OVERRIDING SYSTEM VALUE VALUES (1, 'C', 'B')`,
    `UPDATE audit_pending SET body = body`,
    `DELETE FROM audit_pending`,
    `TRUNCATE audit_pending`,
    `SELECT audit_place('C', 'x', 'LOW', NULL, NULL, NULL, 'B')`,
    `ALTER TABLE audit_event DISABLE TRIGGER ALL`,
    `ALTER TABLE audit_pending DISABLE TRIGGER audit_place_pending`,
    `ALTER TABLE "Branch" DISABLE TRIGGER audit_write`,
    `DROP TRIGGER audit_write ON "Branch"`,
    `CREATE TRIGGER mine BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse()`,
    `SET session_replication_role = replica`,
    `SET ROLE bulwark_audit`,
    `CREATE OR REPLACE FUNCTION "audit_write_Branch"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    `ALTER FUNCTION "audit_write_Branch"() SECURITY INVOKER`,
    `CALL audit_table('"Branch"')`,
    `TRUNCATE "Branch"`,
    `SELECT * FROM audit_head FOR UPDATE`,
  ];
  for (const sql of FORBIDDEN) {
    test(`[L4] the server's role may not: ${sql}`, async () => {
      const statement = sql.replaceAll("'C'", `'${company.id}'`).replace("'B'", `'{}'`);
      await expect(company.db.query(statement)).rejects.toThrow(/permission denied|must be owner/);
    });
  }

  test("[L4] the server's role cannot put the triggers' functions on a table of its own", async () => {
    await expect(company.db.query('CREATE TEMP TABLE mine (company_id uuid, id bigint)')).rejects.toThrow(
      /permission denied/,
    );
    const { rows } = await company.db.query(
      `SELECT has_function_privilege('audit_place_pending()', 'EXECUTE') AS executes`,
    );
    expect(rows).toEqual([{ executes: false }]);
  });

  test('[L1] the owner may not TRUNCATE an audited table', async () => {
    await expect(owner.query('TRUNCATE "Branch" CASCADE')).rejects.toThrow(/is refused/);
  });

  test('[L5] another company can neither read nor append; the platform’s chain accepts events of all and shows them to none', async () => {
    const other = await newCompany(database.appUrl);
    for (const table of TABLES) {
      expect(
        (await other.db.query(`SELECT * FROM ${table} WHERE company_id = $1`, [company.id])).rows,
      ).toEqual([]);
    }
    await expect(insertEvent(other.db, company.id, { action: 'branch.updated' })).rejects.toThrow(
      /row-level security/,
    );
    await insertEvent(other.db, PLATFORM_ID, { action: 'session.signInFailed' });
    expect(
      (await other.db.query('SELECT * FROM audit_event WHERE company_id = $1', [PLATFORM_ID])).rows,
    ).toEqual([]);
    await other.db.end();
    const platform = await connectAs(database.appUrl, PLATFORM_ID);
    expect((await platform.query('SELECT action FROM audit_event')).rows).toContainEqual({
      action: 'session.signInFailed',
    });
    await platform.end();
  });

  const BAD_BODIES = [
    '',
    'null',
    '[]',
    '"x"',
    '{"action":"a"}',
    '{"action":"a","severity":"NONE"}',
    '{"action":"a","severity":"LOW","action":"b"}',
    '{"action":"x","severity":"LOW","entity":1}',
    '{"action":"x","severity":"LOW","entity":""}',
    '{"action":"x","severity":"LOW","entity":["Employee"]}',
    '{"action":1,"severity":"LOW"}',
    '{"action":"a b","severity":"LOW"}',
    '{"action":"x","severity":["LOW"]}',
    '{"action":"x","severity":"LOW","entityId":7}',
    '{"action":"x","severity":"LOW","entityId":"A0000000-0000-7000-8000-000000000000"}',
    '{"action":"x","severity":"LOW","entityId":"{a0000000-0000-7000-8000-000000000000}"}',
    '{"action":"x","severity":"LOW","actor":"me"}',
    '{"action":"x","severity":"LOW","actor":[]}',
    '{"action":"x","severity":"LOW","actor":{"userId":true}}',
    '{"action":"x","severity":"LOW","actor":{"userId":"A0000000-0000-7000-8000-000000000000"}}',
    '{"action":"x","severity":"LOW","actor":{"kind":"user","kind":"system"}}',
    `{"action":"x","severity":"LOW","data":"${'x'.repeat(1 << 20)}"}`,
  ];
  for (const body of BAD_BODIES) {
    test(`[L1][S11] PostgreSQL refuses the event body ${body.slice(0, 100) || '(empty)'}`, async () => {
      await expect(
        company.db.query('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', [company.id, body]),
      ).rejects.toThrow();
    });
  }

  test('[L1] null bytes and lone surrogates of an anonymous client do not prevent an event', async () => {
    await insertEvent(company.db, company.id, {
      action: 'session.signInFailed',
      data: { email: 'a\0b\ud800@x' },
    });
    const { rows } = await company.db.query(`SELECT body FROM audit_event ORDER BY pos DESC LIMIT 1`);
    expect(JSON.parse(rows[0].body).data.email).toBe('a\uFFFDb\uFFFD@x');
  });
});

describe('the chain', () => {
  test('[L3] 64 concurrent writers with rollbacks neither fork it nor leave gaps', {
    timeout: 60_000,
  }, async () => {
    const target = await newCompany(database.appUrl);
    let committed = 2;
    await Promise.all(
      Array.from({ length: 64 }, async (_, writer) => {
        const db = await connectAs(database.appUrl, target.id);
        for (let round = 0; round < 6; round++) {
          await db.query('BEGIN');
          await insertEvent(db, target.id, { action: 'audit.exported', data: { writer, round } });
          await insertEvent(db, target.id, { action: 'policy.exported', data: { writer, round } });
          const keep = (writer + round) % 5 !== 0;
          await db.query(keep ? 'COMMIT' : 'ROLLBACK');
          if (keep) committed += 2;
        }
        await db.end();
      }),
    );
    expect(await positions(target.db)).toEqual(Array.from({ length: committed }, (_, index) => index + 1));
    expect((await verifyDatabase(database.ownerUrl)).faults).toEqual([]);
    await target.db.end();
  });

  test('[L3] events linked early stay in order with those linked at commit', async () => {
    const target = await newCompany(database.appUrl);
    await inTransaction(target.db, async () => {
      await insertEvent(target.db, target.id, { action: 'audit.exported' });
      await target.db.query('SET CONSTRAINTS ALL IMMEDIATE');
      await insertEvent(target.db, target.id, { action: 'policy.exported' });
      await target.db.query('SET CONSTRAINTS ALL DEFERRED');
      await insertEvent(target.db, target.id, { action: 'key.created' });
    });
    const { rows } = await target.db.query('SELECT action FROM audit_event ORDER BY pos');
    expect(rows.map((row) => row.action).slice(2)).toEqual([
      'audit.exported',
      'policy.exported',
      'key.created',
    ]);
    expect((await verifyDatabase(database.ownerUrl)).faults).toEqual([]);
    await target.db.end();
  });
});

test('[L1] a change reads no other event, whatever the length of the audit log and the number of chains', async () => {
  const long = await freshDatabase();
  const { id, branchId, db } = await newCompany(long.appUrl);
  const ownerDb = await connectAs(long.ownerUrl, '');
  const read = async () => {
    await db.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await ownerDb.query(
      `SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname LIKE 'audit\\_%')::int
         + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname LIKE 'audit\\_%')::int AS entries`,
    );
    return rows[0].entries as number;
  };
  const change = () =>
    inTransaction(db, async () => {
      await rename(db, branchId, uuidv7());
      await declare(db);
    });
  // tables that have filled since PostgreSQL last counted them, with a history of this very row
  for (const table of ['audit_event', 'audit_head'])
    await ownerDb.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
  await ownerDb.query('ANALYZE audit_head');
  for (let time = 0; time < 10; time++) await change(); // PostgreSQL keeps to one plan from the sixth time on
  await ownerDb.query(
    `INSERT INTO audit_event (company_id, pos, at_us, action, severity, entity, entity_id, body, salt, commitment, link)
       SELECT $1, n, 1, 'branch.updated', 'LOW', 'Branch', $2, '{}', '', '', '' FROM generate_series(1000, 21000) n`,
    [id, branchId],
  );
  await ownerDb.query(
    `INSERT INTO audit_head SELECT gen_random_uuid(), 1, 1, '' FROM generate_series(1, 2000)`,
  );
  const before = await read();
  await change();
  expect((await read()) - before).toBeLessThanOrEqual(4);
  await Promise.all([db.end(), ownerDb.end()]);
  await long.drop();
});

test('[L1] the body is stored as it was given, byte for byte', async () => {
  const body = bodyOf({ action: 'audit.exported', data: { text: 'ü € "quoted" \\ 1.0 1e2', number: 1e21 } });
  await company.db.query('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', [company.id, body]);
  expect(
    (await company.db.query('SELECT body FROM audit_event ORDER BY pos DESC LIMIT 1')).rows[0].body,
  ).toBe(body);
});
