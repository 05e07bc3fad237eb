import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MOST_DEVICES } from '../../../src/auth/mfa/trusted-device-store.ts';
import { nodesOf } from '../../support/documents.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { type Answer, globalId, newcomer, PASSWORD, rowsOf } from '../../support/server/world.ts';
import {
  begin,
  clearAttempts,
  codeOf,
  complete,
  type Enrolled,
  enrolled,
  forgetStep,
  mutate,
  pendingOf,
  totp,
} from '../../support/sign-in/factors.ts';
import { type Device, device, eventsOf, passkeysOf } from '../../support/sign-in/passkeys.ts';

let world: MailboxWorld;
beforeAll(async () => {
  world = await openMailboxWorld();
});
afterAll(() => world?.end());
beforeEach(() => clearAttempts(world));

/** Signs in with the factor and trusts the device. */
async function trusting({ email, secret }: Enrolled) {
  await forgetStep(world, email);
  const input = {
    challengeToken: await pendingOf(world, email),
    method: 'TOTP',
    code: totp(secret),
    isDeviceTrusted: true,
  };
  const answer = await mutate(world, 'completeSignIn', input, '{ sessionToken deviceToken }');
  const { sessionToken, deviceToken } = answer.data.completeSignIn as {
    sessionToken: string;
    deviceToken: string;
  };
  return { answer, sessionToken, deviceToken, cookies: answer.headers.getSetCookie() };
}
const signIn = (email: string, deviceToken: string, password = PASSWORD) =>
  mutate(world, 'signIn', { email, password, deviceToken }, '{ sessionToken mfaChallenge { methods } }');
const devicesOf = async (token: string) =>
  nodesOf(
    (await world.ask('{ trustedDevices { edges { node { id name expiresAt lastUsedAt } } } }', {}, token))
      .data.trustedDevices,
  ) as {
    id: string;
    name: string;
    expiresAt: string;
  }[];

describe('[M4] a trusted device', () => {
  it('signs in with the password alone for 14 days, by token or by cookie', async () => {
    const user = await enrolled(world);
    const { sessionToken, deviceToken, cookies } = await trusting(user);
    expect((await signIn(user.email, deviceToken)).data.signIn).toMatchObject({
      sessionToken: expect.any(String),
      mfaChallenge: null,
    });
    const cookie = cookies.find((one) => one.startsWith('bulwark-device=')) as string;
    expect(cookie).toMatch(/^bulwark-device=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    const byCookie = await world.ask(
      'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }',
      { input: { email: user.email, password: PASSWORD } },
      undefined,
      { cookie: cookie.split(';')[0] as string },
    );
    expect(byCookie.data.signIn.sessionToken).toEqual(expect.any(String));
    const [device] = await devicesOf(sessionToken);
    const days = (Date.parse(device?.expiresAt as string) - Date.now()) / 24 / 3600_000;
    expect(Math.round(days)).toBe(14);
  });

  it('is stored as the hash of its token, which opens no session and takes no password’s place', async () => {
    const user = await enrolled(world);
    const { deviceToken } = await trusting(user);
    expect(JSON.stringify(await rowsOf(world, 'SELECT * FROM "TrustedDevice"'))).not.toContain(deviceToken);
    expect(codeOf(await world.ask('{ viewer { roles } }', {}, deviceToken))).toBe('UNAUTHENTICATED');
    expect(codeOf(await signIn(user.email, deviceToken, 'wrong-Password-1'))).toBe('UNAUTHENTICATED');
  });

  it('is not trusted without the wish, by another user, once it expired, nor when the company shortens the days', async () => {
    const [mine, other] = [await enrolled(world), await enrolled(world)];
    const plain = await complete(world, {
      challengeToken: await pendingOf(world, other.email),
      method: 'TOTP',
      code: totp(other.secret),
    });
    expect(await devicesOf(plain.data.completeSignIn.sessionToken)).toEqual([]);
    const { deviceToken } = await trusting(mine);
    const asked = async (email: string, token: string) =>
      (await signIn(email, token)).data.signIn.mfaChallenge !== null;
    expect(await asked(other.email, deviceToken)).toBe(true);
    for (const token of ['x', 'A'.repeat(43)]) expect(await asked(mine.email, token)).toBe(true);
    await rowsOf(world, `UPDATE "TrustedDevice" SET "createdAt" = now() - interval '8 days'`);
    expect(await asked(mine.email, deviceToken)).toBe(false);
    const policy = (days: number) =>
      world
        .signIn('company_admin')
        .then((token) =>
          mutate(world, 'setSignInPolicy', { trustedDeviceDays: days }, '{ trustedDeviceDays }', token),
        );
    await policy(7);
    expect(await asked(mine.email, deviceToken)).toBe(true);
    await policy(14);
    expect(await asked(mine.email, deviceToken)).toBe(false);
    await rowsOf(world, `UPDATE "TrustedDevice" SET "expiresAt" = now()`);
    expect(await asked(mine.email, deviceToken)).toBe(true);
  });

  it('is listed and revoked by its owner only, and requires the factor after that', async () => {
    const [mine, other] = [await enrolled(world), await enrolled(world)];
    const { sessionToken, deviceToken } = await trusting(mine);
    const [device] = await devicesOf(sessionToken);
    const revoke = (deviceId: string, token: string) =>
      mutate(
        world,
        'revokeTrustedDevice',
        { trustedDeviceId: deviceId },
        '{ revokedTrustedDeviceId }',
        token,
      );
    expect(await devicesOf(other.token)).toEqual([]);
    expect(codeOf(await revoke(device?.id as string, other.token))).toBe('NOT_FOUND');
    expect(codeOf(await revoke(globalId('TrustedDevice', crypto.randomUUID()), sessionToken))).toBe(
      'NOT_FOUND',
    );
    const revoked = await revoke(device?.id as string, sessionToken);
    expect(revoked.data.revokeTrustedDevice).toEqual({ revokedTrustedDeviceId: device?.id });
    expect((await signIn(mine.email, deviceToken)).data.signIn.mfaChallenge).toMatchObject({
      methods: ['TOTP'],
    });
  });

  it('does not satisfy step-up', async () => {
    const user = await enrolled(world, ['hr_admin']);
    const { deviceToken } = await trusting(user);
    const { sessionToken } = (await signIn(user.email, deviceToken)).data.signIn;
    expect(codeOf(await mutate(world, 'regenerateBackupCodes', null, '{ __typename }', sessionToken))).toBe(
      'STEP_UP_REQUIRED',
    );
  });

  it('signs in while attempts from elsewhere lock the account, and is locked by its own failures', async () => {
    const user = await enrolled(world);
    const { deviceToken } = await trusting(user);
    const five = (attempt: () => Promise<unknown>) => Promise.all(Array.from({ length: 5 }, attempt));
    await five(() => begin(world, user.email, 'wrong-Password-1'));
    expect(codeOf(await begin(world, user.email))).toBe('RATE_LIMITED');
    expect((await signIn(user.email, deviceToken)).data.signIn.sessionToken).toEqual(expect.any(String));
    await five(() => signIn(user.email, deviceToken, 'wrong-Password-1'));
    expect(codeOf(await signIn(user.email, deviceToken))).toBe('RATE_LIMITED');
  });
});

describe('[M4][A11] a device that is trusted at a sign-in by passkey', () => {
  /** A user whose only factor is a passkey. */
  async function holder() {
    const { email, token } = await newcomer(world, ['client']);
    const own = device();
    const { errors } = await passkeysOf(world).register(token, own);
    if (errors) throw new Error(JSON.stringify(errors));
    return { email, own };
  }
  const started = async (name: string, input?: object) =>
    (await mutate(world, name, input ?? null, '{ challengeId options }')).data[name];
  const finish = (name: string, input: object) => mutate(world, name, input, '{ sessionToken deviceToken }');

  const ways: [string, (email: string, own: Device, trustDevice?: boolean) => Promise<Answer>][] = [
    [
      'finishPasskeySignIn',
      async (_email, own, trustDevice) => {
        const { challengeId, options } = await started('startPasskeySignIn');
        return finish('finishPasskeySignIn', {
          challengeId,
          response: own.get(options),
          isDeviceTrusted: trustDevice,
        });
      },
    ],
    [
      'finishPasskeySecondFactor',
      async (email, own, trustDevice) => {
        const challengeToken = await pendingOf(world, email);
        const { challengeId, options } = await started('startPasskeySecondFactor', { challengeToken });
        const response = own.get(options);
        return finish('finishPasskeySecondFactor', {
          challengeToken,
          challengeId,
          response,
          isDeviceTrusted: trustDevice,
        });
      },
    ],
  ];

  it.each(ways)('trusted by %s signs in with the password alone, and is audited', async (name, way) => {
    const { email, own } = await holder();
    const answer = await way(email, own, true);
    const { sessionToken, deviceToken } = answer.data[name];
    expect(answer.headers.getSetCookie().join('\n')).toContain(`bulwark-device=${deviceToken};`);
    expect((await eventsOf(world, answer)).map(({ action }) => action)).toContain('device.trusted');
    expect((await signIn(email, deviceToken)).data.signIn.mfaChallenge).toBeNull();
    const [trusted] = await devicesOf(sessionToken);
    await mutate(
      world,
      'revokeTrustedDevice',
      { trustedDeviceId: trusted?.id },
      '{ __typename }',
      sessionToken,
    );
    expect((await signIn(email, deviceToken)).data.signIn.mfaChallenge).toEqual({ methods: ['PASSKEY'] });
  });

  it.each(ways)('by %s is not trusted without the wish', async (name, way) => {
    const { email, own } = await holder();
    for (const wish of [undefined, false]) {
      const answer = await way(email, own, wish);
      const { sessionToken, deviceToken } = answer.data[name];
      expect(deviceToken).toBeNull();
      expect(answer.headers.getSetCookie().join('\n')).not.toContain('-device=');
      expect(await devicesOf(sessionToken)).toEqual([]);
    }
  });

  it.each(ways)('by %s is not trusted when the passkey is refused', async (name, way) => {
    const { email, own } = await holder();
    const before = await rowsOf(world, 'SELECT count(*) FROM "TrustedDevice"');
    const lying = { ...own, get: (options: never) => own.get(options, { origin: 'https://evil.example' }) };
    const answer = await way(email, lying as Device, true);
    expect([name, codeOf(answer)]).toEqual([name, 'PASSKEY_REFUSED']);
    expect(await rowsOf(world, 'SELECT count(*) FROM "TrustedDevice"')).toEqual(before);
  });
});

describe('[M4] a user who trusts device after device', () => {
  /** So many further devices, each unused for a minute longer than the one before. */
  const addDevices = (email: string, count: number) =>
    rowsOf(
      world,
      `INSERT INTO "TrustedDevice" (id, "userId", hash, name, "lastUsedAt", "expiresAt")
       SELECT gen_random_uuid(), id, md5(id::text || n), 'D' || n, now() - n * interval '1 minute', now() + interval '1 day'
       FROM "User", generate_series(1, $2::int) n WHERE email = $1`,
      [email, count],
    );

  it('[M4][F10] keeps ten: a further one revokes the one unused for longest, which is audited', async () => {
    const user = await enrolled(world);
    await addDevices(user.email, MOST_DEVICES);
    const { answer, sessionToken, deviceToken } = await trusting(user);
    const names = (await devicesOf(sessionToken)).map(({ name }) => name);
    expect(names).toHaveLength(MOST_DEVICES);
    expect(names.slice(1)).toEqual(Array.from({ length: MOST_DEVICES - 1 }, (_, n) => `D${n + 1}`));
    const revoked = (await eventsOf(world, answer)).filter(({ action }) => action === 'device.revoked');
    expect(revoked.map(({ body }) => body.data)).toEqual([{ reason: 'limit' }]);
    expect((await signIn(user.email, deviceToken)).data.signIn.mfaChallenge).toBeNull();
  });

  it('[M4][F10] keeps ten when several are trusted at once', async () => {
    const user = await enrolled(world);
    await addDevices(user.email, MOST_DEVICES - 1);
    const codes = (await mutate(world, 'regenerateBackupCodes', null, '{ backupCodes }', user.token)).data
      .regenerateBackupCodes.backupCodes as string[];
    const challenges: string[] = [];
    for (let index = 0; index < 4; index++) challenges.push(await pendingOf(world, user.email));
    const lock = new pg.Client({ connectionString: world.database.ownerUrl });
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE');
    const answers = Promise.all(
      challenges.map((challengeToken, index) => {
        const code = codes[index] as string;
        const input = { challengeToken, method: 'BACKUP_CODE', code, isDeviceTrusted: true };
        return mutate(world, 'completeSignIn', input, '{ sessionToken }');
      }),
    );
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    // a company has three transactions at a time: the fourth waits for a connection
    await expect.poll(() => rowsOf(world, waiting)).toHaveLength(3);
    await lock.end();
    expect((await answers).map(codeOf)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(await devicesOf(user.token)).toHaveLength(MOST_DEVICES);
  });
});
