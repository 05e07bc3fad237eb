import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { hash as bcrypt, verify as verifyBcrypt } from '@node-rs/bcrypt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashPassword, verifyPassword } from '../../../src/auth/password/hash.ts';
import { verifySignIn } from '../../../src/auth/sign-in/verify-sign-in.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { companyRow, credentialRow, insert, membershipRow, userRow } from '../../support/sign-in/people.ts';

// observed, not replaced
vi.mock('@node-rs/argon2', { spy: true });
vi.mock('@node-rs/bcrypt', { spy: true });
vi.mock('node:timers/promises', { spy: true });

const password = 'Tr4vel-by-lantern';
const wrong = 'Tr4vel-by-candle!';
const [acme, globex] = [randomUUID(), randomUUID()];
const people = {
  nora: randomUUID(),
  imported: randomUUID(),
  invited: randomUUID(),
  suspended: randomUUID(),
  long: randomUUID(),
};
const email = (name: keyof typeof people) => `${name}@acme.example`;
let database: FreshDatabase;
let pool: TenantPool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new TenantPool({ connectionString: database.appUrl, max: 4 });
  const hashes = {
    nora: await hashPassword(password),
    imported: await bcrypt(password, 12),
    suspended: await hashPassword(password),
    long: await bcrypt(`${password}${'x'.repeat(70)}`, 4),
  };
  const entries = Object.entries(people) as [keyof typeof people, string][];
  await insert(database.ownerUrl, [
    companyRow(acme, 'Acme'),
    companyRow(globex, 'Globex'),
    ...entries.map(([name, id]) => userRow(id, email(name))),
    ...entries.map(([name, id]) =>
      membershipRow({
        companyId: acme,
        userId: id,
        roles: ['client'],
        status: name === 'suspended' ? 'suspended' : 'active',
      }),
    ),
    membershipRow({ companyId: globex, userId: people.nora, roles: ['client'] }),
    ...Object.entries(hashes).map(([name, hash]) => credentialRow(people[name as 'nora'], hash)),
  ]);
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const storedHash = async (name: keyof typeof people): Promise<string> =>
  asOwner(database.ownerUrl, async (db) => {
    const { rows } = await db.query('SELECT "passwordHash" AS hash FROM "Credential" WHERE "userId" = $1', [
      people[name],
    ]);
    return rows[0].hash;
  });

describe('signing in by password', () => {
  it('[A1] succeeds with the user and the companies where they are active, oldest first', async () => {
    expect(await verifySignIn(pool, email('nora'), password)).toEqual({
      ok: true,
      userId: people.nora,
      name: 'A User',
      companies: [acme, globex],
    });
  });

  it.concurrent.each([
    ['wrong password', email('nora'), wrong],
    ['wrong password', email('nora'), ''],
    ['wrong password', email('nora'), 'x'.repeat(1_000_000)],
    ['unknown e-mail', 'unknown@acme.example', password],
    ['unknown e-mail', "' OR true --", password],
    ['no password set', email('invited'), password],
    ['no password set', email('invited'), ''],
    ['no active membership', email('suspended'), password],
    ['wrong password', email('suspended'), wrong],
  ])('[A1] fails with %s, which only the record is told (case %#)', async (reason, address, given) => {
    expect(await verifySignIn(pool, address, given)).toMatchObject({ ok: false, reason });
  });

  it('[A1] upgrades an imported bcrypt hash after success, and only then', async () => {
    await verifySignIn(pool, email('imported'), wrong);
    expect(await storedHash('imported')).toMatch(/^\$2[by]\$12\$/);
    expect(await verifySignIn(pool, email('imported'), password)).toMatchObject({ ok: true });
    const upgraded = await storedHash('imported');
    expect(upgraded).toMatch(/^\$argon2id\$/);
    expect(await verifyPassword(upgraded, password)).toBe(true);
    expect(await verifySignIn(pool, email('imported'), password)).toMatchObject({ ok: true });
    expect(await storedHash('imported')).toBe(upgraded);
  });

  it('[A1] keeps an imported hash that never saw the whole password', async () => {
    expect(await verifySignIn(pool, email('long'), `${password}${'x'.repeat(70)}`)).toMatchObject({
      ok: true,
    });
    expect(await storedHash('long')).toMatch(/^\$2[by]\$/);
  });
});

const failures: [string, string][] = [
  ['a wrong password', email('nora')],
  ['an unknown e-mail', 'unknown@acme.example'],
  ['a user without password', email('invited')],
  ['a user without active membership', email('suspended')],
];

describe('a failed sign-in', () => {
  beforeAll(async () =>
    insert(database.ownerUrl, [
      [
        'UPDATE "Credential" SET "passwordHash" = $2 WHERE "userId" = $1',
        [people.imported, await bcrypt(password, 11)],
      ],
    ]),
  );

  /**
   * How long a failure waits before it is answered, in milliseconds, when everything before took
   * `taken`.
   */
  async function waitAfter(taken: number, address: string): Promise<unknown> {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    vi.mocked(sleep).mockReset();
    await verifySignIn(pool, address, wrong, async () => void clock.mockReturnValue(1_000 + taken));
    clock.mockRestore();
    return vi.mocked(sleep).mock.calls;
  }

  it.each([...failures, ['an imported hash', email('imported')]])(
    '[A1] is answered half a second after its start for %s, however long it took to check and to record',
    async (_what, address) => {
      expect(await waitAfter(300, address)).toEqual([[200]]);
      expect(await waitAfter(600, address)).toEqual([[0]]);
    },
  );

  it.each(failures)(
    "[A1] costs one Argon2 verification at today's cost for %s, so that load reveals nothing",
    async (_what, address) => {
      vi.mocked(verifyArgon2).mockClear();
      vi.mocked(verifyBcrypt).mockClear();
      await verifySignIn(pool, address, wrong);
      const costs = vi.mocked(verifyArgon2).mock.calls.map(([hash]) => String(hash).split('$')[3]);
      expect(costs).toEqual(['m=19456,t=2,p=1']);
      expect(verifyBcrypt).not.toHaveBeenCalled();
    },
  );
});
