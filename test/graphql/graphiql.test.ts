import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInBrowser, launchBrowser, openPage } from '../support/browser.ts';
import { listening } from '../support/server/toy-server.ts';

describeInBrowser('GraphiQL in a browser', () => {
  const graphiqlTabs = [
    { title: 'A greeting', query: 'query Greeting { hello }', headers: { authorization: 'Bearer demo' } },
    { title: 'A stream', query: 'subscription Stream { ticks(upTo: 3) }' },
  ];
  let server: Awaited<ReturnType<typeof listening>>;
  let browser: Browser;
  beforeAll(async () => {
    server = await listening({
      config: { env: 'development', publicUrl: 'http://127.0.0.1:4000' },
      graphiqlTabs,
    });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.app.close();
  });

  test('[H4] opens with its tabs under its own policy, loads nothing from elsewhere, and runs a query and a subscription', async () => {
    const page = await openPage(browser);
    const problems: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => asked.push(request.url()));

    await page.goto(server.url);
    await page.waitForSelector('.graphiql-tab');
    expect(await page.locator('.graphiql-tab').count()).toBe(2);
    await page.click('.graphiql-execute-button');
    const response = page.locator('.graphiql-response');
    await expect.poll(() => response.textContent()).toContain('world');
    await page.click('.graphiql-tab:nth-child(2)');
    await expect.poll(() => page.locator('.graphiql-query-editor').textContent()).toContain('Stream');
    await page.waitForTimeout(300);
    await page.click('.graphiql-execute-button');
    await expect.poll(() => response.textContent()).toMatch(/ticks.*3/s);

    expect(problems).toEqual([]);
    expect(asked.filter((url) => !/^(data:|blob:)/.test(url) && !url.startsWith(server.url))).toEqual([]);
    const greeting = server.lines
      .map((line) => JSON.parse(line))
      .find((line) => line.operation === 'Greeting');
    expect(greeting).toMatchObject({ status: 200, actorId: 'user-1' });
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('Bearer demo');
  });
});
