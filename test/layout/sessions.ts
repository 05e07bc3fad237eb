import { describe, expect, test } from 'vitest';
import type { Layout } from '../support/layout/layout.ts';
import type { Answer } from '../support/server/world.ts';
import { codeOf, issueTokens, refresh } from '../support/sign-in/credentials.ts';

const VIEWER = '{ viewer { user { email } } }';

/** Sessions and tokens, whose requests reach any instance. */
export function sessions(layout: Layout): void {
  describe('a session', () => {
    /** Sends the same request until each instance has answered it; returns the answers' codes. */
    async function atEachInstance(ask: () => Promise<Answer>): Promise<Set<string>> {
      const [served, codes] = [new Set<number>(), new Set<string>()];
      while (served.size < layout.instances.length) {
        const answer = await ask();
        codes.add(codeOf(answer));
        served.add(await layout.servedBy(answer));
      }
      return codes;
    }

    test('is valid at each instance, and at none after it was signed out at one [A5]', async () => {
      const { ask } = layout.client();
      const token = await layout.signIn('staff@acme.example');
      const viewer = () => ask(VIEWER, {}, token);
      expect(await atEachInstance(viewer)).toEqual(new Set(['ok']));
      expect(codeOf(await ask('mutation { signOut { __typename } }', {}, token))).toBe('ok');
      expect(await atEachInstance(viewer)).toEqual(new Set(['UNAUTHENTICATED']));
    });

    test('ends at each instance when another session of its user revokes it [A5]', async () => {
      const { ask } = layout.client();
      const email = 'hr_admin@globex.example';
      const [first, second] = [await layout.signIn(email), await layout.signIn(email)];
      expect(await atEachInstance(() => ask(VIEWER, {}, first))).toEqual(new Set(['ok']));
      await ask('mutation { revokeOtherSessions { __typename } }', {}, second);
      expect(await atEachInstance(() => ask(VIEWER, {}, first))).toEqual(new Set(['UNAUTHENTICATED']));
      expect(await atEachInstance(() => ask(VIEWER, {}, second))).toEqual(new Set(['ok']));
    });

    test('goes on by tokens that each instance verifies and refreshes, and a reused one ends it [A6]', async () => {
      const client = layout.client();
      let tokens = await issueTokens(client, await layout.signIn('client@acme.example'));
      const used = tokens.refreshToken;
      await atEachInstance(async () => {
        const answer = await refresh(client, tokens.refreshToken);
        tokens = answer.data.refreshTokens;
        expect(codeOf(await client.ask(VIEWER, {}, tokens.accessToken))).toBe('ok');
        return answer;
      });
      // past the grace period of parallel refreshes
      await layout.rows(`UPDATE "RefreshToken" SET "usedAt" = "usedAt" - interval '1 minute'`);
      expect(codeOf(await refresh(client, used))).toBe('UNAUTHENTICATED');
      const late = () => client.ask(VIEWER, {}, tokens.accessToken);
      expect(await atEachInstance(late)).toEqual(new Set(['UNAUTHENTICATED']));
    });
  });
}
