import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServer } from '../../src/app.ts';
import { administratorTabs } from '../../src/graphql/graphiql-tabs.ts';
import { openWorld, PASSWORD, type World } from '../support/server/world.ts';

let world: World;
let staging: FastifyInstance;
beforeAll(async () => {
  world = await openWorld();
  const config = { ...world.config, env: 'staging' as const, publicUrl: 'https://staging.example' };
  staging = openServer({ ...world.services, config });
});
afterAll(async () => {
  await staging?.close();
  await world?.end();
});

const visit = (headers: Record<string, string> = {}) =>
  staging.inject({ url: '/graphql', headers: { accept: 'text/html', ...headers } });

describe('the sign-in page of staging', () => {
  test('[H2] runs scripts of this server only, none of them inline, and no page frames it [U10]', async () => {
    const { headers, body } = await visit();
    const csp = String(headers['content-security-policy']);
    expect(csp).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(body).not.toMatch(/<script(?! src="\/page\/)|<style|\son\w+=/);
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['cache-control']).toBe('no-store');
    for (const url of ['/page/style.css', '/page/sign-in.js'])
      expect((await staging.inject(url)).statusCode).toBe(200);
  });

  test('[A5] a sign-in sets a cookie for this host, https and no script [U10]', async () => {
    const answer = await staging.inject({
      method: 'POST',
      url: '/graphql',
      headers: { origin: 'https://staging.example' },
      payload: {
        query: `mutation { signIn(input: { email: "platform@bulwark.example", password: "${PASSWORD}" }) { viewer { roles } } }`,
      },
    });
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^__Host-bulwark=[\w-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
    const page = await visit({ cookie: cookie.split(';')[0] as string });
    expect(page.body).toContain('GraphiQL');
    expect(page.body).not.toMatch(/acme\.example|globex|demo\.json/);
  });

  test('[H4] tells a user who is no platform administrator that the account may not open GraphiQL [U10]', async () => {
    const token = await world.signIn('company_admin');
    const { body } = await visit({ authorization: `Bearer ${token}` });
    expect(body).toContain('may not open GraphiQL');
    expect(body).toContain('<title>Sign in</title>');
  });

  test('[H4] is not served in production [U10]', async () => {
    const config = { ...world.config, env: 'production' as const };
    const production = openServer({ ...world.services, config });
    for (const url of ['/graphql', '/page/sign-in.js', '/page/style.css'])
      expect((await production.inject({ url, headers: { accept: 'text/html' } })).statusCode).toBe(404);
    await production.close();
  });

  test('[H4] each tab of GraphiQL without demo data answers a platform administrator [U10]', async () => {
    const token = await world.signIn('super_admin');
    for (const { title, query } of administratorTabs)
      expect([title, (await world.ask(query, {}, token)).errors]).toEqual([title, undefined]);
  });
});
