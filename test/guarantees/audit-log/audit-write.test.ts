import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyDatabase } from '../../../src/audit/verify/verify.ts';
import { PLATFORM_ID } from '../../../src/auth/authorization/permissions.ts';
import {
  connectAs,
  declare,
  insertEvent,
  inTransaction,
  newCompany,
  rename,
  renamed,
} from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

// Raw SQL of the server's role against the triggers that write the events of changed rows.
let database: FreshDatabase;
let owner: pg.Client;
let company: Awaited<ReturnType<typeof newCompany>>;
let db: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connectAs(database.ownerUrl, '');
});
beforeEach(async () => {
  company = await newCompany(database.appUrl);
  db = company.db;
  return () => company.db.end();
});
afterAll(async () => {
  expect((await verifyDatabase(database.ownerUrl)).faults).toEqual([]);
  await owner.end();
  await database.drop();
});

const setting = (...items: (string | null)[]): string =>
  `{${items.map((item) => (item === null ? 'NULL' : `"${item.replaceAll(/[\\"]/g, '\\$&')}"`)).join()}}`;
const USER = 'a0000000-0000-4000-8000-00000000000a';
const declared = (performer: string, ...names: string[]) =>
  setting(performer, 'request', '127.0.0.1', null, null, ...names);
const set = (text: string) => db.query(`SELECT set_config('app.audit', $1, true)`, [text]);
const change = () => rename(db, company.branchId, uuidv7());

const branches = async () =>
  (await owner.query('SELECT * FROM "Branch" WHERE "companyId" = $1 ORDER BY id', [company.id])).rows;
/** The company's events after those of its creation. */
const events = async () => {
  const sql = `SELECT pos::int, action, severity, entity, entity_id, body::json AS body FROM audit_event
    WHERE company_id = $1 AND pos > 2 ORDER BY pos`;
  return (await owner.query(sql, [company.id])).rows;
};

describe('a change is refused, and nothing of it remains', () => {
  type Attempt = () => Promise<unknown>;
  const withSetting = (text: string): Attempt => {
    return async () => {
      await change();
      await set(text);
    };
  };
  const swallowed = `DO $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; EXCEPTION WHEN OTHERS THEN NULL; END $$`;
  const attempts: [title: string, attempt: Attempt, error: RegExp][] = [
    ['without a declaration', change, /without its audit event/],
    ['with an empty declaration', withSetting(''), /without its audit event/],
    [
      'with a declaration that is cleared before COMMIT',
      async () => {
        await declare(db);
        await change();
        await set('');
      },
      /without its audit event/,
    ],
    [
      'with a declaration that is RESET',
      async () => {
        await declare(db);
        await change();
        await db.query('RESET app.audit');
      },
      /without its audit event/,
    ],
    [
      'with a declaration inside a savepoint that is rolled back',
      async () => {
        await change();
        await db.query('SAVEPOINT s');
        await declare(db);
        await db.query('ROLLBACK TO s');
      },
      /without its audit event/,
    ],
    [
      'whose early refusal is swallowed by a handler',
      async () => {
        await change();
        await db.query(swallowed);
      },
      /without its audit event/,
    ],
    [
      'whose early refusal is swallowed before a declaration that is rolled back',
      async () => {
        await change();
        await db.query(swallowed);
        await db.query('SAVEPOINT s');
        await declare(db);
        await db.query('SET CONSTRAINTS ALL IMMEDIATE');
        await db.query('ROLLBACK TO s');
      },
      /without its audit event/,
    ],
    [
      'inside a DO block that commits by itself',
      async () => {
        await db.query('COMMIT');
        await db.query(`DO $$ BEGIN UPDATE "Branch" SET name = name || '!'; COMMIT; END $$`);
      },
      /without its audit event/,
    ],
    [
      'in a transaction chained to one with a declaration',
      async () => {
        await declare(db);
        await db.query('COMMIT AND CHAIN');
        await change();
      },
      /without its audit event/,
    ],
    [
      'by PREPARE TRANSACTION',
      async () => {
        await change();
        await db.query(`PREPARE TRANSACTION 'kept'`);
      },
      /without its audit event/,
    ],
    [
      'by SET CONSTRAINTS audit_write IMMEDIATE',
      async () => {
        await change();
        await db.query('SET CONSTRAINTS audit_write IMMEDIATE');
      },
      /without its audit event/,
    ],
    [
      'by audit_changes without a declaration',
      async () => {
        await change();
        await db.query(`SELECT audit_changes('')`);
      },
      /without its audit event/,
    ],
    [
      'of a row once the context is the platform’s',
      async () => {
        await declare(db);
        await change();
        await db.query(`SELECT set_config('app.company_id', $1, true)`, [PLATFORM_ID]);
      },
      /without its audit event/,
    ],
    [
      'of a row once there is no context',
      async () => {
        await declare(db);
        await change();
        await db.query(`SELECT set_config('app.company_id', '', true)`);
      },
      /without its audit event/,
    ],
    ['with a declaration that is no array', withSetting('system'), /malformed array/],
    ['with a declaration of no elements', withSetting('{}'), /must have a name/],
    ['with a declaration of two dimensions', withSetting('{{a,b},{c,d}}'), /must have a name/],
    ['with elements moved to other places', withSetting('[0:1]={"{}",x}'), /invalid input syntax/],
    ['without a performer', withSetting('{NULL,r,NULL,NULL,NULL}'), /must have a name/],
    ['with a performer that is no JSON', withSetting(declared('me')), /invalid input syntax/],
    ['with a performer that is a list', withSetting(declared('[]')), /must have a name/],
    ['with a performer that is a string', withSetting(declared('"system"')), /must have a name/],
    ['with a performer that is null', withSetting(declared('null')), /must have a name/],
    [
      'with a performer whose id is in capitals',
      withSetting(declared(JSON.stringify({ kind: 'user', userId: USER.toUpperCase() }))),
      /must have a name/,
    ],
    [
      'with a performer whose id is no UUID',
      withSetting(declared('{"kind":"user","userId":"me"}')),
      /invalid input syntax/,
    ],
    [
      'with a severity of its own',
      withSetting(declared('{}', 'Branch * branch.updated NONE')),
      /must have a name/,
    ],
    ['with a name without a severity', withSetting(declared('{}', 'Branch * x')), /must have a name/],
    [
      'with a name that closes its JSON string',
      withSetting(declared('{}', 'Branch * x","actor":{"kind":"system"},"y":" LOW')),
      /must have a name/,
    ],
    [
      'with a name of more than 100 characters',
      withSetting(declared('{}', `Branch * ${'x'.repeat(101)} LOW`)),
      /must have a name/,
    ],
    [
      'with a body of more than 1 MiB',
      withSetting(setting('{}', 'r', null, 'x'.repeat(1 << 20))),
      /at most 1 MiB/,
    ],
    [
      'of the row’s id',
      async () => {
        await declare(db);
        await db.query('UPDATE "Branch" SET id = gen_random_uuid() WHERE id = $1', [company.branchId]);
      },
      /changes its id or company/,
    ],
    [
      'whose event a time-out cancels',
      async () => {
        await declare(db);
        await db.query(
          `INSERT INTO "Branch" ("companyId", id, name) SELECT $1, gen_random_uuid(), 'x' || n FROM generate_series(1, 5000) n`,
          [company.id],
        );
        await db.query(`SET LOCAL statement_timeout = '20ms'`);
        await db.query('SET CONSTRAINTS ALL IMMEDIATE');
      },
      /statement timeout/,
    ],
  ];
  test.each(attempts)('[L1] %s', async (_title, attempt, error) => {
    const before = await branches();
    await expect(inTransaction(db, attempt)).rejects.toThrow(error);
    expect(await branches()).toEqual(before);
    expect(await events()).toEqual([]);
  });

  test.each([
    [`SELECT "audit_write_Branch"()`, /permission denied|can only be called as triggers/],
    [`SELECT audit_place_pending()`, /permission denied|can only be called as triggers/],
    [
      `INSERT INTO audit_pending (company_id, body, action, severity) VALUES ('C', '{}', 'x', 'LOW')`,
      /permission denied/,
    ],
    [`INSERT INTO audit_pending (company_id, body, entity_id) VALUES ('C', '{}', 'C')`, /permission denied/],
    [`UPDATE audit_event SET action = 'x'`, /permission denied/],
    [`ALTER TABLE "Branch" DISABLE TRIGGER USER`, /must be owner/],
    [`DROP FUNCTION "audit_write_Branch"() CASCADE`, /must be owner/],
    [`ALTER FUNCTION "audit_write_Branch"() SET search_path = pg_temp`, /must be owner/],
    [`ALTER FUNCTION "audit_write_Branch"() OWNER TO bulwark_app`, /must be owner/],
    [`SET session_replication_role = replica`, /permission denied/],
    [`ALTER TABLE audit_pending DISABLE TRIGGER audit_place_pending`, /must be owner/],
  ])('[L4] the server’s role may not: %s', async (sql, error) => {
    await expect(db.query(sql.replaceAll(`'C'`, `'${company.id}'`))).rejects.toThrow(error);
  });

  test.each(['before', 'after'])('[L1] an event appended by hand has no `%s`', async (member) => {
    const body = {
      action: 'branch.updated',
      severity: 'LOW',
      entity: 'Branch',
      entityId: company.branchId,
      [member]: { id: company.branchId },
    };
    await expect(
      db.query('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', [
        company.id,
        JSON.stringify(body),
      ]),
    ).rejects.toThrow(/without duplicate keys, before or after/);
  });
});

describe('a change that commits has its event', () => {
  const committed = async (run: () => Promise<unknown>) => {
    await inTransaction(db, run);
    return events();
  };
  const insert = (id: string, name: string) =>
    db.query(`INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, $3)`, [company.id, id, name]);
  const actions = (rows: { action: string }[]) => rows.map(({ action }) => action);

  test('[L1] written early, and what follows is written at COMMIT', async () => {
    const rows = await committed(async () => {
      await declare(db);
      await db.query('SET CONSTRAINTS ALL IMMEDIATE');
      await rename(db, company.branchId, 'one');
      await db.query('SET CONSTRAINTS ALL DEFERRED');
      await rename(db, company.branchId, 'two');
    });
    expect(rows.map(({ body }) => [body.before.name, body.after.name])).toEqual([
      ['Kiel', 'one'],
      ['one', 'two'],
    ]);
  });

  test('[L1] written once, however often audit_changes is asked', async () => {
    const rows = await committed(async () => {
      await change();
      for (let time = 0; time < 3; time++) await db.query('SELECT audit_changes($1)', [declared('{}')]);
    });
    expect(rows).toHaveLength(1);
  });

  test('[L1] a change that was rolled back to a savepoint has none, written early or not', async () => {
    const rows = await committed(async () => {
      await declare(db);
      for (const early of [true, false]) {
        await db.query('SAVEPOINT s');
        await change();
        if (early) await db.query('SET CONSTRAINTS ALL IMMEDIATE');
        await db.query('ROLLBACK TO s');
      }
      await rename(db, company.branchId, 'kept');
    });
    expect(rows.map(({ body }) => body.after.name)).toEqual(['kept']);
  });

  test('[L1] a row changed and changed back has an event for each step', async () => {
    const rows = await committed(async () => {
      await declare(db);
      await rename(db, company.branchId, 'away');
      await rename(db, company.branchId, 'Kiel');
    });
    expect(rows.map(({ body }) => body.after.name)).toEqual(['away', 'Kiel']);
  });

  test('[B22] an update that leaves the row as it was has none, declared or not', async () => {
    await db.query('UPDATE "Branch" SET name = name');
    expect(
      await committed(async () => {
        await declare(db);
        await rename(db, company.branchId, 'Kiel');
      }),
    ).toEqual([]);
  });

  test('[L1] by MERGE, ON CONFLICT and a statement inside WITH: one each', async () => {
    const [first, second] = [uuidv7(), uuidv7()];
    const rows = await committed(async () => {
      await declare(db);
      await insert(first, 'Amrum');
      await db.query(
        `INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, 'x') ON CONFLICT ("companyId", id) DO UPDATE SET name = 'Föhr'`,
        [company.id, first],
      );
      await db.query(
        `WITH made AS (INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, 'Sylt') RETURNING id) SELECT FROM made`,
        [company.id, second],
      );
      await db.query(
        `MERGE INTO "Branch" b USING (SELECT unnest($1::uuid[]) AS id) s ON b.id = s.id
         WHEN MATCHED AND b.name = 'Sylt' THEN DELETE WHEN MATCHED THEN UPDATE SET name = 'Pellworm'`,
        [[first, second]],
      );
    });
    const told = rows.map(({ action, entity_id }) => [action, entity_id]);
    expect(told.slice(0, 3)).toEqual([
      ['branch.created', first],
      ['branch.updated', first],
      ['branch.created', second],
    ]);
    expect(told.slice(3).sort()).toEqual([
      ['branch.deleted', second],
      ['branch.updated', first],
    ]);
  });

  test('[L1] rows that a foreign key deletes along have their own', async () => {
    const [run, item, person] = [uuidv7(), uuidv7(), uuidv7()];
    const seal = `b1.m1.${'A'.repeat(40)}`;
    await owner.query('BEGIN; SET LOCAL session_replication_role = replica');
    await owner.query(
      `INSERT INTO "PayrollRun" ("companyId", id, period, total, "createdById") VALUES ($1, $2, '2026-01', $3, $4)`,
      [company.id, run, seal, person],
    );
    await owner.query(
      `INSERT INTO "PayrollItem" ("companyId", id, "runId", "employeeId", amount) VALUES ($1, $2, $3, $4, $5)`,
      [company.id, item, run, person, seal],
    );
    await owner.query('COMMIT');
    const rows = await committed(async () => {
      await declare(db);
      await db.query('DELETE FROM "PayrollRun" WHERE id = $1', [run]);
    });
    expect(rows.map(({ action, entity_id }) => [action, entity_id])).toEqual([
      ['payrollRun.deleted', run],
      ['payrollItem.deleted', item],
    ]);
    expect(rows[1].body.before.amount).toBe(seal);
  });

  test('[T6] a company that is deleted and made again in one transaction: so do the rows that went', async () => {
    const rows = await committed(async () => {
      await declare(db);
      await db.query('DELETE FROM "Company" WHERE id = $1', [company.id]);
      await db.query(`INSERT INTO "Company" (id, name, currency) VALUES ($1, 'Again', 'EUR')`, [company.id]);
    });
    expect(actions(rows).sort()).toEqual(['branch.deleted', 'company.created', 'company.deleted']);
  });

  test('[L1] named by the first name that fits its row, each name once', async () => {
    const [first, second] = [uuidv7(), uuidv7()];
    const rows = await committed(async () => {
      await insert(first, 'a');
      await insert(second, 'b');
      await rename(db, second, 'c');
      await rename(db, company.branchId, 'd');
      await set(
        declared(
          '{}',
          `Branch ${second} named.one HIGH`,
          'Team * not.mine LOW',
          'Branch * first.one CRITICAL',
        ),
      );
    });
    expect(rows.map(({ action, severity }) => [action, severity])).toEqual([
      ['first.one', 'CRITICAL'],
      ['named.one', 'HIGH'],
      ['branch.updated', 'LOW'],
      ['branch.updated', 'LOW'],
    ]);
  });

  test('[L1] a name that a rolled back change took is there for the next', async () => {
    const rows = await committed(async () => {
      await set(declared('{}', 'Branch * first.one HIGH'));
      await db.query('SAVEPOINT s');
      await change();
      await db.query('SET CONSTRAINTS ALL IMMEDIATE');
      await db.query('ROLLBACK TO s');
      await change();
    });
    expect(actions(rows)).toEqual(['first.one']);
  });

  test('[S11] the body names nothing twice, whatever the performer says', async () => {
    const performer = `{"kind":"user","userId":"${USER}","kind":"system","nested":{"a":1,"a":2}}`;
    const [row] = await committed(async () => {
      await change();
      await set(declared(performer));
    });
    const { rows } = await owner.query(
      'SELECT body FROM audit_event WHERE entity_id = $1 ORDER BY pos DESC LIMIT 1',
      [company.branchId],
    );
    expect(rows[0].body.match(/"kind"/g)).toHaveLength(1);
    expect(rows[0].body.match(/"a"/g)).toHaveLength(1);
    expect(row.body.actor).toEqual({ kind: 'system', userId: USER, nested: { a: 2 } });
  });

  test('[L1] quotes, backslashes and control characters stay inside their strings', async () => {
    const name = `","actor":{"kind":"system"}}\\u0022 \\" \n\t\u0001 ü 😀`;
    const [row] = await committed(async () => {
      await rename(db, company.branchId, name);
      await set(setting('{"kind":"user"}', name, name, name));
    });
    expect(row.body).toMatchObject({ actor: { kind: 'user' }, after: { name } });
    expect([row.body.requestId, row.body.ip, row.body.userAgent]).toEqual([name, name, name]);
  });

  test('[L1] settings of the session do not change how a value is shown', async () => {
    for (const sql of [
      `SET TimeZone = 'Asia/Tokyo'`,
      `SET DateStyle = 'German, DMY'`,
      `SET IntervalStyle = 'sql_standard'`,
      `SET array_nulls = off`,
      `SET extra_float_digits = 0`,
      `SET quote_all_identifiers = on`,
    ])
      await db.query(sql);
    const [row] = await committed(async () => {
      await db.query(`UPDATE "Branch" SET "createdAt" = '2026-01-05 12:00:00.123+00'`);
      await declare(db);
    });
    expect(row.body.after.createdAt).toBe('2026-01-05T12:00:00.123Z');
  });

  test('[L1] a moment that is no date is shown as PostgreSQL has it', async () => {
    const [row] = await committed(async () => {
      await db.query(`UPDATE "Branch" SET "createdAt" = 'infinity'`);
      await declare(db);
    });
    expect(row.body.after.createdAt).toBe('infinity');
  });

  test('[L1] a declaration for the whole session is the declaration of each of its changes', async () => {
    await db.query(`SELECT set_config('app.audit', $1, false)`, [declared('{"kind":"user"}')]);
    await change();
    await change();
    expect((await events()).map(({ body }) => body.actor)).toEqual([{ kind: 'user' }, { kind: 'user' }]);
  });

  test('[L3] is on disk with its COMMIT, whatever the session asks for', async () => {
    await committed(async () => {
      await db.query('SET LOCAL synchronous_commit = off');
      await change();
      await declare(db);
      await db.query('SET CONSTRAINTS ALL IMMEDIATE');
      const { rows } = await db.query('SHOW synchronous_commit');
      expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    });
  });

  test('[L3] beside events of no row, in the order of the statements', async () => {
    const rows = await committed(async () => {
      await change();
      await insertEvent(db, company.id, { action: 'audit.exported' });
      await insertEvent(db, company.id, renamed(company.branchId));
      await declare(db);
    });
    expect(actions(rows)).toEqual(['branch.updated', 'audit.exported', 'branch.updated']);
    expect(rows.map(({ body }) => body.after !== undefined)).toEqual([true, false, false]);
  });

  test('[L5] and only the platform’s chain may have it as well', async () => {
    await committed(async () => {
      await change();
      await set(setting('{}', 'both', null, null, 'platform'));
    });
    const { rows } = await owner.query(
      `SELECT company_id FROM audit_event WHERE body::json ->> 'requestId' = 'both' ORDER BY 1`,
    );
    expect(rows.map((row) => row.company_id).sort()).toEqual([PLATFORM_ID, company.id].sort());
  });

  test('[L1] masks secrets, and keeps sealed columns as ciphertext', async () => {
    const [account, key] = [uuidv7(), uuidv7()];
    const rows = await committed(async () => {
      await declare(db);
      await db.query(
        `INSERT INTO "ServiceAccount" ("companyId", id, name, roles, "createdById") VALUES ($1, $2, 'Robot', '{}', $2)`,
        [company.id, account],
      );
      await db.query(
        `INSERT INTO "ApiKey" ("companyId", id, "serviceAccountId", name, hash, "createdById", "expiresAt")
         VALUES ($1, $2, $3, 'Key', 'verysecrethash', $3, now())`,
        [company.id, key, account],
      );
      await db.query(`UPDATE "ApiKey" SET hash = 'othersecrethash' WHERE id = $1`, [key]);
    });
    expect(rows[1].body.after.hash).toBe('[secret]');
    expect(rows[2].body).toMatchObject({ before: { hash: '[secret]' }, after: { hash: '[secret]' } });
    expect(JSON.stringify(rows)).not.toContain('secrethash');
  });
});
