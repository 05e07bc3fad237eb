import { withoutDeadline } from '../deadline.ts';

/** Work that follows a commit and must not happen without it: mail, caches, locks, later jobs. */
export type Effect = () => void | Promise<void>;

export type AfterCommit = {
  /** Adds an effect; effects run in the order in which they were added. */
  add(effect: Effect): void;
  /** Runs them all. Rejects with the first effect's error; the commit stands. */
  run(): Promise<void>;
};

/** The effects of one use case. A use case that fails runs none. */
export function afterCommit(): AfterCommit {
  const effects: Effect[] = [];
  return {
    add: (effect) => void effects.push(effect),
    run: () =>
      withoutDeadline(async () => {
        for (const effect of effects) await effect();
      }),
  };
}
