import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { commitmentTo } from '../../../src/audit/verify/format.ts';
import { verifyDatabase } from '../../../src/audit/verify/verify.ts';
import { PLATFORM_ID } from '../../../src/auth/authorization/permissions.ts';
import {
  bodyOf,
  connectAs,
  declare,
  insertEvent,
  inTransaction,
  newCompany,
  positions,
  rename,
} from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

// How events get their places, and what a place commits to.
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

const append = (client = db, to = company.id) => insertEvent(client, to, { action: 'audit.exported' });
const change = async (client: pg.Client) => {
  await rename(client, company.branchId, crypto.randomUUID());
  await declare(client);
};
const pending = async () => (await owner.query('SELECT * FROM audit_pending')).rows;

type Group = { keySize: number; tagSize: number; tests: Record<'key' | 'msg' | 'tag' | 'result', string>[] };

describe('the commitment to a body', () => {
  const bySql = async (salt: string, body: string) => {
    const { rows } = await owner.query(
      `SELECT encode(audit_commitment(decode($1, 'hex'), $2), 'hex') AS is`,
      [salt, body],
    );
    return rows[0].is as string;
  };

  test.each([
    ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      Buffer.from('Jefe').toString('hex'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
  ])('[L3] is the HMAC-SHA256 of RFC 4231 for key %s', async (salt, body, expected) => {
    expect(await bySql(salt, body)).toBe(expected);
    expect(commitmentTo(body, salt)).toBe(expected);
  });

  test('[L3] is that of the Wycheproof vectors whose messages are texts', async () => {
    const path = new URL('../../support/vectors/hmac_sha256_test.json', import.meta.url);
    const { testGroups } = JSON.parse(readFileSync(path, 'utf8'));
    const groups = testGroups.filter(({ keySize, tagSize }: Group) => keySize <= 256 && tagSize === 256);
    let compared = 0;
    for (const { key, msg, tag, result } of groups.flatMap(({ tests }: Group) => tests)) {
      const body = Buffer.from(msg, 'hex').toString();
      if (Buffer.from(body).toString('hex') !== msg || body.includes('\0')) continue;
      expect((await bySql(key, body)) === tag).toBe(result === 'valid');
      compared += 1;
    }
    expect(compared).toBeGreaterThan(20);
  });

  test('[L3] is what OpenSSL computes, in PostgreSQL and in the verifier', async () => {
    const body = fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), body, async (bytes, text) => {
        const salt = Buffer.from(bytes).toString('hex');
        const expected = createHmac('sha256', bytes).update(text).digest('hex');
        expect([await bySql(salt, text), commitmentTo(text, salt)]).toEqual([expected, expected]);
      }),
      { numRuns: 200 },
    );
  });

  test('[L3] of a body of 1 MiB is the same in the verifier', () => {
    const [body, salt] = ['ü'.repeat(1 << 19), 'ab'.repeat(32)];
    const expected = createHmac('sha256', Buffer.from(salt, 'hex')).update(body).digest('hex');
    expect(commitmentTo(body, salt)).toBe(expected);
  });

  test('[L3] differs for the same body, since each event has a salt of its own', async () => {
    const body = bodyOf({ action: 'audit.exported' });
    for (let time = 0; time < 2; time++)
      await db.query('INSERT INTO audit_pending (company_id, body) VALUES ($1, $2)', [company.id, body]);
    const { rows } = await db.query('SELECT salt, commitment FROM audit_event WHERE body = $1', [body]);
    expect(rows).toHaveLength(2);
    expect(rows[0].salt).toHaveLength(32);
    expect(rows[0].salt).not.toEqual(rows[1].salt);
    expect(rows[0].commitment).not.toEqual(rows[1].commitment);
  });
});

describe.each(['REPEATABLE READ', 'SERIALIZABLE'])('a transaction at %s', (level) => {
  test.each(['append', 'change'])('[L3] that could fork the chain with its %s is refused', async (what) => {
    const other = await connectAs(database.appUrl, company.id);
    await db.query(`BEGIN ISOLATION LEVEL ${level}`);
    await db.query('SELECT FROM audit_head');
    await append(other);
    await (what === 'append' ? append() : change(db));
    await expect(db.query('COMMIT')).rejects.toMatchObject({ code: '40001' });
    await other.end();
    expect(await positions(db)).toEqual([1, 2, 3]);
  });

  test('[L3] that begins a chain which another one has begun since is refused', async () => {
    const id = crypto.randomUUID();
    const [first, second] = [await connectAs(database.appUrl, id), await connectAs(database.appUrl, id)];
    await first.query(`BEGIN ISOLATION LEVEL ${level}`);
    await first.query('SELECT FROM audit_head');
    await append(second, id);
    await append(first, id);
    await expect(first.query('COMMIT')).rejects.toMatchObject({ code: '40001' });
    expect(await positions(second)).toEqual([1]);
    await Promise.all([first.end(), second.end()]);
  });

  test('[L3] that writes alone commits', async () => {
    await db.query(`BEGIN ISOLATION LEVEL ${level}`);
    await append();
    await change(db);
    await db.query('COMMIT');
    expect(await positions(db)).toEqual([1, 2, 3, 4]);
  });
});

test('[L3] an open transaction holds no chain, whatever it has written and read back', async () => {
  const other = await connectAs(database.appUrl, company.id);
  await db.query('BEGIN');
  await append();
  await append(db, PLATFORM_ID);
  await rename(db, company.branchId, 'Emden');
  const { rows } = await db.query(`SELECT body::json ->> 'action' AS action FROM audit_changes($1)`, [
    `{"{}",request,127.0.0.1,NULL,platform}`,
  ]);
  expect(rows).toEqual([{ action: 'branch.updated' }]);
  await append(other);
  await append(other, PLATFORM_ID);
  await db.query('COMMIT');
  const events = await db.query('SELECT action FROM audit_event WHERE pos > 2 ORDER BY pos');
  expect(events.rows.map(({ action }) => action)).toEqual([
    'audit.exported',
    'audit.exported',
    'branch.updated',
  ]);
  await other.end();
});

test('[L3] transactions whose events are for company and platform, in either order, never wait for each other', async () => {
  const orders = [
    [company.id, PLATFORM_ID],
    [PLATFORM_ID, company.id],
  ];
  const writers = Array.from({ length: 8 }, async (_, index) => {
    const client = await connectAs(database.appUrl, company.id);
    for (let round = 0; round < 25; round++)
      await inTransaction(client, async () => {
        for (const to of orders[index % 2] as string[]) await append(client, to);
      });
    await client.end();
  });
  await Promise.all(writers);
  expect(await positions(db)).toHaveLength(2 + 8 * 25);
});

describe('pending events', () => {
  test('[L1] are gone once their transaction has committed or rolled back', async () => {
    for (const end of ['COMMIT', 'ROLLBACK']) {
      await db.query('BEGIN');
      await append();
      await rename(db, company.branchId, end);
      await db.query('SELECT audit_changes($1)', ['{"{}",request,NULL,NULL,platform}']);
      expect((await db.query('SELECT FROM audit_pending')).rowCount).toBe(2);
      await db.query(end);
      expect(await pending()).toEqual([]);
    }
    expect(await positions(db)).toEqual([1, 2, 3, 4]);
  });

  test('[L1] of a savepoint that was rolled back get no place', async () => {
    await inTransaction(db, async () => {
      await db.query('SAVEPOINT s');
      await append();
      await db.query('ROLLBACK TO s');
    });
    expect(await positions(db)).toEqual([1, 2]);
  });

  test('[L1] of another company are not shown', async () => {
    const other = await newCompany(database.appUrl);
    await db.query('BEGIN');
    await append();
    await db.query(`SELECT set_config('app.company_id', $1, true)`, [other.id]);
    expect((await db.query('SELECT FROM audit_pending')).rows).toEqual([]);
    await db.query('ROLLBACK');
    await other.db.end();
  });

  test('[L1] get their place as they were appended, even if an owner alters or deletes them before COMMIT', async () => {
    const sql = { alters: `UPDATE audit_pending SET body = '{}'`, deletes: 'DELETE FROM audit_pending' };
    for (const tampering of Object.values(sql)) {
      await inTransaction(owner, async () => {
        await append(owner, company.id);
        await owner.query(tampering);
      });
      expect(await pending()).toEqual([]);
    }
    const { rows } = await db.query('SELECT action FROM audit_event WHERE pos > 2');
    expect(rows).toEqual([{ action: 'audit.exported' }, { action: 'audit.exported' }]);
  });
});

test('[L3] a commit is on disk before its events are read, also where a session asks for more', async () => {
  for (const [asked, kept] of [
    ['off', 'on'],
    ['local', 'on'],
    ['remote_apply', 'remote_apply'],
  ]) {
    await inTransaction(db, async () => {
      await db.query(`SET LOCAL synchronous_commit = ${asked}`);
      await append();
      await db.query('SET CONSTRAINTS ALL IMMEDIATE');
      expect((await db.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: kept }]);
    });
  }
});

test('[L4] the end of a chain cannot be moved back, not even by the role that owns it', async () => {
  const back = [
    'UPDATE audit_head SET pos = pos - 1',
    'UPDATE audit_head SET pos = pos + 1, at_us = at_us - 1',
    'UPDATE audit_head SET pos = pos + 1, company_id = gen_random_uuid()',
  ];
  for (const sql of back)
    await expect(
      inTransaction(owner, () => owner.query(`SET LOCAL ROLE bulwark_audit; ${sql}`)),
    ).rejects.toThrow(/UPDATE of audit_head is refused/);
});
