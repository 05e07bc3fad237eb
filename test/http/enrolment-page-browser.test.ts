import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openServer } from '../../src/app.ts';
import { freePort } from '../../src/http/listen.ts';
import { mailboxMessages } from '../../src/notifications/dev-mailbox.ts';
import { DEVICE, describeInBrowser, launchBrowser, openPage } from '../support/browser.ts';
import { type MailboxWorld, openMailboxWorld } from '../support/server/dev-mailbox.ts';
import { PASSWORD, rowsOf } from '../support/server/world.ts';
import { clearAttempts, forgetStep, totp } from '../support/sign-in/factors.ts';

const EMAIL = 'platform@bulwark.example';
const OWN = `(SELECT id FROM "User" WHERE email = '${EMAIL}')`;

describeInBrowser('the sign-in page of staging, past the grace period, in a browser', () => {
  let world: MailboxWorld;
  let messages: string;
  let staging: FastifyInstance;
  let url: string;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  beforeAll(async () => {
    messages = await mkdtemp(join(tmpdir(), 'bulwark-sms-'));
    world = await openMailboxWorld({ sms: { kind: 'folder', folder: messages } });
    const port = await freePort('127.0.0.1');
    url = `http://localhost:${port}`;
    const config = { ...world.config, env: 'staging' as const, publicUrl: url, appUrl: url };
    staging = openServer({ ...world.services, config });
    await staging.listen({ host: '127.0.0.1', port });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await staging?.close();
    await world?.end();
    await rm(messages, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await withoutFactors();
    problems = [];
    page = await openPage(browser, { viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${url}/graphql`);
  });

  /** The administrator has no second factor, and their grace period has ended. */
  const withoutFactors = async () => {
    await clearAttempts(world);
    await rowsOf(
      world,
      `SET session_replication_role = replica;
       UPDATE "Membership" SET "mfaGraceFrom" = now() - interval '400 days' WHERE "userId" = ${OWN};
       DELETE FROM "TotpFactor" WHERE "userId" = ${OWN}; DELETE FROM "Passkey" WHERE "userId" = ${OWN};
       DELETE FROM "ContactFactor" WHERE "userId" = ${OWN}; DELETE FROM "BackupCode" WHERE "userId" = ${OWN};
       SET session_replication_role = origin`,
    );
  };
  const shot = async (name: string) => {
    const folder = process.env.SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  };
  /** Without those of GraphiQL's requests, whose cookie the test took away. */
  const ownProblems = () => problems.filter((text) => !/status of 40[13]/.test(text));
  const graphiql = () => page.waitForSelector('#root', { state: 'attached' });
  const enterPassword = async () => {
    await page.fill('input[name=email]', EMAIL);
    await page.fill('input[name=password]', PASSWORD);
    await page.click('#password button:not([type])');
  };
  const storedCodes = async (): Promise<string[]> => {
    await page.waitForSelector('#codes pre:not(:empty)');
    return ((await page.locator('#codes pre').textContent()) ?? '').split('\n');
  };
  /** Adds an authenticator app on the page, and opens GraphiQL. */
  async function enrolTotp(): Promise<{ secret: string; codes: string[] }> {
    await enterPassword();
    await page.click('#totp');
    await page.waitForSelector('#confirm img[src^="data:image/png"]');
    const secret = ((await page.locator('#confirm code').textContent()) ?? '').replaceAll(' ', '');
    await shot('enrolment-totp');
    await page.fill('#confirm input[name=code]', totp(secret));
    await page.click('#confirm button');
    const codes = await storedCodes();
    await shot('enrolment-codes');
    await page.click('#continue');
    await graphiql();
    return { secret, codes };
  }
  const signInBy = async (method: string, code: () => Promise<string>) => {
    await page.goto('about:blank'); // ends requests of GraphiQL
    await page.context().clearCookies();
    await page.goto(`${url}/graphql`);
    await enterPassword();
    await page.selectOption('select[name=method]', method);
    await shot(`sign-in-${method.toLowerCase()}`);
    const given = await code();
    await page.fill('#factor input[name=code]', given);
    await page.click('#factor button:not([type])');
    await graphiql();
  };

  test('[M4] an administrator adds an authenticator app by its QR code, and GraphiQL opens [U10]', async () => {
    await enterPassword();
    await page.waitForSelector('#enrolment');
    await shot('enrolment');
    await page.goto(`${url}/graphql`);
    expect(await page.locator('h1').textContent()).toBe('Add a second factor');
    await page.click('#totp');
    await page.waitForSelector('#confirm img[src^="data:image/png"]');
    const width = 'document.querySelector("#confirm img").naturalWidth';
    await expect.poll(() => page.evaluate(width)).toBeGreaterThan(100);
    await page.fill('#confirm input[name=code]', '000000');
    await page.click('#confirm button');
    await expect.poll(() => page.locator('output').textContent()).not.toBe('');
    const secret = ((await page.locator('#confirm code').textContent()) ?? '').replaceAll(' ', '');
    await page.fill('#confirm input[name=code]', totp(secret));
    await page.click('#confirm button');
    expect(await storedCodes()).toHaveLength(10);
    await page.click('#continue');
    await graphiql();
    const [factor] = await rowsOf(world, `SELECT "confirmedAt" FROM "TotpFactor" WHERE "userId" = ${OWN}`);
    expect(factor.confirmedAt).toBeInstanceOf(Date);
    expect(problems).toEqual([]);
  });

  test('[M3] backup codes are shown once, and one of them signs in [U10]', async () => {
    const { codes } = await enrolTotp();
    expect(codes).toHaveLength(10);
    await page.goBack().catch(() => null);
    expect(await page.content()).not.toContain(codes[0]);
    await signInBy('BACKUP_CODE', async () => codes[0] as string);
    const [left] = await rowsOf(
      world,
      `SELECT count(*)::int AS count FROM "BackupCode" WHERE "userId" = ${OWN} AND "usedAt" IS NULL`,
    );
    expect(left.count).toBe(9);
  });

  test('[A11] an administrator adds a passkey in place of an app, and signs in with it second [U10]', async () => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable', { enableUI: false });
    await devtools.send('WebAuthn.addVirtualAuthenticator', { options: DEVICE });
    await enterPassword();
    await page.click('#new-passkey');
    expect(await storedCodes()).toHaveLength(10);
    await page.click('#continue');
    await graphiql();
    await page.goto('about:blank'); // ends requests of GraphiQL
    await page.context().clearCookies();
    await page.goto(`${url}/graphql`);
    await enterPassword();
    await page.selectOption('select[name=method]', 'PASSKEY');
    expect(await page.locator('#factor input[name=code]').isVisible()).toBe(false);
    await shot('sign-in-passkey');
    await page.click('#factor button:not([type])');
    await graphiql();
    expect(ownProblems()).toEqual([]);
  });

  /** Adds a factor for codes to this destination, by the page's session. */
  const addContact = async (channel: string, destination: string, codeOf: () => Promise<string>) => {
    const mutate = (name: string, input: object) =>
      page.evaluate(
        `(async () => (await (await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' },
          body: JSON.stringify(${JSON.stringify({
            query: `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename } }`,
            variables: { input },
          })}) })).json()).errors ?? null)()`,
      );
    expect(await mutate('addContactFactor', { channel, destination })).toBeNull();
    expect(await mutate('confirmContactFactor', { channel, code: await codeOf() })).toBeNull();
  };
  const sixDigits = (text: string | undefined) => /\b\d{6}\b/.exec(text ?? '')?.[0] ?? '';
  const texted = async (number: string) => {
    await world.services.mailer.settled();
    return sixDigits((await mailboxMessages(messages)).find(({ to }) => to === number)?.text);
  };
  const mailed = async (address: string) => sixDigits((await world.mailsTo(address)).at(-1)?.text);

  test.each([
    ['EMAIL', 'second@bulwark.example', mailed],
    ['SMS', '+15550100', texted],
  ] as const)(
    '[M2] a code by %s is sent on demand and completes the sign-in [U10]',
    async (channel, destination, codeFor) => {
      await enrolTotp();
      await forgetStep(world, EMAIL);
      await addContact(channel, destination, () => codeFor(destination));
      const earlier = await codeFor(destination);
      await signInBy(channel, async () => {
        await page.click('#send');
        await expect.poll(() => page.locator('output').textContent()).toContain('on its way');
        await expect.poll(() => codeFor(destination)).not.toBe(earlier);
        return codeFor(destination);
      });
      expect(ownProblems()).toEqual([]);
    },
  );
});
