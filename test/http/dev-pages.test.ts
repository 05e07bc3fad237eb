import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer } from '../../src/app.ts';
import { emailTokenPaths } from '../../src/auth/tokens/email-token-link.ts';
import type { Config } from '../../src/config.ts';
import { FORMS as tokenForms } from '../../src/http/pages/email-token-forms.ts';
import { type MailboxWorld, openMailboxWorld } from '../support/server/dev-mailbox.ts';
import { PASSWORD } from '../support/server/world.ts';

let world: MailboxWorld;
beforeAll(async () => {
  world = await openMailboxWorld();
});
afterAll(() => world?.end());

describe('[M2] the dev mailbox', () => {
  const page = async (path: string) => fetch(new URL(path, world.url));

  it('shows messages with their links and runs no script in them', async () => {
    const email = '<script>alert(1)</script>@acme.example';
    world.services.mailer.send({
      channel: 'email',
      to: email,
      subject: 'Hi',
      text: 'see https://a.example/x#token=abc "now"',
    });
    await world.services.mailer.settled();
    const answer = await page('/dev/mail');
    const html = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('<a href="https://a.example/x#token=abc">');
    expect(html).not.toContain('<script>');
    expect(await (await page('/dev/mail.json')).json()).toMatchObject([{ to: email, subject: 'Hi' }]);
  });
});

const PATHS = ['/', '/dev/mail', '/dev/mail.json', '/dev/email-token-form.js'];
const FORMS = Object.keys(tokenForms).map((path) => `/${path}`);

describe('the pages of development', () => {
  const logins = [{ email: 'a&b@acme.example', password: PASSWORD, company: 'Acme', roles: ['staff'] }];
  const get = async (env: Config['env'], url: string) => {
    const server = openServer(
      { ...world.services, config: { ...world.config, env } },
      { demoAccounts: logins },
    );
    const answer = await server.inject({ method: 'GET', url });
    await server.close();
    return answer;
  };

  it('begin with links and the demo accounts at / [U9]', async () => {
    const { body } = await get('development', '/');
    for (const text of ['href="/graphql"', 'href="/dev/mail"', 'a&#38;b@acme.example', PASSWORD])
      expect(body).toContain(text);
  });

  it.each(['/', '/dev/mail', ...FORMS])(
    'allow at %s no inline script and no other origin [U9]',
    async (url) => {
      const { statusCode, headers, body } = await get('development', url);
      expect(statusCode).toBe(200);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(body).not.toMatch(/<script(?! src="\/dev\/)|<style|\son\w+=/);
    },
  );

  it('cover every link of a mail [U9]', () => {
    const linked = Object.values(emailTokenPaths).map((path) => `/${path}`);
    expect(FORMS.sort()).toEqual(linked.sort());
  });

  it.each(['staging', 'production'] as const)('[M2] are not served in %s [U9]', async (env) => {
    const server = openServer({ ...world.services, config: { ...world.config, env } });
    for (const url of [...PATHS, ...FORMS])
      expect((await server.inject({ method: 'GET', url })).statusCode).toBe(404);
    await server.close();
  });
});
