import { describe, expect, test } from 'vitest';
import type { Layout } from '../support/layout/layout.ts';
import { codeOf } from '../support/sign-in/credentials.ts';
import { leaveTime } from '../support/until.ts';

const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { name } } }';
/** Longer than the proxy waits for a server that sends nothing (timeout server). */
const SILENT = 17_000;
const AT_ONCE = 6;

export function subscriptions(layout: Layout): void {
  describe('a subscription', () => {
    test('stays open while nothing happens, then receives what each instance writes, once and in order [L7]', async () => {
      const client = layout.client();
      const token = await layout.signIn('company_admin@acme.example');
      const stream = client.follow(token, { after: '0' });
      await expect.poll(() => stream.events.length).toBeGreaterThan(5);
      await leaveTime(SILENT);
      const created = () => stream.events.filter(({ action }) => action === 'branch.created').length;
      const [before, served] = [created(), new Set<number>()];
      let written = 0;
      const write = () => client.ask(CREATE, { input: { name: `Written ${++written}` } }, token);
      while (served.size < layout.instances.length) {
        // at once: the proxy prefers instances that hold no stream
        const answers = await Promise.all(Array.from({ length: AT_ONCE }, write));
        expect(answers.map(codeOf)).toEqual(answers.map(() => 'ok'));
        for (const answer of answers) served.add(await layout.servedBy(answer));
      }
      await expect.poll(created).toBe(before + written);
      await stream.leave();
      expect(await stream.ended).toBe('left'); // and not by the proxy
      const cursors = stream.events.map(({ cursor }) => BigInt(cursor));
      expect(cursors).toEqual(cursors.map((_, index) => (cursors[0] as bigint) + BigInt(index)));
    });
  });
}
