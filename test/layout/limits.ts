import { beforeAll, describe, expect, test } from 'vitest';
import type { Layout } from '../support/layout/layout.ts';
import { signInAs } from '../support/server/world.ts';
import { codeOf } from '../support/sign-in/credentials.ts';
import { until } from '../support/until.ts';

const VIEWER = '{ viewer { user { email } } }';
const REQUESTS = 500;
/** Of each caller in a minute, where RATE_LIMIT is not set. */
const LIMIT = 100;

export function limits(layout: Layout): void {
  describe('with the limits of the Compose file', () => {
    beforeAll(async () => {
      await layout.killAll();
      await layout.startAll();
      const { ask } = layout.client();
      const served = () => layout.instances.every(({ output }) => output().includes('"path":"/graphql"'));
      await until(async () => {
        await ask('{ __typename }');
        return served();
      });
    });

    test('500 parallel requests of one user pass exactly 100, at all instances together [H3]', async () => {
      const client = layout.client(2);
      const token = await signInAs(client.ask, 'operator@acme.example');
      const send = () => client.ask(VIEWER, {}, token);
      const answers = await Promise.all(Array.from({ length: REQUESTS }, send));
      const passed = answers.filter((answer) => codeOf(answer) === 'ok');
      const refused = answers.filter((answer) => codeOf(answer) === 'RATE_LIMITED');
      expect([passed.length, refused.length]).toEqual([LIMIT, REQUESTS - LIMIT]);
      const served = new Set(await Promise.all(answers.map(layout.servedBy, layout)));
      expect(served.size).toBe(layout.instances.length);
    });

    test('clients without a credential are counted by their own address and not the proxy’s [H3]', async () => {
      const [one, other] = [layout.client(3), layout.client(4)];
      const unknown = () => one.ask(VIEWER, {}, 'unknown');
      await until(async () => codeOf(await unknown()) === 'RATE_LIMITED');
      expect(codeOf(await other.ask(VIEWER, {}, 'unknown'))).toBe('UNAUTHENTICATED');
      const spoofed = { 'x-forwarded-for': '198.51.100.7' };
      expect(codeOf(await one.ask(VIEWER, {}, 'unknown', spoofed))).toBe('RATE_LIMITED');
    });
  });
}
