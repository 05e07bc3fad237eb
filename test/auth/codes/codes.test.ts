import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mailboxMessages } from '../../../src/notifications/dev-mailbox.ts';
import { mutationOf } from '../../support/documents.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { newcomer, rowsOf } from '../../support/server/world.ts';
import { secondInstance } from '../../support/sign-in/credentials.ts';
import {
  begin,
  clearAttempts,
  codeOf,
  complete,
  enrolled,
  mutate,
  pendingOf,
  totp,
} from '../../support/sign-in/factors.ts';

let world: MailboxWorld;
let texts: string;
beforeAll(async () => {
  texts = await mkdtemp(join(tmpdir(), 'bulwark-texts-'));
  world = await openMailboxWorld({ sms: { kind: 'folder', folder: texts } });
});
afterAll(async () => {
  await world?.end();
  await rm(texts, { recursive: true, force: true });
});
beforeEach(() => clearAttempts(world));

type Channel = 'email' | 'sms';
const NAMES = { email: 'EMAIL', sms: 'SMS' } as const;
const address = () => `${crypto.randomUUID()}@codes.example`;
let numbers = 0;
const number = () => `+1555${String(1_000_000 + numbers++)}`;
const sent = async (channel: Channel, to: string): Promise<string[]> => {
  await world.services.mailer.settled();
  const all =
    channel === 'email'
      ? await world.mailsTo(to)
      : (await mailboxMessages(texts)).filter((text) => text.to === to).reverse();
  return all.flatMap(({ text }) => /\b(\d{6})\b/.exec(text)?.[1] ?? []);
};
const lastCode = async (channel: Channel, to: string) => (await sent(channel, to)).at(-1) as string;
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
const userOf = async (email: string) =>
  (await rowsOf(world, 'SELECT id FROM "User" WHERE email = $1', [email]))[0].id as string;

/** A new member with codes by this channel. */
async function withCodes(channel: Channel, roles = ['client']) {
  const { email, token } = await newcomer(world, roles);
  const to = channel === 'email' ? address() : number();
  await mutate(
    world,
    'addContactFactor',
    { channel: NAMES[channel], destination: to },
    '{ __typename }',
    token,
  );
  const input = { channel: NAMES[channel], code: await lastCode(channel, to) };
  const confirmed = await mutate(world, 'confirmContactFactor', input, '{ sessionToken }', token);
  if (confirmed.errors) throw new Error(JSON.stringify(confirmed.errors));
  return { email, to, token: confirmed.data.confirmContactFactor.sessionToken as string };
}
const request = (channel: Channel, challengeToken?: string, token?: string) =>
  mutate(world, 'requestCode', { channel: NAMES[channel], challengeToken }, '{ __typename }', token);

describe.each(['email', 'sms'] as const)('[M2] codes by %s', (channel) => {
  const to = () => (channel === 'email' ? address() : number());

  it('count once a code that was sent there was given; where they go is stored sealed, and shown as a hint', async () => {
    const { email, token } = await newcomer(world, ['client']);
    const destination = to();
    expect(
      codeOf(
        await mutate(
          world,
          'addContactFactor',
          { channel: NAMES[channel], destination },
          '{ __typename }',
          token,
        ),
      ),
    ).toBe('ok');
    expect((await begin(world, email)).data.signIn.mfaChallenge).toBeNull();
    const code = await lastCode(channel, destination);
    const confirm = (given: string) =>
      mutate(
        world,
        'confirmContactFactor',
        { channel: NAMES[channel], code: given },
        '{ sessionToken }',
        token,
      );
    expect(codeOf(await confirm(other(code)))).toBe('INVALID_INPUT');
    const { data } = await confirm(code);
    const rows = await rowsOf(world, 'SELECT * FROM "ContactFactor" WHERE "userId" = $1', [
      await userOf(email),
    ]);
    expect(rows[0].destination).toMatch(/^b1\./);
    expect(JSON.stringify(rows)).not.toContain(destination);
    const own = await world.ask(
      '{ secondFactors { factors { method hint } } }',
      {},
      data.confirmContactFactor.sessionToken,
    );
    expect(own.data.secondFactors.factors).toEqual([{ method: NAMES[channel], hint: rows[0].hint }]);
    expect((await begin(world, email)).data.signIn.mfaChallenge.methods).toEqual([NAMES[channel]]);
  });

  it('sign in: six digits, stored as a keyed hash, once', async () => {
    const { email, to } = await withCodes(channel);
    const challengeToken = await pendingOf(world, email);
    expect(codeOf(await request(channel, challengeToken))).toBe('ok');
    const code = await lastCode(channel, to);
    const [row] = await rowsOf(
      world,
      'SELECT * FROM "OneTimeCode" WHERE "userId" = $1 AND "usedAt" IS NULL',
      [await userOf(email)],
    );
    expect(row.codeHash).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(row)).not.toContain(code);
    expect(codeOf(await complete(world, { challengeToken, method: NAMES[channel], code }))).toBe('ok');
    expect(
      codeOf(
        await complete(world, {
          challengeToken: await pendingOf(world, email),
          method: NAMES[channel],
          code,
        }),
      ),
    ).toBe('INVALID_INPUT');
  });

  it('work only for the sign-in that requested them, and only the latest', async () => {
    const { email, to } = await withCodes(channel);
    const [first, second] = [await pendingOf(world, email), await pendingOf(world, email)];
    await request(channel, first);
    const code = await lastCode(channel, to);
    expect(codeOf(await complete(world, { challengeToken: second, method: NAMES[channel], code }))).toBe(
      'INVALID_INPUT',
    );
    await request(channel, first);
    const next = await lastCode(channel, to);
    if (next !== code)
      expect(codeOf(await complete(world, { challengeToken: first, method: NAMES[channel], code }))).toBe(
        'INVALID_INPUT',
      );
    expect(codeOf(await complete(world, { challengeToken: first, method: NAMES[channel], code: next }))).toBe(
      'ok',
    );
  });

  it('expire after ten minutes, and are void after five wrong attempts', async () => {
    const { email, to } = await withCodes(channel);
    const expired = await pendingOf(world, email);
    await request(channel, expired);
    await rowsOf(
      world,
      `UPDATE "OneTimeCode" SET "expiresAt" = "expiresAt" - interval '10 minutes' WHERE "userId" = $1`,
      [await userOf(email)],
    );
    expect(
      codeOf(
        await complete(world, {
          challengeToken: expired,
          method: NAMES[channel],
          code: await lastCode(channel, to),
        }),
      ),
    ).toBe('INVALID_INPUT');
    const challengeToken = await pendingOf(world, email);
    await request(channel, challengeToken);
    const code = await lastCode(channel, to);
    for (let round = 0; round < 5; round++) {
      await clearAttempts(world);
      expect(
        codeOf(await complete(world, { challengeToken, method: NAMES[channel], code: other(code) })),
      ).toBe('INVALID_INPUT');
    }
    await clearAttempts(world);
    expect(codeOf(await complete(world, { challengeToken, method: NAMES[channel], code }))).toBe(
      'INVALID_INPUT',
    );
  });

  it('of four requests with one code one begins a session; of a hundred never more than one', async () => {
    const { email, to } = await withCodes(channel);
    for (const [count, least] of [
      [4, 1],
      [100, 0],
    ] as const) {
      await clearAttempts(world);
      const challengeToken = await pendingOf(world, email);
      await request(channel, challengeToken);
      const code = await lastCode(channel, to);
      const answers = await Promise.all(
        Array.from({ length: count }, () =>
          complete(world, { challengeToken, method: NAMES[channel], code }),
        ),
      );
      const won = answers.filter((answer) => codeOf(answer) === 'ok').length;
      expect([won <= 1, won >= least]).toEqual([true, true]);
    }
  });

  it('are sent five times, then no more for a while; a stranger’s requests for the address count elsewhere', async () => {
    const { email, to } = await withCodes(channel);
    await clearAttempts(world);
    for (let round = 0; round < 6; round++) await mutate(world, 'requestPasswordReset', { email }, '');
    const challengeToken = await pendingOf(world, email);
    for (let round = 0; round < 5; round++) expect(codeOf(await request(channel, challengeToken))).toBe('ok');
    const before = (await sent(channel, to)).length;
    expect(codeOf(await request(channel, challengeToken))).toBe('RATE_LIMITED');
    expect((await sent(channel, to)).length).toBe(before);
  });

  it('step up only the session that requested them', async () => {
    const { email, to, token } = await withCodes(channel);
    expect(codeOf(await request(channel, undefined, token))).toBe('ok');
    const code = await lastCode(channel, to);
    const challengeToken = await pendingOf(world, email);
    expect(codeOf(await complete(world, { challengeToken, method: NAMES[channel], code }))).toBe(
      'INVALID_INPUT',
    );
    expect(
      codeOf(await mutate(world, 'stepUp', { method: NAMES[channel], code }, '{ sessionToken }', token)),
    ).toBe('ok');
  });

  it('are sent only to a confirmed factor: not without one, by another channel, or to anonymous clients', async () => {
    const { token } = await newcomer(world, ['client']);
    expect(codeOf(await request(channel, undefined, token))).toBe('INVALID_INPUT');
    expect(codeOf(await request(channel))).toBe('UNAUTHENTICATED');
    expect(codeOf(await request(channel, 'A'.repeat(43)))).toBe('UNAUTHENTICATED');
    const { email } = await withCodes(channel === 'email' ? 'sms' : 'email');
    expect(codeOf(await request(channel, await pendingOf(world, email)))).toBe('INVALID_INPUT');
  });

  it('are refused for an invalid address, and for a second factor of the kind', async () => {
    const { token } = await withCodes(channel);
    for (const destination of ['', 'x', '123', 'a@b', '+12\n34567890', 'a@example.com, b@example.com'])
      expect([
        destination,
        codeOf(
          await mutate(
            world,
            'addContactFactor',
            { channel: NAMES[channel], destination },
            '{ __typename }',
            token,
          ),
        ),
      ]).toEqual([destination, 'INVALID_INPUT']);
    expect(
      codeOf(
        await mutate(
          world,
          'addContactFactor',
          { channel: NAMES[channel], destination: to() },
          '{ __typename }',
          token,
        ),
      ),
    ).toBe('CONFLICT');
  });
});

describe('[M2] without a way to send', () => {
  it.each(['email', 'sms'] as const)(
    'a confirmed factor by %s gets no code: UNAVAILABLE, and none is kept',
    async (channel) => {
      const { email, token } = await withCodes(channel);
      const challengeToken = await pendingOf(world, email);
      const userId = await userOf(email);
      const kept = () => rowsOf(world, 'SELECT id FROM "OneTimeCode" WHERE "userId" = $1', [userId]);
      const before = await kept();
      const silent = await secondInstance(world, { mail: { kind: 'none' }, sms: { kind: 'none' } });
      const wish = { channel: NAMES[channel] };
      const ask = (input: object, as?: string) => silent.ask(mutationOf('requestCode'), { input }, as);
      expect([codeOf(await ask({ ...wish, challengeToken })), codeOf(await ask(wish, token))]).toEqual([
        'UNAVAILABLE',
        'UNAVAILABLE',
      ]);
      await silent.end();
      expect(await kept()).toEqual(before);
    },
  );

  it('codes are UNAVAILABLE with and without a factor', async () => {
    const { token } = await newcomer(world, ['client']);
    const reaches = world.services.mailer.canSend;
    world.services.mailer.canSend = () => false;
    try {
      for (const [channel, destination] of [
        ['email', address()],
        ['sms', number()],
      ])
        expect(
          codeOf(
            await mutate(
              world,
              'addContactFactor',
              { channel: NAMES[channel as Channel], destination },
              '{ __typename }',
              token,
            ),
          ),
        ).toBe('UNAVAILABLE');
    } finally {
      world.services.mailer.canSend = reaches;
    }
  });
});

describe('[M1] removing a factor', () => {
  const remove = (method: string, token: string) =>
    mutate(world, 'removeFactor', { method }, '{ __typename }', token);

  it('requires a recent factor, is audited and mailed; the last one removes backup codes and trusted devices', async () => {
    const { email, token } = await enrolled(world);
    await mutate(world, 'regenerateBackupCodes', null, '{ __typename }', token);
    const userId = await userOf(email);
    await rowsOf(world, `UPDATE "Session" SET "mfaAt" = now() - interval '1 hour' WHERE "userId" = $1`, [
      userId,
    ]);
    expect(codeOf(await remove('TOTP', token))).toBe('STEP_UP_REQUIRED');
    await rowsOf(world, 'UPDATE "Session" SET "mfaAt" = now() WHERE "userId" = $1', [userId]);
    expect(codeOf(await remove('SMS', token))).toBe('INVALID_INPUT');
    expect(codeOf(await remove('TOTP', token))).toBe('ok');
    expect(
      (await world.ask('{ secondFactors { factors { method } backupCodesLeft } }', {}, token)).data
        .secondFactors,
    ).toEqual({ factors: [], backupCodesLeft: 0 });
    expect((await begin(world, email)).data.signIn.sessionToken).toEqual(expect.any(String));
    expect((await world.mailsTo(email)).map(({ subject }) => subject)).toContain(
      'A second factor was removed',
    );
  });

  it('is refused for the last one while one is required, also when two go at the same time', async () => {
    const { email, token, secret } = await enrolled(world, ['hr_admin']);
    expect(codeOf(await remove('TOTP', token))).toBe('CONFLICT');
    const destination = address();
    await mutate(world, 'addContactFactor', { channel: 'EMAIL', destination }, '{ __typename }', token);
    const input = { channel: 'EMAIL', code: await lastCode('email', destination) };
    const next = (await mutate(world, 'confirmContactFactor', input, '{ sessionToken }', token)).data
      .confirmContactFactor.sessionToken;
    const answers = await Promise.all([remove('TOTP', next), remove('EMAIL', next)]);
    expect(answers.map(codeOf).sort()).toEqual(['CONFLICT', 'ok']);
    expect((await begin(world, email)).data.signIn.mfaChallenge.methods.length).toBe(1);
    expect(totp(secret)).toMatch(/^\d{6}$/);
  });
});
