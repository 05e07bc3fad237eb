import { bounded } from '../../bounded-cache.ts';
import { type AttemptKind, type AttemptStore, accountSubject } from '../lockout/limits.ts';

/**
 * The limits of attempts whose lock is an alert: guesses of secrets, and operations that were
 * denied. Accounts count by user id, for what their own sessions did; a stranger who locks an
 * e-mail address does not reach them.
 */
const ALERTING: ReadonlySet<string> = new Set<AttemptKind>([
  'password',
  'totp',
  'code',
  'backupCode',
  'apiKey',
  'denial',
]);
/** The part of the budget that is left after an alert, and for how long. */
export const tightened = { share: 1 / 4, seconds: 15 * 60 };
/** Subjects that are kept at the same time; some 150 bytes each. */
const MOST_SUBJECTS = 10_000;

export type Alerts = {
  /** Returns the store, whose locks become alerts of this process. */
  watched(attempts: AttemptStore): AttemptStore;
  /** Whether a caller, such as `user:ID` or `address:NETWORK`, had an alert recently. */
  has(caller: string): boolean;
};

/** Keeps which accounts and networks had an alert, in this process. */
export function openAlerts(now: () => number = Date.now): Alerts {
  const ends = bounded<number>(MOST_SUBJECTS, () => 1);
  let lastEnd = 0;
  const note = (locked: readonly string[]) => {
    lastEnd = now() + tightened.seconds * 1000;
    for (const name of locked) ends.set(name.split(' ', 1)[0] as string, lastEnd); // without its window
  };
  return {
    watched: (attempts) => ({
      ...attempts,
      async count(kind, subjects, succeeded) {
        const result = await attempts.count(kind, subjects, succeeded);
        if (result.locked.length > 0 && ALERTING.has(kind)) note(result.locked);
        return result;
      },
    }),
    // most of the time there is none, and a user's subject is a digest
    has: (caller) => now() < lastEnd && now() < (ends.get(subjectOf(caller)) ?? 0),
  };
}

const subjectOf = (caller: string): string =>
  caller.startsWith('user:') ? accountSubject(caller.slice('user:'.length)) : caller;
