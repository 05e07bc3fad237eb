import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { identityVersions } from '../../../src/auth/identity-version/identity-versions.ts';
import { publicSessionId } from '../../../src/auth/session/public-id.ts';
import {
  listSessions,
  revokeAllSessions,
  revokeSession,
  rotateSession,
} from '../../../src/auth/session/session-rows.ts';
import { authenticateSession, createSession } from '../../../src/auth/session/store.ts';
import { measureClockSkew } from '../../../src/db/clock.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { useOf } from '../../../src/shortcuts.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { companyRow, insert, membershipRow, userRow } from '../../support/sign-in/people.ts';

const HOUR = 3_600_000;
const [acme, nora, otto] = [randomUUID(), randomUUID(), randomUUID()];
const origin = { companyId: acme, ip: '192.0.2.7', userAgent: 'a browser' };
let database: FreshDatabase;
let pool: TenantPool;
const identities = identityVersions(useOf('identityVersions'));
const means = () => ({ pool, identities });
const as = (userId: string) => queryAs(pool, { companyId: null, userId });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const signIn = (userId = nora) => createSession(as(userId), userId, origin);

beforeAll(async () => {
  database = await freshDatabase();
  pool = new TenantPool({ connectionString: database.appUrl, max: 4 });
  await insert(database.ownerUrl, [
    companyRow(acme, 'Acme'),
    userRow(nora, 'nora@acme.example'),
    userRow(otto, 'otto@acme.example'),
    membershipRow({ companyId: acme, userId: nora, roles: ['company_member'] }),
  ]);
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

/** Lets time pass for this session: its whole row moves into the past, on the database's clock. */
const age = (token: string, hours: number) =>
  asOwner(database.ownerUrl, (db) =>
    db.query(
      `UPDATE "Session" SET "createdAt" = "createdAt" - $2::interval, "lastUsedAt" = "lastUsedAt" - $2::interval,
       "expiresAt" = "expiresAt" - $2::interval, "absoluteExpiresAt" = "absoluteExpiresAt" - $2::interval WHERE id = $1`,
      [sha256(token), `${hours} hours`],
    ),
  );
const hoursLeft = (until: Date | undefined) => Math.round((Number(until) - Date.now()) / HOUR);

describe('a session', () => {
  it('[A5] has a token of 256 bits, of which only the hash is stored', async () => {
    const token = await signIn();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    const rows = await asOwner(
      database.ownerUrl,
      async (db) => (await db.query('SELECT s::text AS row, id FROM "Session" s')).rows,
    );
    expect(rows.map(({ id }) => id)).toContain(sha256(token));
    for (const { row } of rows) expect(row).not.toContain(token);
  });

  it('[A5] has never the same token twice', async () => {
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => signIn()))).size).toBe(50);
  });

  it('[A5] is its user’s, in the company that they signed in to, in one round trip', async () => {
    const token = await signIn();
    const statements = vi.spyOn(pool, 'query');
    const found = await authenticateSession(means(), token);
    expect(statements).toHaveBeenCalledTimes(1);
    expect(found?.user.id).toBe(nora);
    expect(found?.session).toMatchObject({ id: sha256(token), companyId: acme });
    expect(hoursLeft(found?.session.expiresAt)).toBe(24);
    expect(hoursLeft(found?.session.absoluteExpiresAt)).toBe(30 * 24);
  });

  it.each([
    ['without a second factor has no time of one', null],
    ['with a second factor has its time', new Date('2026-01-02T03:04:05.678Z')],
  ])('[A5] %s', async (_what, mfaAt) => {
    const token = await createSession(as(nora), nora, { ...origin, mfaAt });
    expect((await authenticateSession(means(), token))?.session.mfaAt).toEqual(mfaAt);
  });

  it('[A5] is not found with a forged, malformed or empty token, or with the stored hash', async () => {
    const token = await signIn();
    const forged = [
      randomBytes(32).toString('base64url'),
      `${token}x`,
      ` ${token}`,
      token.slice(1),
      '',
      sha256(token),
      '\0'.repeat(43),
      'x'.repeat(1e6),
    ];
    for (const guess of forged) expect(await authenticateSession(means(), guess)).toBeNull();
    expect(await authenticateSession(means(), token)).not.toBeNull();
  });
});

describe('a session in time', () => {
  it('[A5] is not renewed in the first half of its idle time', async () => {
    const token = await signIn();
    await age(token, 11);
    const found = await authenticateSession(means(), token);
    expect(found?.renewed).toBe(false);
    expect(hoursLeft(found?.session.expiresAt)).toBe(13);
  });

  it('[A5] used in its second half lasts another 24 hours, renewed once', async () => {
    const token = await signIn();
    await age(token, 13);
    const found = await authenticateSession(means(), token);
    expect(found?.renewed).toBe(true);
    expect(hoursLeft(found?.session.expiresAt)).toBe(24);
    expect((await authenticateSession(means(), token))?.renewed).toBe(false);
  });

  it('[A5] is renewed by one of ten requests at the same time', async () => {
    const token = await signIn();
    await age(token, 13);
    const found = await Promise.all(Array.from({ length: 10 }, () => authenticateSession(means(), token)));
    expect(found.filter((one) => one?.renewed)).toHaveLength(1);
    expect(found.every((one) => one?.user.id === nora)).toBe(true);
  });

  it('[A5] unused for 24 hours is over', async () => {
    const token = await signIn();
    await age(token, 23.9);
    expect(await authenticateSession(means(), token)).not.toBeNull();
    await age(token, 24.1);
    expect(await authenticateSession(means(), token)).toBeNull();
  });

  it('[A5] in use expires after 30 days', async () => {
    const token = await signIn();
    let passed = 0;
    for (; passed < 29 * 24; passed += 20) {
      await age(token, 20);
      expect(await authenticateSession(means(), token), `after ${passed + 20} hours`).not.toBeNull();
    }
    const last = await authenticateSession(means(), token);
    expect(last?.session.expiresAt).toEqual(last?.session.absoluteExpiresAt);
    expect(last?.renewed).toBe(false);
    await age(token, 30 * 24 - passed + 1);
    expect(await authenticateSession(means(), token)).toBeNull();
  });

  it.each([25, -25])(
    '[F9] is judged by PostgreSQL’s clock where this server’s is %i hours off',
    async (hours) => {
      const [fresh, old] = [await signIn(), await signIn()];
      await age(old, 25);
      const real = Date.now;
      vi.spyOn(Date, 'now').mockImplementation(() => real() + hours * HOUR);
      await measureClockSkew(as(nora));
      const [found, expired, made] = [
        await authenticateSession(means(), fresh),
        await authenticateSession(means(), old),
        await authenticateSession(means(), await signIn()),
      ];
      vi.restoreAllMocks();
      await measureClockSkew(as(nora));
      expect([found?.renewed, expired, made?.renewed]).toEqual([false, null, false]);
    },
  );
});

describe('rotation', () => {
  it('[A5] rotates the token when the session switches to another company', async () => {
    const token = await signIn();
    await age(token, 5 * 24 - 100);
    const before = await authenticateSession(means(), token);
    const rotated = await rotateSession(as(nora), sha256(token), { companyId: acme });
    expect(rotated).not.toBe(token);
    expect(await authenticateSession(means(), token)).toBeNull();
    const after = await authenticateSession(means(), rotated ?? '');
    expect(after?.session).toMatchObject({
      companyId: acme,
      createdAt: before?.session.createdAt,
      absoluteExpiresAt: before?.session.absoluteExpiresAt,
    });
  });

  it("[A5] returns null for a revoked, expired or another user's session", async () => {
    const [revoked, expired, others] = [await signIn(), await signIn(), await signIn(otto)];
    await revokeSession(as(nora), nora, publicSessionId(sha256(revoked)));
    await age(expired, 25);
    for (const token of [revoked, expired, others])
      expect(await rotateSession(as(nora), sha256(token))).toBeNull();
    expect(await authenticateSession(means(), others)).not.toBeNull();
  });

  it('[A5] at the same time gives one new token', async () => {
    const token = await signIn();
    const rotated = await Promise.all(
      Array.from({ length: 4 }, () => rotateSession(as(nora), sha256(token), { companyId: acme })),
    );
    expect(rotated.filter((one) => one !== null)).toHaveLength(1);
  });
});

describe('a user’s sessions', () => {
  it('[A5] are listed latest first without usable tokens', async () => {
    await revokeAllSessions(as(nora), nora);
    const [first, second, over] = [await signIn(), await signIn(), await signIn()];
    await age(first, 1);
    await age(over, 25);
    const listed = await listSessions(as(nora), nora);
    expect(listed.map(({ id }) => id)).toEqual(
      [second, first].map((token) => publicSessionId(sha256(token))),
    );
    expect(listed[0]).toMatchObject({ ip: '192.0.2.7', userAgent: 'a browser', companyId: acme });
    for (const { id } of listed) expect(await authenticateSession(means(), id)).toBeNull();
  });

  it('[A5] end one by one, from the next request on', async () => {
    const [one, other] = [await signIn(), await signIn()];
    expect(await revokeSession(as(nora), nora, publicSessionId(sha256(one)))).toBe(true);
    expect(await authenticateSession(means(), one)).toBeNull();
    expect(await authenticateSession(means(), other)).not.toBeNull();
    expect(await revokeSession(as(nora), nora, publicSessionId(sha256(one)))).toBe(false);
  });

  it('[A5] are not accessible to other users, by argument or by context', async () => {
    const token = await signIn(otto);
    const id = publicSessionId(sha256(token));
    expect(await revokeSession(as(nora), nora, id)).toBe(false);
    expect(await revokeSession(as(nora), otto, id)).toBe(false);
    expect(await revokeAllSessions(as(nora), otto)).toBe(0);
    expect(await listSessions(as(nora), otto)).toEqual([]);
    expect(await authenticateSession(means(), token)).not.toBeNull();
  });

  it('[A5] are revoked all at once, or all but the current one', async () => {
    const [one, two, used] = [await signIn(), await signIn(), await signIn()];
    expect(await revokeAllSessions(as(nora), nora, sha256(used))).toBeGreaterThanOrEqual(2);
    for (const token of [one, two]) expect(await authenticateSession(means(), token)).toBeNull();
    expect(await authenticateSession(means(), used)).not.toBeNull();
    expect(await revokeAllSessions(as(nora), nora)).toBe(1);
    expect(await authenticateSession(means(), used)).toBeNull();
  });
});
