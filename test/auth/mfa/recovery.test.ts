import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteExpired } from '../../../src/domain/platform/purge-expired.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { newcomer, PASSWORD, rowsOf } from '../../support/server/world.ts';
import {
  begin,
  clearAttempts,
  codeOf,
  type Enrolled,
  enrolled,
  mutate,
  pendingOf,
} from '../../support/sign-in/factors.ts';

let world: MailboxWorld;
beforeAll(async () => {
  world = await openMailboxWorld();
});
afterAll(() => world?.end());
beforeEach(() => clearAttempts(world));

const call = (name: string, input: object, token?: string) => mutate(world, name, input, '', token);
const subjectsTo = async (email: string) => (await world.mailsTo(email)).map(({ subject }) => subject);

/** A user with an authenticator app and a confirmed recovery address. */
async function recoverable(): Promise<Enrolled & { recovery: string }> {
  const user = await enrolled(world);
  const recovery = `${crypto.randomUUID()}@recovery.example`;
  expect(codeOf(await call('setRecoveryEmail', { email: recovery }, user.token))).toBe('ok');
  expect(codeOf(await call('verifyRecoveryEmail', { token: await world.linkTo(recovery) }))).toBe('ok');
  return { ...user, recovery };
}
const start = async (email: string) =>
  call('startRecovery', { challengeToken: await pendingOf(world, email) });

describe('[M6] recovery by another address', () => {
  it('requires the password and that mailbox, removes every factor, revokes every session and notifies both addresses', async () => {
    const { email, recovery, token } = await recoverable();
    await mutate(world, 'regenerateBackupCodes', null, '{ __typename }', token);
    expect(codeOf(await start(email))).toBe('ok');
    const link = await world.linkTo(recovery);
    expect(await subjectsTo(email)).toContain('Recovery of your account was started');
    expect((await begin(world, email)).data.signIn.mfaChallenge.methods).toEqual(['TOTP', 'BACKUP_CODE']);
    expect(codeOf(await call('recoverAccount', { token: link }))).toBe('ok');
    expect(codeOf(await world.ask('{ viewer { roles } }', {}, token))).toBe('UNAUTHENTICATED');
    expect((await begin(world, email)).data.signIn.sessionToken).toEqual(expect.any(String));
    for (const to of [email, recovery])
      expect(await subjectsTo(to)).toContain('Your second factors were removed');
    const events = await rowsOf(
      world,
      `SELECT action, severity FROM audit_event e JOIN "User" p ON p.email = $1
       WHERE (e.actor_id = p.id OR e.body::jsonb->'data'->>'userId' = p.id::text) AND action LIKE 'mfa.reco%' ORDER BY e.at_us, e.pos`,
      [email],
    );
    expect(events.map(({ action }) => action)).toEqual([
      'mfa.recoveryEmailSet',
      'mfa.recoveryEmailVerified',
      'mfa.recoveryStarted',
      'mfa.recovered',
    ]);
    expect(events.at(-1)?.severity).toBe('CRITICAL');
  });

  it('is void once the owner has replaced the recovery address or the password [S9]', async () => {
    const { email, recovery, token } = await recoverable();
    await start(email);
    const first = await world.linkTo(recovery);
    const other = `${crypto.randomUUID()}@recovery.example`;
    expect(codeOf(await call('setRecoveryEmail', { email: other }, token))).toBe('ok');
    expect(codeOf(await call('recoverAccount', { token: first }))).toBe('NOT_FOUND');
    const verification = await world.linkTo(other);
    const change = { currentPassword: PASSWORD, newPassword: 'Meanwhile-a-lantern-9' };
    expect(codeOf(await mutate(world, 'changePassword', change, '{ sessionToken }', token))).toBe('ok');
    expect(codeOf(await call('verifyRecoveryEmail', { token: verification }))).toBe('NOT_FOUND');
  });

  it('is one hashed token for 24 hours that works once under a hundred concurrent requests; a newer one voids it', async () => {
    const { email, recovery } = await recoverable();
    await start(email);
    const older = await world.linkTo(recovery);
    await start(email);
    const link = await world.linkTo(recovery);
    expect(codeOf(await call('recoverAccount', { token: older }))).toBe('NOT_FOUND');
    const [row] = await rowsOf(
      world,
      `SELECT round(extract(epoch FROM "expiresAt" - "createdAt") / 3600)::int AS hours FROM "EmailToken" WHERE kind = 'recoverMfa' ORDER BY "createdAt" DESC LIMIT 1`,
    );
    expect(row.hours).toBe(24);
    expect(JSON.stringify(await rowsOf(world, 'SELECT * FROM "EmailToken"'))).not.toContain(link);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => call('recoverAccount', { token: link })),
    );
    expect(answers.filter((answer) => codeOf(answer) === 'ok').length).toBe(1);
    expect(answers.filter((answer) => codeOf(answer) === 'NOT_FOUND').length).toBe(99);
  });

  it('refuses a link that is malformed, unknown, expired or of another kind', async () => {
    const { email, recovery, token } = await recoverable();
    await start(email);
    const expired = await world.linkTo(recovery);
    await rowsOf(world, `UPDATE "EmailToken" SET "expiresAt" = now() WHERE kind = 'recoverMfa'`);
    const next = `${crypto.randomUUID()}@recovery.example`;
    await call('setRecoveryEmail', { email: next }, token);
    const ofAnotherKind = await world.linkTo(next);
    for (const link of ['x', 'A'.repeat(43), expired, ofAnotherKind])
      expect(codeOf(await call('recoverAccount', { token: link }))).toBe('NOT_FOUND');
    expect((await begin(world, email)).data.signIn.mfaChallenge).not.toBeNull();
  });

  it('answers the same without a verified recovery address, and mails nothing', async () => {
    const plain = await enrolled(world);
    expect(codeOf(await start(plain.email))).toBe('ok');
    const waiting = await enrolled(world);
    const recovery = `${crypto.randomUUID()}@recovery.example`;
    await call('setRecoveryEmail', { email: recovery }, waiting.token);
    expect(codeOf(await start(waiting.email))).toBe('ok');
    expect(await subjectsTo(recovery)).toEqual(['Confirm your recovery address']);
    expect(await subjectsTo(plain.email)).not.toContain('Recovery of your account was started');
  });

  it('starts five times, then no more for a while, and never without the password', async () => {
    const { email } = await recoverable();
    for (let round = 0; round < 5; round++) expect(codeOf(await start(email))).toBe('ok');
    expect(codeOf(await start(email))).toBe('RATE_LIMITED');
    expect(codeOf(await call('startRecovery', { challengeToken: 'A'.repeat(43) }))).toBe('UNAUTHENTICATED');
  });

  it('requires a recent factor and another address than the account’s, and notifies the owner', async () => {
    const { email, token } = await enrolled(world);
    expect(codeOf(await call('setRecoveryEmail', { email }, token))).toBe('INVALID_INPUT');
    expect(codeOf(await call('setRecoveryEmail', { email: 'other@recovery.example' }, token))).toBe('ok');
    expect(await subjectsTo(email)).toContain('Your recovery address was changed');
    await rowsOf(world, `UPDATE "Session" SET "mfaAt" = now() - interval '1 hour'`);
    expect(codeOf(await call('setRecoveryEmail', { email: 'third@recovery.example' }, token))).toBe(
      'STEP_UP_REQUIRED',
    );
  });
});

describe('[D3] clean-up', () => {
  it('deletes expired rows and unconfirmed enrolments only', async () => {
    const [gone, kept] = [await enrolled(world), await enrolled(world)];
    for (const { email } of [gone, kept]) await start(email);
    for (const { email } of [gone, kept]) await pendingOf(world, email);
    const { token, email } = await newcomer(world, ['client']);
    await mutate(world, 'startTotpEnrolment', null, '{ secret }', token);
    const of = '(SELECT id FROM "User" WHERE email = $1)';
    await rowsOf(
      world,
      `UPDATE "MfaChallenge" SET "expiresAt" = now() - interval '1 second' WHERE "userId" = ${of}`,
      [gone.email],
    );
    await rowsOf(
      world,
      `UPDATE "TotpFactor" SET "createdAt" = now() - interval '25 hours' WHERE "userId" IN (SELECT id FROM "User" WHERE email = ANY ($1))`,
      [[email, kept.email]],
    );
    const count = async (table: string, whose: string) =>
      (await rowsOf(world, `SELECT 1 FROM "${table}" WHERE "userId" = ${of}`, [whose])).length;
    const deleted = await deleteExpired(world.services);
    expect(deleted.MfaChallenge).toBeGreaterThan(0);
    expect(deleted.TotpFactor).toBe(1);
    expect([await count('MfaChallenge', gone.email), await count('MfaChallenge', kept.email)]).toEqual([
      0, 2,
    ]);
    expect([await count('TotpFactor', email), await count('TotpFactor', kept.email)]).toEqual([0, 1]);
    expect((await deleteExpired(world.services)).TotpFactor).toBe(0);
  });
});
