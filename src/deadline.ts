import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from './errors.ts';

type OnEnd = (reason: AppError) => void;

/**
 * The time that a piece of work has. It ends once; whatever waits for PostgreSQL then stops
 * waiting, and its statement is cancelled.
 */
export class Deadline {
  /** Why it has ended; undefined before. */
  reason: AppError | undefined;
  /** Whether a COMMIT was sent that PostgreSQL has not refused. */
  mayHaveCommitted = false;
  /** The same without the client: what this runs is not cut short when the client leaves. */
  readonly withoutClient: Deadline;
  private readonly waiting = new Set<OnEnd>();

  constructor(withoutClient?: Deadline) {
    this.withoutClient = withoutClient ?? this;
  }

  end(reason: AppError): void {
    if (this.reason) return;
    this.reason = reason;
    for (const onEnd of this.waiting) onEnd(reason);
    this.waiting.clear();
  }

  /** Rejects with the reason when this ends before `work` settles. */
  race<T>(work: Promise<T>): Promise<T> {
    if (this.reason) return Promise.reject(this.reason);
    return new Promise<T>((resolve, reject) => {
      this.waiting.add(reject);
      work.then(resolve, reject).finally(() => this.waiting.delete(reject));
    });
  }

  /** Calls `onEnd` when this ends; returns what takes that back. */
  onEnd(onEnd: OnEnd): () => void {
    if (this.reason) onEnd(this.reason);
    else this.waiting.add(onEnd);
    return () => void this.waiting.delete(onEnd);
  }
}

/** Runs work of no request, with a deadline of its own. */
export async function inTime<T>(milliseconds: number, run: (deadline: Deadline) => Promise<T>): Promise<T> {
  const deadline = new Deadline();
  const timer = setTimeout(() => deadline.end(outOfTime()), milliseconds);
  try {
    return await run(deadline);
  } finally {
    clearTimeout(timer);
  }
}

const store = new AsyncLocalStorage<Deadline | undefined>();

export const currentDeadline = (): Deadline | undefined => store.getStore();

/** Runs `run` until this deadline: each statement in it is cancelled when the deadline ends. */
export const withDeadline = <T>(deadline: Deadline, run: () => T): T => store.run(deadline, run);

/** Runs work that a client must not stop by leaving, such as counting an attempt that failed. */
export const withoutClient = <T>(run: () => T): T => store.run(store.getStore()?.withoutClient, run);

/**
 * Runs work that others share or that must not be cut short: its statements have the pool's time
 * limit alone.
 */
export const withoutDeadline = <T>(run: () => T): T => store.run(undefined, run);

export const outOfTime = (): AppError =>
  new AppError('UNAVAILABLE', 'The request took too long and was cancelled; retry later.');

export const clientGone = (): AppError =>
  new AppError('UNAVAILABLE', 'The connection ended before the answer.');

export const outcomeUnknown = (cause?: unknown): AppError =>
  new AppError(
    'UNAVAILABLE',
    'The connection was lost while the change was saved: the outcome is unknown. Read again before you retry; with an Idempotency-Key a retry is safe.',
    { cause },
  );
