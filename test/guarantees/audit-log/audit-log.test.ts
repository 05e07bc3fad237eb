import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyDatabase } from '../../src/audit/verify/verify.ts';
import { PLATFORM_ID } from '../../src/auth/authorization/permissions.ts';
import { guarantees } from '../../src/db/guarantees.gen.ts';
import {
  bodyOf,
  connectAs,
  insertEvent,
  inTransaction,
  newCompany,
  positions,
  rename,
  renamed,
} from '../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';

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
      WHERE tgname = 'audit_required' AND tgdeferrable AND tgenabled = 'O' AND tgtype::int = 29`);
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

  test('[L1] an update of many rows needs an event for each', async () => {
    const other = uuidv7();
    const add = () =>
      company.db.query(`INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, 'Wismar')`, [
        company.id,
        other,
      ]);
    await inTransaction(company.db, async () => {
      await add();
      await insertEvent(company.db, company.id, {
        action: 'branch.created',
        entity: 'Branch',
        entityId: other,
      });
    });
    const touchAll = () => company.db.query(`UPDATE "Branch" SET name = name || '!'`);
    await expect(
      inTransaction(company.db, async () => {
        await touchAll();
        await insertEvent(company.db, company.id, renamed(other));
      }),
    ).rejects.toThrow(`UPDATE on Branch ${company.branchId}`);
    await inTransaction(company.db, async () => {
      await touchAll();
      await insertEvent(company.db, company.id, renamed(other));
      await insertEvent(company.db, company.id, renamed(company.branchId));
    });
  });

  test('[L1] early checks and savepoints do not lose the demand for an event', async () => {
    await expect(
      inTransaction(company.db, async () => {
        await rename(company.db, company.branchId);
        await company.db.query('SAVEPOINT early');
        await insertEvent(company.db, company.id, renamed(company.branchId));
        await company.db.query('SET CONSTRAINTS ALL IMMEDIATE');
        await company.db.query('ROLLBACK TO early');
      }),
    ).rejects.toThrow(UNRECORDED);
  });

  test('[L1] an event inside a released savepoint covers the change', async () => {
    await inTransaction(company.db, async () => {
      await company.db.query('SAVEPOINT inner_one');
      await rename(company.db, company.branchId, 'Flensburg');
      await insertEvent(company.db, company.id, renamed(company.branchId));
      await company.db.query('RELEASE inner_one');
    });
    expect(
      (await owner.query('SELECT name FROM "Branch" WHERE id = $1', [company.branchId])).rows[0].name,
    ).toBe('Flensburg');
  });

  test('[L1] temporary tables of the same names do not deceive the check', async () => {
    const db = await connectAs(database.appUrl, company.id);
    const name = new URL(database.ownerUrl).pathname.slice(1);
    // the server may create none; the check does not rely on that alone
    await owner.query(`GRANT TEMPORARY ON DATABASE ${name} TO PUBLIC`);
    await db.query('CREATE TEMP TABLE audit_event AS SELECT * FROM public.audit_event');
    await db.query(`CREATE TEMP TABLE "Company" (id uuid)`);
    const forge = `INSERT INTO pg_temp.audit_event (company_id, txid, at, entity, entity_id, action)
      VALUES ($1, pg_current_xact_id(), now() + interval '1 hour', 'Branch', $2, 'branch.updated')`;
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
  const remove = async (victim: Awaited<ReturnType<typeof newCompany>>, facts: 'all' | 'forged' | 'none') => {
    if (facts !== 'forged') await victim.db.query(`DELETE FROM "Company" WHERE id = $1`, [victim.id]);
    else await victim.db.query(`DELETE FROM "Branch" WHERE id = $1`, [victim.branchId]);
    if (facts !== 'none')
      await insertEvent(victim.db, victim.id, {
        action: 'company.deleted',
        entity: 'Company',
        entityId: victim.id,
      });
  };

  test('[T6] one event covers all rows deleted with the company, and its audit log remains', async () => {
    const victim = await newCompany(database.appUrl);
    await inTransaction(victim.db, () => remove(victim, 'all'));
    expect(await count(`"Branch" WHERE "companyId" = '${victim.id}'`)).toBe(0);
    expect(await positions(victim.db)).toEqual([1, 2, 3]);
    await victim.db.end();
  });

  test('[T6] it needs its event, and without one nothing is deleted', async () => {
    const victim = await newCompany(database.appUrl);
    await expect(inTransaction(victim.db, () => remove(victim, 'none'))).rejects.toThrow(UNRECORDED);
    expect(await count(`"Company" WHERE id = '${victim.id}'`)).toBe(1);
    await victim.db.end();
  });

  test('[L1] a claim that the company was deleted covers nothing while it exists', async () => {
    const victim = await newCompany(database.appUrl);
    await expect(inTransaction(victim.db, () => remove(victim, 'forged'))).rejects.toThrow(UNRECORDED);
    await victim.db.end();
  });
});

describe('the audit log', () => {
  const TABLES = ['audit_event', 'audit_chain', 'audit_head'];
  const CHANGES = {
    audit_event: `UPDATE audit_event SET company_id = company_id`,
    audit_chain: `UPDATE audit_chain SET at_us = at_us`,
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
    `INSERT INTO audit_event (company_id, body, txid) VALUES ('C', 'B', '1')`,
    `INSERT INTO audit_event (id, company_id, body) OVERRIDING SYSTEM VALUE VALUES (1, 'C', 'B')`,
    `INSERT INTO audit_event (company_id, body, at) VALUES ('C', 'B', '2020-01-01')`,
    `INSERT INTO audit_chain VALUES ('C', 99, 99, 1, '\\x00', '\\x00')`,
    `INSERT INTO audit_head (company_id) VALUES ('C')`,
    `ALTER TABLE audit_event DISABLE TRIGGER ALL`,
    `ALTER TABLE "Branch" DISABLE TRIGGER audit_required`,
    `DROP TRIGGER audit_required ON "Branch"`,
    `CREATE TRIGGER mine BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse()`,
    `SET session_replication_role = replica`,
    `SET ROLE bulwark_audit`,
    `SELECT audit_check_row('INSERT', 'Branch', 'C', 'C')`,
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
      `SELECT has_function_privilege('audit_link()', 'EXECUTE') AS executes`,
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
        company.db.query('INSERT INTO audit_event (company_id, body) VALUES ($1, $2)', [company.id, body]),
      ).rejects.toThrow();
    });
  }

  test('[L1] null bytes and lone surrogates of an anonymous client do not prevent an event', async () => {
    await insertEvent(company.db, company.id, {
      action: 'session.signInFailed',
      data: { email: 'a\0b\ud800@x' },
    });
    const { rows } = await company.db.query(`SELECT body FROM audit_event ORDER BY id DESC LIMIT 1`);
    expect(JSON.parse(rows[0].body).data.email).toBe('a\uFFFDb\uFFFD@x');
  });
});

describe('the chain', () => {
  test('[L3] a transaction that could see an old end of the chain is refused', async () => {
    for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
      await company.db.query(`BEGIN ISOLATION LEVEL ${level}`);
      await insertEvent(company.db, company.id, { action: 'audit.exported' });
      await expect(company.db.query('COMMIT')).rejects.toThrow(/must be READ COMMITTED/);
      await company.db.query('ROLLBACK');
    }
  });

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
    const { rows } = await target.db.query(
      'SELECT e.action FROM audit_chain c JOIN audit_event e ON e.id = c.event_id ORDER BY pos',
    );
    expect(rows.map((row) => row.action).slice(2)).toEqual([
      'audit.exported',
      'policy.exported',
      'key.created',
    ]);
    expect((await verifyDatabase(database.ownerUrl)).faults).toEqual([]);
    await target.db.end();
  });

  test('[L3] a held lock of a chain makes writers fail after a time-out', {
    timeout: 30_000,
  }, async () => {
    const holder = await connectAs(database.appUrl, company.id);
    await holder.query('SELECT pg_advisory_lock(hashtextextended($1, 4711))', [company.id]);
    await expect(insertEvent(company.db, company.id, { action: 'audit.exported' })).rejects.toThrow(
      /lock timeout/,
    );
    await holder.end();
  });
});

test('[L1] a change reads only its own transaction’s events, whatever the length of the audit log', async () => {
  const long = await freshDatabase();
  const { id, branchId, db } = await newCompany(long.appUrl);
  const ownerDb = await connectAs(long.ownerUrl, '');
  const read = async () => {
    await db.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await ownerDb.query(
      `SELECT sum(idx_tup_read)::int AS entries FROM pg_stat_user_indexes WHERE relname = 'audit_event'`,
    );
    return rows[0].entries as number;
  };
  const change = () =>
    inTransaction(db, async () => {
      await rename(db, branchId);
      await insertEvent(db, id, renamed(branchId));
    });
  // a table that has filled since PostgreSQL last counted it, with a history of this very row
  await ownerDb.query('ALTER TABLE audit_event SET (autovacuum_enabled = false)');
  await ownerDb.query('SET session_replication_role = replica');
  const filled = 'INSERT INTO audit_event (company_id, body) SELECT $1, $2 FROM generate_series(1, 20000)';
  await ownerDb.query(filled, [id, bodyOf(renamed(branchId))]);
  for (let time = 0; time < 10; time++) await change(); // PostgreSQL keeps to one plan from the sixth time on
  const before = await read();
  await change();
  expect((await read()) - before).toBeLessThanOrEqual(4);
  await Promise.all([db.end(), ownerDb.end()]);
  await long.drop();
});

test('[L1] the body is stored as it was given, byte for byte', async () => {
  const body = bodyOf({ action: 'audit.exported', data: { text: 'ü € "quoted" \\ 1.0 1e2', number: 1e21 } });
  await company.db.query('INSERT INTO audit_event (company_id, body) VALUES ($1, $2)', [company.id, body]);
  expect((await company.db.query('SELECT body FROM audit_event ORDER BY id DESC LIMIT 1')).rows[0].body).toBe(
    body,
  );
});

test('[L1] an event of an older database that happens to bear this transaction’s id covers nothing, and is not chained', async () => {
  const forge = `INSERT INTO audit_event (company_id, body, txid, at) VALUES ($1, $2, $3, now() - interval '1 day')`;
  const attempt = inTransaction(company.db, async () => {
    const { rows } = await company.db.query('SELECT pg_current_xact_id()::text AS me');
    await owner.query(forge, [company.id, bodyOf(renamed(company.branchId)), rows[0].me]);
    await rename(company.db, company.branchId);
  });
  await expect(attempt).rejects.toThrow(UNRECORDED);
});
