import { existsSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openServer } from '../../src/app.ts';
import { freePort } from '../../src/http/listen.ts';
import { FORMS } from '../../src/http/pages/email-token-forms.ts';
import { mutationOf } from '../support/documents.ts';
import { from, type MailboxWorld, openMailboxWorld } from '../support/server/dev-mailbox.ts';
import { type Answer, asker, globalId, newcomer, PASSWORD, rowsOf } from '../support/server/world.ts';
import { codeOf, enrol } from '../support/sign-in/factors.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = places.find(existsSync);
const NEW = 'another-Password-27';
if (!executablePath)
  console.warn(`test/http/dev-mail-browser.test.ts is skipped: no browser at ${places.join(', ')}`);

describe.skipIf(!executablePath)('the dev mailbox in a browser', () => {
  let world: MailboxWorld;
  let server: FastifyInstance;
  let url: string;
  let ask: ReturnType<typeof asker>;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  beforeAll(async () => {
    world = await openMailboxWorld();
    // mails link to `appUrl`, which here is this server itself
    const port = await freePort('127.0.0.1');
    url = `http://localhost:${port}`;
    const config = { ...world.config, publicUrl: url, appUrl: url };
    server = openServer({ ...world.services, config });
    await server.listen({ host: '127.0.0.1', port });
    ask = asker(`${url}/graphql`);
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await world?.end();
  });
  beforeEach(async () => {
    problems = [];
    page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
  });

  const shot = async (name: string) => {
    const folder = process.env.SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  };
  const mutate = (name: string, input: object, token?: string): Promise<Answer> =>
    ask(mutationOf(name, '{ __typename }'), { input }, token, from());
  const must = async (...call: Parameters<typeof mutate>) =>
    expect((await mutate(...call)).errors).toBeUndefined();
  const signIn = async (email: string, password: string) =>
    codeOf(await mutate('signIn', { email, password }));

  /** Follows the link of the latest mail to this address to its page, and submits that. */
  async function follow(email: string, path: keyof typeof FORMS, password?: string): Promise<void> {
    await world.services.mailer.settled();
    await page.goto(`${url}/dev/mail`);
    await shot(`mailbox-${path}`);
    const link = page.locator(`article:has-text("${email}") a[href^="${url}/${path}#token="]`).first();
    await link.click();
    await expect.poll(() => page.locator('h1').textContent()).toBe(FORMS[path]?.title);
    if (password) await page.fill('input[name=password]', password);
    await shot(`form-${path}`);
    await page.click('form button');
    await expect.poll(() => page.locator('output').textContent()).toBe('Done.');
    expect(problems).toEqual([]);
  }

  /** What makes a mail of each page's kind, and what its page has changed. */
  const WALKS: Record<keyof typeof FORMS, () => Promise<void>> = {
    'reset-password': async () => {
      const { email } = await newcomer(world, ['client']);
      await must('requestPasswordReset', { email });
      await follow(email, 'reset-password', NEW);
      expect([await signIn(email, PASSWORD), await signIn(email, NEW)]).toEqual(['UNAUTHENTICATED', 'ok']);
    },
    'verify-email': async () => {
      const admin = await world.signIn('company_admin', 'globex');
      await must('setSignInPolicy', { signUpMode: 'OPEN', signUpRoles: ['client'] }, admin);
      const [{ id }] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
      const email = `${crypto.randomUUID()}@new.example`;
      await must('signUp', { companyId: globalId('Company', id), email, name: 'New' });
      await follow(email, 'verify-email', NEW);
      expect(await signIn(email, NEW)).toBe('ok');
    },
    'accept-invitation': async () => {
      const email = `${crypto.randomUUID()}@new.example`;
      const input = { email, name: 'Invited', roles: ['client'] };
      await must('inviteMember', input, await world.signIn('company_admin'));
      await follow(email, 'accept-invitation', NEW);
      expect(await signIn(email, NEW)).toBe('ok');
    },
    'unlock-account': async () => {
      const { email } = await newcomer(world, ['client']);
      for (let n = 0; n < 5; n++) await signIn(email, 'wrong-Password-1');
      expect(await signIn(email, PASSWORD)).toBe('RATE_LIMITED');
      await follow(email, 'unlock-account');
      expect(await signIn(email, PASSWORD)).toBe('ok');
    },
    'verify-recovery-email': async () => {
      await withRecovery();
    },
    recover: async () => {
      const { email, recovery } = await withRecovery();
      const input = { email, password: PASSWORD };
      const answer = await ask(
        mutationOf('signIn', '{ mfaChallenge { token } }'),
        { input },
        undefined,
        from(),
      );
      await must('startRecovery', { challengeToken: answer.data.signIn.mfaChallenge.token });
      await follow(recovery, 'recover');
      const [factors] = await rowsOf(
        world,
        `SELECT count(*)::int AS count FROM "TotpFactor" JOIN "User" u ON u.id = "userId" WHERE u.email = $1`,
        [email],
      );
      expect(factors.count).toBe(0);
    },
  };
  /** A user with an authenticator app, who verified a recovery address by its mail. */
  async function withRecovery() {
    const user = await newcomer(world, ['client']);
    const { token } = await enrol(world, user.token);
    const recovery = `${crypto.randomUUID()}@recovery.example`;
    await must('setRecoveryEmail', { email: recovery }, token);
    await follow(recovery, 'verify-recovery-email');
    const [row] = await rowsOf(world, 'SELECT "recoveryEmailVerifiedAt" AS at FROM "User" WHERE email = $1', [
      user.email,
    ]);
    expect(row.at).toBeInstanceOf(Date);
    return { ...user, recovery };
  }

  test.each(Object.keys(FORMS))(
    '[M2] the link of a mail to /%s leads to its form, which does what the mail says [U9]',
    (path) => WALKS[path]?.(),
  );

  test('[M2] a link that was followed before says so in the form, without another change [U9]', async () => {
    const { email } = await newcomer(world, ['client']);
    await must('requestPasswordReset', { email });
    await follow(email, 'reset-password', NEW);
    await page.goto(`${url}/dev/mail`);
    await page.locator(`article:has-text("${email}") a[href*="/reset-password#token="]`).first().click();
    await page.fill('input[name=password]', 'third-Password-27');
    await page.click('form button');
    await expect.poll(() => page.locator('output').textContent()).toMatch(/\S/);
    expect(await page.locator('output').textContent()).not.toBe('Done.');
    expect(await signIn(email, NEW)).toBe('ok');
  });
});
