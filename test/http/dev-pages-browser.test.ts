import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeInBrowser, launchBrowser, openPage } from '../support/browser.ts';
import { from, type MailboxWorld, openMailboxWorld } from '../support/server/dev-mailbox.ts';
import { PASSWORD } from '../support/server/world.ts';

describeInBrowser('the pages of development in a browser', () => {
  let world: MailboxWorld;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  beforeAll(async () => {
    world = await openMailboxWorld();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.end();
  });
  beforeEach(async () => {
    problems = [];
    page = await openPage(browser);
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
  });

  const open = (path: string) => page.goto(new URL(path, world.url).href);
  const submitted = async () => {
    await page.click('button');
    const output = page.locator('output');
    await expect.poll(() => output.textContent()).not.toBe('');
    return output.textContent();
  };
  const signIn = (email: string, password: string) =>
    world.ask(
      'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }',
      { input: { email, password } },
      undefined,
      from(),
    );

  test('the link of a password mail leads to a form that sets the password [U9]', async () => {
    const email = 'staff@acme.example';
    await world.ask(
      'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { email } }',
      { input: { email } },
      undefined,
      from(),
    );
    await open(`/reset-password#token=${await world.linkTo(email)}`);
    await page.fill('input[name=password]', 'another-Password-27');
    expect(await submitted()).toBe('Done.');
    expect(problems).toEqual([]);
    expect(await signIn(email, 'another-Password-27')).toMatchObject({
      data: { signIn: { sessionToken: expect.any(String) } },
    });
    expect(await signIn(email, PASSWORD)).toMatchObject({ errors: [expect.anything()] });
  });

  test('a form with a token that is not valid shows the message of the API [U9]', async () => {
    await open('/unlock-account#token=unknown');
    expect(await submitted()).not.toBe('Done.');
    expect(problems).toEqual([]);
  });

  test('a form without a token says to open the link of the mail [U9]', async () => {
    await open('/verify-email');
    expect(await page.locator('output').textContent()).toContain('open the link in the mail');
  });
});
