import { describe, expect, it } from 'vitest';
import {
  countAttempt,
  countMailRequest,
  locksAccount,
  refuseLocked,
  tooManyAttempts,
} from '../../../src/auth/lockout/attempts.ts';
import {
  type Attempt,
  type AttemptResult,
  type AttemptStore,
  accountSubject,
  limits,
  longestLock,
  subjectsOf,
} from '../../../src/auth/lockout/limits.ts';

const ip = '203.0.113.7';
const account = 'ada@acme.example';
const attempt = (parts: Partial<Attempt>): Attempt => ({ kind: 'password', account, ip, ...parts });
const shown = (tried: Attempt) =>
  subjectsOf(tried).map(({ name, allowed, clears }) => [name.split(':')[0], allowed, clears]);

describe('[A2] the subjects of an attempt', () => {
  it.each<[string, Partial<Attempt>, unknown[]]>([
    [
      'account and network',
      {},
      [
        ['account', 5, true],
        ['address', 50, false],
      ],
    ],
    [
      'the device in place of the account',
      { device: 'd' },
      [
        ['device', 5, true],
        ['address', 50, false],
      ],
    ],
    ['the network alone', { account: null }, [['address', 50, false]]],
    ['the account alone', { ip: null }, [['account', 5, true]]],
    ['nothing', { account: null, ip: null }, []],
    [
      'messages, which no success clears',
      { kind: 'message' },
      [
        ['account', 5, false],
        ['address', 20, false],
      ],
    ],
    [
      'mails, of which a network has a share',
      { kind: 'resetMail' },
      [
        ['account', 10, true],
        ['share', 3, false],
      ],
    ],
    ['mails of a network', { kind: 'resetMail', account: null }, [['address', 20, false]]],
  ])('[A2] are %s', (_what, parts, expected) => {
    expect(shown(attempt(parts))).toEqual(expected);
  });

  it('[A2] of another account, network or kind of subject have other names', () => {
    const names = [
      {},
      { account: 'b' },
      { kind: 'resetMail' as const },
      { kind: 'resetMail' as const, ip: '198.51.100.1' },
    ]
      .flatMap((parts) => subjectsOf(attempt(parts)))
      .map(({ name }) => name);
    expect(new Set(names).size).toBe(5);
    expect(subjectsOf(attempt({}))[0]?.name).toBe(accountSubject(account));
  });

  it('[A2] that count by windows carry the window in their names', () => {
    const names = subjectsOf(attempt({ kind: 'challenge' })).map(({ name }) => name);
    for (const name of names) expect(name).toMatch(/^(account|address):\S+ \d{7}$/);
    for (const { name } of subjectsOf(attempt({}))) expect(name).not.toContain(' ');
  });

  it('[A2] are locked for a day at most, or until their window ends', () => {
    expect(longestLock('password')).toBe(24 * 3600);
    expect(longestLock('challenge')).toBeLessThanOrEqual(limits.challenge.windowSeconds);
    expect(longestLock('challenge')).toBeGreaterThan(0);
  });
});

/** A store that answers this and notes what it was asked. */
function storeWith(...answers: Partial<AttemptResult>[]) {
  const asked: [string, string[], boolean][] = [];
  const counted = (index: number) => ({ accepted: true, waitSeconds: 0, locked: [], ...answers[index] });
  const attempts: AttemptStore = {
    wait: async () => answers[0]?.waitSeconds ?? 0,
    count: async (kind, subjects, succeeded) => {
      asked.push([kind, subjects.map(({ name }) => name.split(':')[0] as string), succeeded]);
      return counted(asked.length - 1);
    },
    clear: async () => {},
    close: async () => {},
  };
  return { attempts, asked };
}

describe('[A2] a locked subject', () => {
  it('[A2] is refused with its wait, and one that is not locked passes', async () => {
    await expect(refuseLocked(storeWith({ waitSeconds: 1 }), attempt({}))).rejects.toMatchObject({
      ...{ code: 'RATE_LIMITED', advice: { retryAfter: 1 } },
    });
    await refuseLocked(storeWith(), attempt({}));
    expect(tooManyAttempts(0).advice).toEqual({ retryAfter: 1 });
    expect(tooManyAttempts(900).advice).toEqual({ retryAfter: 900 });
  });

  it('[A2] waits no longer than its kind locks', async () => {
    const long = 90 * 24 * 3600;
    const wait = async (waitSeconds: number) =>
      (await countAttempt(storeWith({ waitSeconds }), attempt({}), false)).waitSeconds;
    expect([await wait(long), await wait(900)]).toEqual([24 * 3600, 900]);
  });

  it('[A2] is the account only when its own subject was locked', () => {
    const result = (locked: string[]) => ({ accepted: true, waitSeconds: 0, locked });
    expect(locksAccount(result(['address:x', accountSubject(account)]), account)).toBe(true);
    expect(locksAccount(result(['address:x', accountSubject('b')]), account)).toBe(false);
  });
});

describe('[A3] a request for a mail', () => {
  const request = (...answers: Partial<AttemptResult>[]) => {
    const store = storeWith(...answers);
    return { store, answer: countMailRequest(store, 'resetMail', account, ip) };
  };

  it('[A3] counts for the network, then for the account and the network’s share of it', async () => {
    const { store, answer } = request({}, { waitSeconds: 60 });
    expect(await answer).toEqual({ lastFor: 60 });
    expect(store.asked).toEqual([
      ['resetMail', ['address'], false],
      ['resetMail', ['account', 'share'], false],
    ]);
  });

  it('[A3] is refused to a network with too many, before the account is counted', async () => {
    const { store, answer } = request({ accepted: false, waitSeconds: 60 });
    await expect(answer).rejects.toMatchObject({ code: 'RATE_LIMITED', advice: { retryAfter: 60 } });
    expect(store.asked).toHaveLength(1);
  });

  it('[A3] sends nothing to an account that had enough, without an error', async () => {
    expect(await request({}, { accepted: false, waitSeconds: 60 }).answer).toBe(null);
  });
});
