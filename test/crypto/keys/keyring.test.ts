import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { system } from '../../../src/audit/record/body.ts';
import { declarationStatement } from '../../../src/audit/record/declaration.ts';
import { binding, newKeyBytes, seal, toKey } from '../../../src/crypto/aead.ts';
import { sealFor } from '../../../src/crypto/fields/sealed.ts';
import { KeyUnavailable, type MasterKey, openKeyring } from '../../../src/crypto/keys/keyring.ts';
import { queryAs, transactionAs } from '../../../src/db/sql.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { close, newCompany as companyOf, ownerOf } from '../../support/db/crypto-database.ts';
import { freshDatabase } from '../../support/server/fresh-database.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: TenantPool;
let owner: pg.Pool;
let statements = 0;
const master: MasterKey = { id: 'm1', key: newKeyBytes() };
const place = { model: 'Employee', field: 'salary', scope: 'pii' };

const tenant = (companyId: string) => ({ companyId, userId: null });
const query = (companyId: string, sql: string, values: unknown[]) => {
  statements += 1;
  return queryAs(pool, tenant(companyId))(sql, values);
};
const keyring = (masters = [master], limit?: number) => openKeyring(query, masters, limit);

const newCompany = async (): Promise<string> => (await companyOf(owner)).companyId;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new TenantPool({ connectionString: database.appUrl, max: 10 });
  owner = ownerOf(database);
});
afterAll(async () => {
  await close(database, [pool, owner]);
});

describe('[E3] the keyring', () => {
  test('creates exactly one key for a scope and purpose under 100 concurrent writers on four instances', async () => {
    const company = await newCompany();
    const instances = Array.from({ length: 4 }, () => keyring());
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        instances[i % 4]!.ensure(company, [
          ['pii', 'seal'],
          ['pii', 'index'],
        ]),
      ),
    );
    expect(new Set(all.map((keys) => keys.current('pii', 'seal')?.id)).size).toBe(1);
    expect(new Set(all.map((keys) => keys.current('pii', 'index')?.id)).size).toBe(1);
    const { rows } = await owner.query('SELECT purpose FROM "DataKey" WHERE "companyId" = $1 ORDER BY 1', [
      company,
    ]);
    expect(rows.map((row) => row.purpose)).toEqual(['index', 'seal']);
  });

  test('loads a company once for concurrent callers, and then from the cache', async () => {
    const company = await newCompany();
    await keyring().ensure(company, [['pii', 'seal']]);
    const fresh = keyring();
    const before = statements;
    await Promise.all(Array.from({ length: 50 }, () => fresh.load(company)));
    await fresh.load(company);
    expect(statements - before).toBe(1);
    fresh.forget(company);
    await fresh.load(company);
    expect(statements - before).toBe(2);
  });

  test('reloads once for concurrent callers with an unknown key', async () => {
    const company = await newCompany();
    const ring = keyring();
    await ring.ensure(company, [['pii', 'seal']]);
    const before = statements;
    await Promise.all(Array.from({ length: 50 }, () => ring.reload(company)));
    expect(statements - before).toBe(1);
    await ring.reload(company);
    expect(statements - before).toBe(2);
  });

  test('caches the most recently used companies, up to its limit', async () => {
    const [first, second, third] = [await newCompany(), await newCompany(), await newCompany()];
    const small = keyring([master], 2);
    for (const company of [first, second, first, third]) await small.load(company);
    const before = statements;
    await small.load(first);
    expect(statements - before).toBe(0);
    await small.load(second);
    expect(statements - before).toBe(1);
  });

  test('creates a key for each company, scope and purpose, stored wrapped', async () => {
    const [one, two] = [await newCompany(), await newCompany()];
    const ring = keyring();
    const wanted = [
      ['pii', 'seal'],
      ['pii', 'index'],
      ['hipaa', 'seal'],
    ] as ['pii', 'seal'][];
    const all = await Promise.all([ring.ensure(one, wanted), ring.ensure(two, wanted)]);
    const bytes = all.flatMap((keys) =>
      wanted.map(([scope, purpose]) => keys.current(scope, purpose)?.key.export().toString('hex')),
    );
    expect(new Set(bytes).size).toBe(6);
    const { rows } = await owner.query('SELECT wrapped FROM "DataKey" WHERE "companyId" IN ($1, $2)', [
      one,
      two,
    ]);
    expect(rows.length).toBe(6);
    for (const { wrapped } of rows) expect(wrapped).toMatch(/^b1\.m1\.[\w-]{80}$/);
  });

  test('creates the keys of a company inside the transaction that creates it', async () => {
    const company = randomUUID();
    const ring = keyring();
    const keys = await transactionAs(pool, tenant(company), async (run) => {
      await run('INSERT INTO "Company" (id, name, currency) VALUES ($1, $2, $3)', [company, 'New', 'EUR']);
      const origin = { requestId: 'test', ip: null, userAgent: null };
      run.atCommit.push(declarationStatement({ performer: system, origin }));
      const made = await ring.create((sql, values) => run(sql, values), company, ['pii']);
      expect(
        await ring.ensure(company, [
          ['pii', 'seal'],
          ['pii', 'index'],
        ]),
      ).toBe(made);
      return made;
    });
    const elsewhere = await keyring().load(company);
    expect(elsewhere.current('pii', 'seal')?.id).toBe(keys.current('pii', 'seal')?.id);
    expect(sealFor(elsewhere, place, 'row', '1')).toMatch(/^b1\./);
  });

  test('unwraps keys of an older master key, and wraps new keys with the first', async () => {
    const company = await newCompany();
    const old = await keyring().ensure(company, [['pii', 'seal']]);
    const both = keyring([{ id: 'm2', key: newKeyBytes() }, master]);
    const keys = await both.ensure(company, [
      ['pii', 'seal'],
      ['pii', 'index'],
    ]);
    expect(keys.current('pii', 'seal')?.id).toBe(old.current('pii', 'seal')?.id);
    const { rows } = await owner.query(
      'SELECT purpose, "masterKey" FROM "DataKey" WHERE "companyId" = $1 ORDER BY 1',
      [company],
    );
    expect(rows).toEqual([
      { purpose: 'index', masterKey: 'm2' },
      { purpose: 'seal', masterKey: 'm1' },
    ]);
  });

  test('[M9] seals new values with the newest version and still opens those of the older one', async () => {
    const company = await newCompany();
    const first = (await keyring().ensure(company, [['pii', 'seal']])).current('pii', 'seal');
    const second = randomUUID();
    const bound = binding('key', company, 'pii', 'seal', '2', second);
    await owner.query(
      `INSERT INTO "DataKey" ("companyId", id, scope, purpose, version, "masterKey", wrapped)
       VALUES ($1, $2, 'pii', 'seal', 2, 'm1', $3)`,
      [company, second, seal(toKey(master.key), 'm1', newKeyBytes(), bound)],
    );
    const keys = await keyring().load(company);
    expect(keys.current('pii', 'seal')?.id).toBe(second);
    expect(new Set(keys.sealing.keys())).toEqual(new Set([first?.id, second]));
  });
});

describe('[E9] the keyring fails closed', () => {
  test('without the master key that wrapped a data key, and names both', async () => {
    const company = await newCompany();
    const keys = await keyring().ensure(company, [['pii', 'seal']]);
    const without = keyring([{ id: 'm2', key: newKeyBytes() }]).load(company);
    await expect(without).rejects.toThrow(
      `data key ${keys.current('pii', 'seal')?.id} of company ${company} is wrapped by master key 'm1', which is not given`,
    );
  });

  test('with other bytes under the same master key id', async () => {
    const company = await newCompany();
    await keyring().ensure(company, [['pii', 'seal']]);
    await expect(keyring([{ id: 'm1', key: newKeyBytes() }]).load(company)).rejects.toThrow(
      /does not unwrap/,
    );
  });

  test('when a wrapped key was changed or moved to another company, scope, purpose, version or id', async () => {
    const [company, other] = [await newCompany(), await newCompany()];
    await keyring().ensure(company, [['pii', 'seal']]);
    const changes = [
      `wrapped = overlay(wrapped placing 'xxxx' from 30)`,
      `scope = 'hipaa'`,
      `purpose = 'index'`,
      'version = 2',
      'id = gen_random_uuid()',
      `"companyId" = '${other}'`,
      `"masterKey" = 'm2'`,
    ];
    for (const change of changes) {
      const client = await owner.connect();
      await client.query('BEGIN');
      await client.query(`UPDATE "DataKey" SET ${change} WHERE "companyId" = $1`, [company]);
      const holder = change.includes(other) ? other : company;
      const read = async (_: string, sql: string) => (await client.query(sql, [holder])).rows;
      const masters = [master, { id: 'm2', key: newKeyBytes() }];
      await expect(openKeyring(read, masters).load(holder), change).rejects.toThrow(KeyUnavailable);
      await client.query('ROLLBACK');
      client.release();
    }
    expect((await keyring().load(company)).sealing.size).toBe(1);
  });

  test('and loads again after a failed load', async () => {
    const company = await newCompany();
    await keyring().ensure(company, [['pii', 'seal']]);
    let down = true;
    const flaky = openKeyring(
      (...call) => (down ? Promise.reject(new Error('connection refused')) : query(...call)),
      [master],
    );
    await expect(flaky.load(company)).rejects.toThrow('connection refused');
    down = false;
    expect((await flaky.load(company)).sealing.size).toBe(1);
  });

  test('with no master key, a short one, or one id twice', () => {
    expect(() => keyring([])).toThrow('expected at least one');
    expect(() => keyring([master, { id: 'm1', key: newKeyBytes() }])).toThrow('given twice');
    expect(() => keyring([{ id: 'm1', key: Buffer.from('short') }])).toThrow('expected 32 bytes, got 5');
  });
});

test('[T3] another company’s keys do not exist for the server’s role', async () => {
  const [company, other] = [await newCompany(), await newCompany()];
  await keyring().ensure(company, [['pii', 'seal']]);
  expect(await query(other, 'SELECT id FROM "DataKey" WHERE "companyId" = $1', [company])).toEqual([]);
  await expect(query(company, 'UPDATE "DataKey" SET wrapped = wrapped', [])).rejects.toThrow(
    'permission denied',
  );
});
