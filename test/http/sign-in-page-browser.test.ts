import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openServer } from '../../src/app.ts';
import { administratorTabs } from '../../src/graphql/graphiql-tabs.ts';
import { freePort } from '../../src/http/listen.ts';
import { DEVICE, describeInBrowser, launchBrowser, openPage } from '../support/browser.ts';
import { openWorld, PASSWORD, type World } from '../support/server/world.ts';
import { enrol, forgetStep, totp } from '../support/sign-in/factors.ts';

const EMAIL = 'platform@bulwark.example';
/** Registers a passkey for the page's session. */
const REGISTER = `(async () => {
  const ask = async (query, variables) => (await (await fetch('/graphql', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }),
  })).json());
  const { data } = await ask('mutation { startPasskeyRegistration { challengeId options } }');
  const { challengeId, options } = data.startPasskeyRegistration;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const response = (await navigator.credentials.create({ publicKey })).toJSON();
  const input = { challengeId, name: 'Laptop', response };
  return ask('mutation ($input: FinishPasskeyRegistrationInput!) { finishPasskeyRegistration(input: $input) { __typename } }', { input });
})()`;

describeInBrowser('the sign-in page of staging in a browser', () => {
  let world: World;
  let staging: FastifyInstance;
  let url: string;
  let secret: string;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  beforeAll(async () => {
    world = await openWorld();
    ({ secret } = await enrol(world, await world.signIn('super_admin')));
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
  });
  beforeEach(async () => {
    problems = [];
    page = await openPage(browser, { viewport: { width: 1280, height: 800 } });
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${url}/graphql`);
  });

  const shot = async (name: string) => {
    const folder = process.env.SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  };
  const enterPassword = async (password: string) => {
    await page.fill('input[name=email]', EMAIL);
    await page.fill('input[name=password]', password);
    await page.click('#password button:not([type])');
  };
  const signIn = async () => {
    await forgetStep(world, EMAIL);
    await enterPassword(PASSWORD);
    await page.selectOption('select[name=method]', 'TOTP');
    await shot('sign-in-factor');
    await page.fill('input[name=code]', totp(secret));
    await page.click('#factor button:not([type])');
    await page.waitForSelector('.graphiql-tab');
  };

  test('[M1] opens GraphiQL after password and authenticator code, by a cookie that scripts cannot read [U10]', async () => {
    await shot('sign-in');
    await signIn();
    expect(await page.locator('.graphiql-tab').count()).toBe(administratorTabs.length);
    await page.click('.graphiql-execute-button');
    const response = page.locator('.graphiql-response');
    await expect.poll(() => response.textContent()).toContain('super_admin');
    await shot('sign-in-graphiql');
    const cookies = await page.context().cookies();
    expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, sameSite: 'Lax' })]);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(problems).toEqual([]);
  });

  test('[A1] shows the message of the API for a wrong password [U10]', async () => {
    await enterPassword('wrong-Password-1');
    const output = page.locator('output');
    await expect.poll(() => output.textContent()).toContain('Invalid email or password');
    expect(await page.locator('#factor').isVisible()).toBe(false);
  });

  test('[A11] opens GraphiQL with a passkey, without a user name [U10]', async () => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable', { enableUI: false });
    await devtools.send('WebAuthn.addVirtualAuthenticator', { options: DEVICE });
    await signIn();
    expect(await page.evaluate(REGISTER)).toMatchObject({ data: { finishPasskeyRegistration: {} } });
    await page.context().clearCookies();
    await page.goto(`${url}/graphql`);
    await page.click('#passkey');
    await page.waitForSelector('.graphiql-tab');
    expect(problems).toEqual([]);
  });
});
