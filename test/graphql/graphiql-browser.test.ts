import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openServer } from '../../src/app.ts';
import { demoTabs } from '../../src/graphql/graphiql-tabs.ts';
import { describeInBrowser, launchBrowser, openPage } from '../support/browser.ts';
import { openWorld, PASSWORD, type World } from '../support/server/world.ts';

describeInBrowser('GraphiQL in a browser', () => {
  let world: World;
  let server: FastifyInstance;
  let address: string;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  let asked: string[];
  beforeAll(async () => {
    world = await openWorld();
    server = openServer(world.services, { demoPassword: PASSWORD });
    address = await server.listen({ host: '127.0.0.1', port: 0 });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await world?.end();
  });
  beforeEach(async () => {
    problems = [];
    asked = [];
    page = await openPage(browser, { viewport: { width: 1280, height: 800 } });
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${address}/graphql`);
    await page.waitForSelector('.graphiql-tab');
  });

  const open = async (tab: number, name: string) => {
    // the tabs slide into their places after the page has opened, and a click on one that moves may
    // miss it
    const button = page.locator(`#graphiql-session-tab-${tab - 1}`);
    await button.dispatchEvent('click');
    const editor = page.locator('.graphiql-query-editor');
    const shown = new RegExp(`(query|mutation|subscription)\\s${name}`);
    await expect.poll(() => editor.textContent()).toMatch(shown);
    await page.waitForTimeout(300);
  };
  const shot = async (name: string) => {
    const folder = process.env.SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  };
  const run = async (contains: string | RegExp) => {
    await page.click('.graphiql-execute-button');
    const response = page.locator('.graphiql-response');
    await expect.poll(() => response.textContent()).toMatch(contains);
  };

  test('[H4] [U9] each tab runs as it stands, and nothing is loaded from other hosts', async () => {
    expect(await page.locator('.graphiql-tab').count()).toBe(demoTabs().length);
    await run(/Dmitri\sPetrov/);
    await shot('signed-in');
    await open(2, 'Salaries');
    await run(/"salary":\s*"\d+\.\d+"/);
    await shot('salaries');
    await open(3, 'AnotherCompany');
    await run('NOT_FOUND');
    await open(4, 'Refused');
    await run('NOT_FOUND');
    await open(5, 'SignIn');
    await run(/Keiko\sCastro/);
    await open(6, 'AuditLog');
    await run('"action"');
    await open(8, 'Policies');
    await run('"hash"');
    expect(problems).toEqual([]);
    expect(asked.filter((url) => !/^(data:|blob:)/.test(url) && !url.startsWith(address))).toEqual([]);
  });

  test('[A5] the session is a cookie that scripts cannot read, and no password or token stays in the browser’s storage', async () => {
    await run(/Dmitri\sPetrov/);
    const cookies = await page.context().cookies();
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    expect(await page.evaluate('document.cookie')).toBe('');
    const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
    expect(kept).not.toContain(cookies[0]?.value);
    expect(problems).toEqual([]);
  });
});
