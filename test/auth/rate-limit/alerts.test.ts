import { describe, expect, it } from 'vitest';
import { type AttemptKind, type AttemptStore, accountSubject } from '../../../src/auth/lockout/limits.ts';
import { openAlerts, tightened } from '../../../src/auth/rate-limit/alerts.ts';

/** Alerts of a store that locks what it is told to. */
function opened() {
  const clock = { now: 1_000_000 };
  const alerts = openAlerts(() => clock.now);
  const store = {
    wait: async () => 0,
    count: async (_kind: unknown, subjects: { name: string }[]) => ({
      ...{ accepted: true, waitSeconds: 0 },
      locked: subjects.map(({ name }) => name),
    }),
    clear: async () => {},
    close: async () => {},
  } as unknown as AttemptStore;
  const watched = alerts.watched(store);
  const lock = (kind: AttemptKind | 'operation', ...names: string[]) =>
    watched.count(
      kind,
      names.map((name) => ({ name, allowed: 1, clears: false })),
      false,
    );
  return { has: alerts.has, lock, clock };
}

const ADDRESS = 'address:203.0.113.7';

describe('an alert', () => {
  it('[H3] begins with a lock, and ends after its time', async () => {
    const { has, lock, clock } = opened();
    expect(has(ADDRESS)).toBe(false);
    await lock('password', ADDRESS);
    expect([has(ADDRESS), has('address:203.0.113.8')]).toEqual([true, false]);
    clock.now += tightened.seconds * 1000 - 1;
    expect(has(ADDRESS)).toBe(true);
    clock.now += 1;
    expect(has(ADDRESS)).toBe(false);
  });

  it('[H3] is the user’s whose id was locked, in whichever window', async () => {
    const { has, lock } = opened();
    await lock('denial', `${accountSubject('user-1')} 5944800`);
    expect([has('user:user-1'), has('user:user-2')]).toEqual([true, false]);
  });

  it('[H3] is not of a user whose e-mail address a stranger locked', async () => {
    const { has, lock } = opened();
    await lock('password', accountSubject('staff@acme.example'));
    expect(has('user:00000000-0000-4000-8000-000000000001')).toBe(false);
  });

  it.each(['resetMail', 'message', 'invitation', 'operation'] as const)(
    '[H3] does not begin with the limit of %s, which guesses nothing',
    async (kind) => {
      const { has, lock } = opened();
      await lock(kind, ADDRESS);
      expect(has(ADDRESS)).toBe(false);
    },
  );

  it('[H3] does not begin with an attempt that locks nothing', async () => {
    const { has, lock } = opened();
    await lock('password');
    expect(has(ADDRESS)).toBe(false);
  });
});
