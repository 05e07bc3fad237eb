import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer } from '../../src/app.ts';
import { type MailboxWorld, openMailboxWorld } from '../support/server/dev-mailbox.ts';

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

  it.each(['staging', 'production'] as const)('is not served in %s', async (env) => {
    const server = openServer({ ...world.services, config: { ...world.config, env } });
    for (const url of ['/dev/mail', '/dev/mail.json'])
      expect((await server.inject({ method: 'GET', url })).statusCode).toBe(404);
    await server.close();
  });
});
