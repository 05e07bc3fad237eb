import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mailboxMessages } from '../../../src/notifications/dev-mailbox.ts';
import { nodesOf } from '../../support/documents.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { admit, globalId, newcomer, rowsOf, signInAs, uuidOf } from '../../support/server/world.ts';
import {
  begin,
  clearAttempts,
  codeOf,
  enrol,
  enrolled,
  mutate,
  pendingOf,
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

const address = (place = 'languages') => `${crypto.randomUUID()}@${place}.example`;
const german = async (roles = ['client']) => {
  const user = await newcomer(world, roles);
  expect(
    (await mutate(world, 'setLanguage', { language: 'de' }, '{ __typename }', user.token)).errors,
  ).toBeUndefined();
  return user;
};
const subjectsTo = async (email: string) => (await world.mailsTo(email)).map(({ subject }) => subject);

describe('[M2] one’s language', () => {
  it('is any BCP 47 tag, returned by viewer, audited, and set by its user only', async () => {
    const { token } = await newcomer(world, ['client']);
    const set = (language: string, as?: string) =>
      mutate(world, 'setLanguage', { language }, '{ language }', as);
    expect((await set('PT-br', token)).data.setLanguage.user).toEqual({ language: 'pt-BR' });
    const viewer = await world.ask('{ viewer { user { id language } } }', {}, token);
    expect(viewer.data.viewer.user.language).toBe('pt-BR');
    const events = await rowsOf(
      world,
      `SELECT body::jsonb->'data' AS data FROM audit_event WHERE action = 'user.languageSet' AND actor_id = $1`,
      [uuidOf(viewer.data.viewer.user.id)],
    );
    expect(events).toEqual([{ data: { language: 'pt-BR' } }]);
    for (const wrong of ['', 'not a language', 'x'.repeat(36)])
      expect(codeOf(await set(wrong, token))).toBe('INVALID_INPUT');
    expect(codeOf(await set('de'))).toBe('UNAUTHENTICATED');
    const others = await rowsOf(world, 'SELECT count(*)::int AS n FROM "User" WHERE language = $1', [
      'pt-BR',
    ]);
    expect(others).toEqual([{ n: 1 }]);
  });

  it.each(['email', 'sms'] as const)('is that of codes by %s, to add it and to sign in', async (channel) => {
    const { email, token } = await german();
    const to = channel === 'email' ? address() : '+15550100';
    const sent = async () => {
      await world.services.mailer.settled();
      const all = channel === 'email' ? await world.mailsTo(to) : (await mailboxMessages(texts)).reverse();
      return all.filter((message) => message.to === to);
    };
    await mutate(
      world,
      'addContactFactor',
      { channel: channel.toUpperCase(), destination: to },
      '{ __typename }',
      token,
    );
    const code = /\b(\d{6})\b/.exec((await sent())[0]?.text ?? '')?.[1];
    const given = { channel: channel.toUpperCase(), code };
    await mutate(world, 'confirmContactFactor', given, '{ sessionToken }', token);
    const challengeToken = await pendingOf(world, email);
    expect(
      codeOf(await mutate(world, 'requestCode', { channel: channel.toUpperCase(), challengeToken })),
    ).toBe('ok');
    const messages = await sent();
    expect(messages).toHaveLength(2);
    for (const { text } of messages) expect(text).toMatch(/^Ihr Code ist \d{6}\. Er gilt einmal/);
    expect(await subjectsTo(email)).toContain('Ein zweiter Faktor wurde hinzugefügt');
  });

  it('is that of recovery, to both addresses', async () => {
    const { email, token } = await german();
    const own = (await enrol(world, token)).token;
    const recovery = address('recovery');
    await mutate(world, 'setRecoveryEmail', { email: recovery }, '{ __typename }', own);
    await mutate(world, 'verifyRecoveryEmail', { token: await world.linkTo(recovery) });
    await mutate(world, 'startRecovery', { challengeToken: await pendingOf(world, email) });
    await mutate(world, 'recoverAccount', { token: await world.linkTo(recovery) });
    expect(await subjectsTo(recovery)).toEqual([
      'Bestätigen Sie Ihre Wiederherstellungsadresse',
      'Stellen Sie Ihr Konto wieder her',
      'Ihre zweiten Faktoren wurden entfernt',
    ]);
    for (const subject of [
      'Ihre Wiederherstellungsadresse wurde geändert',
      'Die Wiederherstellung Ihres Kontos hat begonnen',
      'Ihre zweiten Faktoren wurden entfernt',
    ])
      expect(await subjectsTo(email)).toContain(subject);
  });

  it('is used in mails about locks, resets and actions of an administrator', async () => {
    const { id, email, token } = await german();
    await enrol(world, token);
    await mutate(world, 'requestPasswordReset', { email });
    const challengeToken = await pendingOf(world, email);
    for (let tries = 0; tries < 5; tries += 1)
      await mutate(
        world,
        'completeSignIn',
        { challengeToken, method: 'TOTP', code: '000000' },
        '{ sessionToken }',
      );
    for (let tries = 0; tries < 5; tries += 1) await begin(world, email, 'wrong-Password-1');
    await mutate(
      world,
      'disableMemberFactors',
      { memberId: id },
      '{ id }',
      await world.signIn('company_admin'),
    );
    const subjects = await subjectsTo(email);
    for (const subject of [
      'Setzen Sie Ihr Passwort zurück',
      'Falsche Codes für Ihr Konto',
      'Ihr Konto ist vorübergehend gesperrt',
      'Ihre zweiten Faktoren wurden deaktiviert',
    ])
      expect(subjects).toContain(subject);
  });

  it('is English without a setting', async () => {
    const { email } = await enrolled(world);
    expect(await subjectsTo(email)).toContain('A second factor was added');
  });
});

describe('[A3] the first mail to a user', () => {
  it("is in the language named by the inviter, which becomes the user's", async () => {
    const email = address();
    const input = { email, name: 'Gerda', roles: ['client'], language: 'de' };
    await mutate(world, 'inviteMember', input, '{ id }', await world.signIn('company_admin'));
    expect(await subjectsTo(email)).toEqual(['Sie sind zu Acme eingeladen']);
    await admit(world, email);
    const viewer = await world.ask('{ viewer { user { language } } }', {}, await signInAs(world.ask, email));
    expect(viewer.data.viewer.user.language).toBe('de');
  });

  it("is in the existing user's language, whatever the inviter names", async () => {
    const { email } = await german();
    const input = { email, name: 'A User', roles: ['client'], language: 'en' };
    await mutate(world, 'inviteMember', input, '{ id }', await world.signIn('company_admin', 'globex'));
    expect(await subjectsTo(email)).toContain('Sie sind zu Globex eingeladen');
  });

  it('is in the language that they sign up in, and so is the answer', async () => {
    const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
    const admin = await world.signIn('company_admin');
    await mutate(world, 'setSignInPolicy', { signUpMode: 'APPROVAL' }, '{ signUpMode }', admin);
    const email = address();
    const asking = { companyId: globalId('Company', acme.id), email, name: 'Gerda', language: 'de-AT' };
    await mutate(world, 'signUp', asking);
    const token = await world.linkTo(email);
    await mutate(world, 'verifyEmail', { token, password: 'a-New-Lantern-in-1742' });
    const waiting = await world.ask('{ signUpRequests { edges { node { id email } } } }', {}, admin);
    const { id } = nodesOf(waiting.data.signUpRequests).find((one) => one.email === email);
    await mutate(world, 'approveSignUp', { signUpRequestId: id, roles: ['client'] }, '{ id }', admin);
    expect(await subjectsTo(email)).toEqual([
      'Bestätigen Sie Ihre E-Mail-Adresse für Acme',
      'Willkommen bei Acme',
    ]);
  });
});
