import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { pageOf } from '../../../examples/passkey/serve.ts';
import { openServer } from '../../../src/app.ts';
import { DEVICE, describeInBrowser, launchBrowser, openPage } from '../../support/browser.ts';
import { asker, newcomer, openWorld, PASSWORD, rowsOf, type World } from '../../support/server/world.ts';

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
};

describeInBrowser('passkeys in a browser', () => {
  let world: World;
  let api: FastifyInstance;
  let url: string;
  let site: Server;
  let foreign: Server;
  let home: string;
  let abroad: string;
  let browser: Browser;
  let page: Page;
  let devtools: CDPSession;
  let authenticatorId: string;
  let problems: string[];

  beforeAll(async () => {
    world = await openWorld();
    [site, foreign] = [createServer(), createServer()];
    [home, abroad] = [await listening(site), await listening(foreign)];
    const config = { ...world.config, appUrl: home, corsOrigins: [home] };
    api = openServer({ ...world.services, config });
    const { port } = new URL(await api.listen({ host: '127.0.0.1', port: 0 }));
    url = `http://localhost:${port}/graphql`;
    for (const server of [site, foreign]) server.on('request', pageOf(url));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of [site, foreign]) server?.close();
    await api?.close();
    await world?.end();
  });
  beforeEach(async () => {
    problems = [];
    page = await openPage(browser);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on(
      'console',
      (message) => message.text().includes('Content Security') && problems.push(message.text()),
    );
    devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable', { enableUI: false });
    authenticatorId = await plugIn();
    await page.goto(home);
  });
  afterEach(async () => {
    expect(problems).toEqual([]);
    await page.context().close();
  });

  const plugIn = async () =>
    (await devtools.send('WebAuthn.addVirtualAuthenticator', { options: DEVICE })).authenticatorId;
  const credentials = async () =>
    (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  const says = (what: string | RegExp) => expect.poll(() => page.textContent('#status')).toMatch(what);
  const click = async (id: string, what: string | RegExp) => {
    await page.click(`#${id}`);
    await says(what);
  };
  const withPassword = async (email: string) => {
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', PASSWORD);
    await page.click('#password-sign-in button');
    await says('The password was right.');
  };
  const add = async (name: string) => {
    await page.fill('#register [name=name]', name);
    await page.click('#register button');
    await says('The passkey is added.');
  };
  /** A user at the page, with a passkey of the plugged-in device, signed out. */
  const holder = async () => {
    const { email } = await newcomer(world, ['client']);
    await withPassword(email);
    await add('Laptop');
    await click('sign-out', 'You are signed out.');
    return email;
  };
  const who = () => page.textContent('#who');
  const latestEvent = async () =>
    (
      await rowsOf(
        world,
        'SELECT action, severity, body::jsonb AS body FROM audit_event ORDER BY at_us DESC, pos DESC LIMIT 1',
      )
    )[0];

  test('[A11] registers a passkey and signs in by it without a user name', async () => {
    const email = await holder();
    const [credential] = await credentials();
    expect(credential).toMatchObject({ isResidentCredential: true, rpId: 'localhost' });
    await click('passkey-sign-in', 'You are signed in.');
    expect(await who()).toBe(email);
    expect(await page.textContent('#passkeys')).toContain('Laptop');
    const [session] = await rowsOf(
      world,
      'SELECT methods, "mfaAt" FROM "Session" ORDER BY "createdAt" DESC LIMIT 1',
    );
    expect(session).toMatchObject({ methods: ['pop', 'mfa'], mfaAt: expect.any(Date) });
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('[A11] uses it as second factor after the password, and for step-up', async () => {
    const email = await holder();
    await withPassword(email);
    expect(await page.isVisible('#pending')).toBe(true);
    await click('complete', 'You are signed in.');
    expect(await who()).toBe(email);
    await rowsOf(world, `UPDATE "Session" SET "mfaAt" = now() - interval '1 hour' WHERE "mfaAt" IS NOT NULL`);
    await page.click('#register button');
    await says('STEP_UP_REQUIRED');
    await click('step-up', 'It is you.');
    await page.click('#passkeys button');
    await says('The passkey is removed.');
  });

  test('[A11] keeps several on several devices, and refuses one that was removed', async () => {
    await holder();
    const laptop = authenticatorId;
    await click('passkey-sign-in', 'You are signed in.');
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: laptop });
    authenticatorId = await plugIn();
    await add('Phone');
    expect(await page.locator('#passkeys li').allTextContents()).toEqual(['LaptopRemove', 'PhoneRemove']);
    await page.locator('#passkeys li', { hasText: 'Phone' }).locator('button').click();
    await says('The passkey is removed.');
    await click('sign-out', 'You are signed out.');
    await click('passkey-sign-in', /PASSKEY_REFUSED · credential/);
    expect(await page.isVisible('#inside')).toBe(false);
  });

  test('[A11] refuses and audits a cloned passkey with a lower counter', async () => {
    const email = await holder();
    for (const _ of [1, 2]) {
      await click('passkey-sign-in', 'You are signed in.');
      await click('sign-out', 'You are signed out.');
    }
    const [original] = await credentials();
    if (!original) throw new Error('expected a credential');
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    authenticatorId = await plugIn();
    await devtools.send('WebAuthn.addCredential', {
      authenticatorId,
      credential: { ...original, signCount: 0 },
    });
    await click('passkey-sign-in', /PASSKEY_REFUSED · counter/);
    expect(await page.isVisible('#inside')).toBe(false);
    const [{ id }] = await rowsOf(world, 'SELECT id FROM "User" WHERE email = $1', [email]);
    expect(await latestEvent()).toMatchObject({
      action: 'passkey.counterRegressed',
      severity: 'CRITICAL',
      body: { data: { userId: id } },
    });
  });

  test('[A11] refuses and audits an assertion for a page of another origin', async () => {
    await holder();
    const ask = asker(url);
    const { challengeId, options } = (await ask('mutation { startPasskeySignIn { challengeId options } }'))
      .data.startPasskeySignIn;
    await page.goto(abroad);
    // as text: a function would come with the imports that the test runner makes of it
    const response = (await page.evaluate(
      `import('/simplewebauthn/index.js').then(({ startAuthentication }) => startAuthentication({ optionsJSON: ${JSON.stringify(options)} }))`,
    )) as object;
    const answer = await ask(
      'mutation ($input: FinishPasskeySignInInput!) { finishPasskeySignIn(input: $input) { sessionToken } }',
      { input: { challengeId, response } },
    );
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'PASSKEY_REFUSED', reason: 'origin' });
    expect(await latestEvent()).toMatchObject({ action: 'passkey.refused', severity: 'HIGH' });
  });

  test('[A11] fails on a device that does not verify its user', async () => {
    await holder();
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.click('#passkey-sign-in');
    await says(/NotAllowed|not allowed|timed out/i);
    expect(await page.isVisible('#inside')).toBe(false);
  });
});
