import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { admit, newcomer, PASSWORD, rowsOf, signInAs } from '../../support/server/world.ts';
import {
  begin,
  clearAttempts,
  codeOf,
  complete,
  enrol,
  enrolled,
  forgetStep,
  mutate,
  pendingOf,
  totp,
} from '../../support/sign-in/factors.ts';

let world: MailboxWorld;
beforeAll(async () => {
  world = await openMailboxWorld();
});
afterAll(() => world?.end());
beforeEach(() => clearAttempts(world));

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const who = (token: string) => world.ask('{ viewer { user { email } } }', {}, token);
const userOf = async (email: string) =>
  (await rowsOf(world, 'SELECT id FROM "User" WHERE email = $1', [email]))[0].id as string;
const eventsOf = async (email: string) =>
  (
    await rowsOf(
      world,
      `SELECT action FROM audit_event WHERE body::jsonb->'data'->>'userId' = $1 OR body::jsonb->'actor'->>'userId' = $1 ORDER BY at_us, pos`,
      [await userOf(email)],
    )
  ).map(({ action }) => action as string);
const sessionsOf = async (email: string) =>
  rowsOf(world, 'SELECT * FROM "Session" WHERE "userId" = $1', [await userOf(email)]);

describe('[M1] enrolling an authenticator app', () => {
  it('gives a secret, its otpauth URI and a QR code of that, and stores the secret sealed only', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const { data } = await mutate(world, 'startTotpEnrolment', null, '{ secret uri qrCode }', token);
    const { secret, uri, qrCode } = data.startTotpEnrolment;
    expect(new URL(uri).searchParams.get('secret')).toBe(secret);
    expect(
      Buffer.from(qrCode.replace('data:image/png;base64,', ''), 'base64').subarray(1, 4).toString(),
    ).toBe('PNG');
    const [row] = await rowsOf(world, 'SELECT * FROM "TotpFactor" WHERE "userId" = $1', [
      await userOf(email),
    ]);
    expect(row).toMatchObject({ confirmedAt: null, secret: expect.stringMatching(/^b1\./) });
    expect(JSON.stringify(row)).not.toContain(secret);
  });

  it('counts for nothing before it is confirmed by a code of it', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const { data } = await mutate(world, 'startTotpEnrolment', null, '{ secret }', token);
    expect((await begin(world, email)).data.signIn.sessionToken).toEqual(expect.any(String));
    const wrong = await mutate(world, 'finishTotpEnrolment', { code: '000000' }, '{ sessionToken }', token);
    expect(wrong.errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      fields: { 'input.code': expect.any(String) },
    });
    expect((await begin(world, email)).data.signIn.mfaChallenge).toBeNull();
    const right = await mutate(
      world,
      'finishTotpEnrolment',
      { code: totp(data.startTotpEnrolment.secret) },
      '{ sessionToken }',
      token,
    );
    expect(codeOf(right)).toBe('ok');
    expect((await begin(world, email)).data.signIn).toMatchObject({
      sessionToken: null,
      viewer: null,
      mfaChallenge: { methods: ['TOTP'] },
    });
  });

  it('revokes all other sessions, and gives this one a new token with a verified factor', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const other = await signInAs(world.ask, email);
    const { token: next } = await enrol(world, token);
    expect(await Promise.all([token, other, next].map(async (one) => codeOf(await who(one))))).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'ok',
    ]);
    const [session] = await sessionsOf(email);
    expect(session).toMatchObject({
      id: hashOf(next),
      methods: ['pwd', 'otp', 'mfa'],
      mfaAt: expect.any(Date),
    });
    expect(await eventsOf(email)).toContain('factor.added');
    expect((await world.mailsTo(email)).map(({ subject }) => subject)).toContain('A second factor was added');
  });

  it('is confirmed once under a hundred concurrent requests', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const { secret } = (await mutate(world, 'startTotpEnrolment', null, '{ secret }', token)).data
      .startTotpEnrolment;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        mutate(world, 'finishTotpEnrolment', { code: totp(secret) }, '{ sessionToken }', token),
      ),
    );
    expect(answers.filter((answer) => codeOf(answer) === 'ok').length).toBe(1);
    expect((await sessionsOf(email)).length).toBe(1);
  });

  it('expires after 15 minutes, and a new enrolment voids the previous one', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const first = (await mutate(world, 'startTotpEnrolment', null, '{ secret }', token)).data
      .startTotpEnrolment.secret;
    const second = (await mutate(world, 'startTotpEnrolment', null, '{ secret }', token)).data
      .startTotpEnrolment.secret;
    expect(
      codeOf(await mutate(world, 'finishTotpEnrolment', { code: totp(first) }, '{ sessionToken }', token)),
    ).toBe('INVALID_INPUT');
    await rowsOf(
      world,
      `UPDATE "TotpFactor" SET "createdAt" = now() - interval '16 minutes' WHERE "userId" = $1`,
      [await userOf(email)],
    );
    expect(
      codeOf(await mutate(world, 'finishTotpEnrolment', { code: totp(second) }, '{ sessionToken }', token)),
    ).toBe('CONFLICT');
  });

  it('requires the existing factor before another app replaces it', async () => {
    const { email, secret, token } = await enrolled(world);
    await rowsOf(world, `UPDATE "Session" SET "mfaAt" = now() - interval '11 minutes' WHERE "userId" = $1`, [
      await userOf(email),
    ]);
    const refused = await mutate(world, 'startTotpEnrolment', null, '{ secret }', token);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: ['TOTP'] });
    const stepped = await mutate(
      world,
      'stepUp',
      { method: 'TOTP', code: totp(secret) },
      '{ sessionToken }',
      token,
    );
    const next = await enrol(world, stepped.data.stepUp.sessionToken);
    const challengeToken = await pendingOf(world, email);
    expect(codeOf(await complete(world, { challengeToken, method: 'TOTP', code: totp(secret, 1) }))).toBe(
      'INVALID_INPUT',
    );
    expect(
      codeOf(await complete(world, { challengeToken, method: 'TOTP', code: totp(next.secret, 1) })),
    ).toBe('ok');
  });
});

describe('[M1] signing in with an authenticator app', () => {
  it('requires password and code before a session starts', async () => {
    const { email, secret } = await enrolled(world);
    const before = (await sessionsOf(email)).length;
    const answer = await begin(world, email);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect((await sessionsOf(email)).length).toBe(before);
    const challengeToken = answer.data.signIn.mfaChallenge.token;
    expect(codeOf(await who(challengeToken))).toBe('UNAUTHENTICATED');
    const done = await complete(world, { challengeToken, method: 'TOTP', code: totp(secret) });
    expect(done.data.completeSignIn.viewer).toMatchObject({ user: { email }, roles: ['client'] });
    expect(done.headers.get('set-cookie')).toContain(done.data.completeSignIn.sessionToken);
    expect(codeOf(await who(done.data.completeSignIn.sessionToken))).toBe('ok');
    expect((await eventsOf(email)).slice(-3)).toEqual([
      'signIn.secondFactorAsked',
      'signIn.secondFactorPassed',
      'session.signedIn',
    ]);
  });

  it("stores only the hash of the challenge's token, which is not a session token", async () => {
    const { email } = await enrolled(world);
    const challengeToken = await pendingOf(world, email);
    const [row] = await rowsOf(world, 'SELECT * FROM "MfaChallenge" WHERE hash = $1', [
      hashOf(challengeToken),
    ]);
    expect(row).toMatchObject({ userId: await userOf(email), methods: ['totp'] });
    expect(JSON.stringify(await rowsOf(world, 'SELECT * FROM "MfaChallenge"'))).not.toContain(challengeToken);
  });

  it.each([
    ['a blank', (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`],
    ['blanks around', (code: string) => ` ${code}\u00a0`],
    ['an invisible character', (code: string) => `${code.slice(0, 3)}\u200b${code.slice(3)}`],
    [
      'full-width digits',
      (code: string) => code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    ],
  ])('takes a code that is typed with %s [B12]', async (_how, typed) => {
    const { email, secret } = await enrolled(world);
    const challengeToken = await pendingOf(world, email);
    const answer = await complete(world, { challengeToken, method: 'TOTP', code: typed(totp(secret)) });
    expect(codeOf(answer)).toBe('ok');
  });

  it('takes a code once: not again, not with another pending sign-in, not an earlier one after a later one', async () => {
    const { email, secret } = await enrolled(world);
    const [first, second, third] = [
      await pendingOf(world, email),
      await pendingOf(world, email),
      await pendingOf(world, email),
    ];
    const code = totp(secret, 1);
    expect(codeOf(await complete(world, { challengeToken: first, method: 'TOTP', code }))).toBe('ok');
    expect(codeOf(await complete(world, { challengeToken: first, method: 'TOTP', code }))).toBe(
      'UNAUTHENTICATED',
    );
    expect(codeOf(await complete(world, { challengeToken: second, method: 'TOTP', code }))).toBe(
      'INVALID_INPUT',
    );
    expect(codeOf(await complete(world, { challengeToken: third, method: 'TOTP', code: totp(secret) }))).toBe(
      'INVALID_INPUT',
    );
  });

  it('of two requests with the same code in the same millisecond one wins, over 20 rounds', async () => {
    const { email, secret } = await enrolled(world);
    for (let round = 0; round < 20; round++) {
      await forgetStep(world, email);
      const tokens = [await pendingOf(world, email), await pendingOf(world, email)];
      const code = totp(secret);
      const answers = await Promise.all(
        tokens.map((challengeToken) => complete(world, { challengeToken, method: 'TOTP', code })),
      );
      expect(answers.map(codeOf).sort()).toEqual(['INVALID_INPUT', 'ok']);
    }
  });

  it('of a hundred requests with the same code and the same pending sign-in never more than one begins a session', async () => {
    const { email, secret } = await enrolled(world);
    const before = (await sessionsOf(email)).length;
    const challengeToken = await pendingOf(world, email);
    const code = totp(secret);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => complete(world, { challengeToken, method: 'TOTP', code })),
    );
    const won = answers.filter((answer) => codeOf(answer) === 'ok').length;
    expect((await sessionsOf(email)).length - before).toBe(won);
    expect(won).toBeLessThanOrEqual(1);
  });

  it('of a hundred requests with one pending sign-in, each with a right code of its own, one begins a session', async () => {
    const { email, token } = await enrolled(world);
    const codes = (await mutate(world, 'regenerateBackupCodes', null, '{ backupCodes }', token)).data
      .regenerateBackupCodes.backupCodes as string[];
    const before = (await sessionsOf(email)).length;
    const challengeToken = await pendingOf(world, email);
    const answers = await Promise.all(
      codes.map((code) => complete(world, { challengeToken, method: 'BACKUP_CODE', code })),
    );
    expect(answers.filter((answer) => codeOf(answer) === 'ok').length).toBe(1);
    expect((await sessionsOf(email)).length - before).toBe(1);
  });

  it('refuses a malformed, unknown or expired challenge, and a user suspended meanwhile', async () => {
    const { email, secret } = await enrolled(world);
    const expired = await pendingOf(world, email);
    await rowsOf(world, 'UPDATE "MfaChallenge" SET "expiresAt" = now() WHERE hash = $1', [hashOf(expired)]);
    for (const challengeToken of ['x', 'A'.repeat(43), expired])
      expect([
        challengeToken,
        codeOf(await complete(world, { challengeToken, method: 'TOTP', code: totp(secret) })),
      ]).toEqual([challengeToken, 'UNAUTHENTICATED']);
    const challengeToken = await pendingOf(world, email);
    await rowsOf(
      world,
      `SET session_replication_role = replica; UPDATE "Membership" SET status = 'suspended' WHERE email = '${email}'`,
    );
    expect(codeOf(await complete(world, { challengeToken, method: 'TOTP', code: totp(secret) }))).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('is not finished when the password that it began with has been changed meanwhile', async () => {
    const { email, secret, token } = await enrolled(world);
    const challengeToken = await pendingOf(world, email);
    const input = { currentPassword: PASSWORD, newPassword: 'Paper-lantern-on-the-roof-7' };
    expect(codeOf(await mutate(world, 'changePassword', input, '{ sessionToken }', token))).toBe('ok');
    expect(codeOf(await complete(world, { challengeToken, method: 'TOTP', code: totp(secret) }))).toBe(
      'UNAUTHENTICATED',
    );
    expect((await sessionsOf(email)).length).toBe(1);
  });

  it("refuses a wrong, malformed or another user's code, and a method that the user lacks", async () => {
    const [mine, other] = [await enrolled(world), await enrolled(world)];
    const challengeToken = await pendingOf(world, mine.email);
    for (const code of [totp(other.secret), totp(mine.secret, 3), 'abcdef'])
      expect([code, codeOf(await complete(world, { challengeToken, method: 'TOTP', code }))]).toEqual([
        code,
        'INVALID_INPUT',
      ]);
    // denials of earlier tests are counted after their answers
    const counted = () =>
      rowsOf(world, `SELECT kind, failures FROM "Throttle" WHERE kind <> 'denial' ORDER BY kind, subject`);
    const before = await counted();
    for (const method of ['EMAIL', 'SMS', 'BACKUP_CODE', 'PASSKEY']) {
      const answer = await complete(world, { challengeToken, method, code: '123456' });
      expect([method, answer.errors?.[0]?.extensions.fields]).toEqual([
        method,
        { 'input.method': expect.any(String) },
      ]);
    }
    expect(await counted()).toEqual(before);
    expect(codeOf(await complete(world, { challengeToken, method: 'TOTP', code: totp(mine.secret) }))).toBe(
      'ok',
    );
    expect(await eventsOf(mine.email)).toContain('signIn.secondFactorFailed');
  });

  it('is locked after five wrong codes, right or wrong; the owner hears of it, and the password still answers', async () => {
    const { email, secret } = await enrolled(world);
    const challengeToken = await pendingOf(world, email);
    for (let round = 0; round < 5; round++)
      expect(codeOf(await complete(world, { challengeToken, method: 'TOTP', code: '000000' }))).toBe(
        'INVALID_INPUT',
      );
    const locked = await complete(world, { challengeToken, method: 'TOTP', code: totp(secret) });
    expect(locked.errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfter: expect.any(Number),
    });
    expect(await eventsOf(email)).toContain('account.locked');
    expect((await world.mailsTo(email)).map(({ subject }) => subject)).toContain(
      'Wrong codes for your account',
    );
    expect(codeOf(await begin(world, email))).toBe('ok');
  });

  it('takes no right code that comes among a hundred wrong ones after the fifth', async () => {
    const { email, secret } = await enrolled(world);
    const challengeToken = await pendingOf(world, email);
    const before = (await sessionsOf(email)).length;
    const tries = Array.from({ length: 100 }, (_, index) => String(index).padStart(6, '0'));
    const answers = await Promise.all(
      tries.map((code) => complete(world, { challengeToken, method: 'TOTP', code })),
    );
    expect(answers.filter((answer) => codeOf(answer) === 'INVALID_INPUT').length).toBeLessThanOrEqual(5);
    expect(codeOf(await complete(world, { challengeToken, method: 'TOTP', code: totp(secret) }))).toBe(
      'RATE_LIMITED',
    );
    expect((await sessionsOf(email)).length).toBe(before);
  });
});

describe('[M3] backup codes', () => {
  const make = async (token: string) =>
    (await mutate(world, 'regenerateBackupCodes', null, '{ backupCodes }', token)).data.regenerateBackupCodes
      .backupCodes as string[];

  it('are ten as XXXX-XXXX-XXXX, shown once and stored as keyed hashes', async () => {
    const { email, token } = await enrolled(world);
    const codes = await make(token);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[A-HJKMNP-TV-Z2-9]{4}(-[A-HJKMNP-TV-Z2-9]{4}){2}$/);
    const rows = await rowsOf(world, 'SELECT hash FROM "BackupCode" WHERE "userId" = $1', [
      await userOf(email),
    ]);
    expect(rows.length).toBe(10);
    for (const code of codes) {
      const plain = code.replaceAll('-', '');
      expect(JSON.stringify(rows)).not.toContain(plain);
      expect(rows.map(({ hash }) => hash)).not.toContain(hashOf(plain));
    }
  });

  it('each work once, in any spelling, audited and mailed', async () => {
    const { email, token } = await enrolled(world);
    const [one, two] = await make(token);
    const use = async (code: string) =>
      codeOf(
        await complete(world, { challengeToken: await pendingOf(world, email), method: 'BACKUP_CODE', code }),
      );
    expect(await use(one as string)).toBe('ok');
    expect(await use(one as string)).toBe('INVALID_INPUT');
    expect(await use((two as string).toLowerCase().replaceAll('-', ' '))).toBe('ok');
    expect((await eventsOf(email)).filter((action) => action === 'factor.backupCodeUsed').length).toBe(2);
    expect((await world.mailsTo(email)).map(({ subject }) => subject)).toContain('A backup code was used');
  });

  it('of four requests with the same code and sign-ins of their own, one begins a session', async () => {
    const { email, token } = await enrolled(world);
    const [code] = await make(token);
    const tokens = [
      await pendingOf(world, email),
      await pendingOf(world, email),
      await pendingOf(world, email),
      await pendingOf(world, email),
    ];
    const answers = await Promise.all(
      tokens.map((challengeToken) => complete(world, { challengeToken, method: 'BACKUP_CODE', code })),
    );
    expect(answers.map(codeOf).sort()).toEqual(['INVALID_INPUT', 'INVALID_INPUT', 'INVALID_INPUT', 'ok']);
  });

  it('are void after regeneration, and rejected for other users', async () => {
    const [mine, other] = [await enrolled(world), await enrolled(world)];
    const [old] = await make(mine.token);
    await make(mine.token);
    const [theirs] = await make(other.token);
    for (const code of [old, theirs, 'AAAA-AAAA-AAAA', 'A', '0'.repeat(60)])
      expect([
        code,
        codeOf(
          await complete(world, {
            challengeToken: await pendingOf(world, mine.email),
            method: 'BACKUP_CODE',
            code,
          }),
        ),
      ]).toEqual([code, 'INVALID_INPUT']);
  });

  it('require another factor', async () => {
    const { token } = await newcomer(world, ['client']);
    expect(codeOf(await mutate(world, 'regenerateBackupCodes', null, '{ __typename }', token))).toBe(
      'CONFLICT',
    );
  });
});

describe('[M1] a user of two companies', () => {
  it('has one set of factors for sign-in to either company', async () => {
    const { email, secret } = await enrolled(world);
    const invited = await mutate(
      world,
      'inviteMember',
      { email, name: 'Both', roles: ['client'] },
      '{ id }',
      await world.signIn('company_admin', 'globex'),
    );
    expect(codeOf(invited)).toBe('ok');
    await admit(world, email);
    const done = await complete(world, {
      challengeToken: await pendingOf(world, email),
      method: 'TOTP',
      code: totp(secret),
    });
    expect(codeOf(done)).toBe('ok');
  });
});
