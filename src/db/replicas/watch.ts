import { setTimeout as sleep } from 'node:timers/promises';
import { inTime, withDeadline } from '../../deadline.ts';
import { AppError } from '../../errors.ts';
import { type Query, queryAs } from '../sql.ts';
import { type Place, placeOf, unfit } from './place.ts';
import type { Lag, Replica } from './replica.ts';

/** Milliseconds between two measurements. */
const EVERY_MS = 1_000;
/** A measurement that takes longer has failed; milliseconds. */
const MOST_MS = 5_000;

type Watched = {
  replica: Replica;
  /** A statement on the primary. */
  primary: Query;
  /** Milliseconds beyond which the replica is left out. */
  maxLag: number;
  /** Verifies the replica before it is used; throws with the reason. */
  verify: (query: Query) => Promise<void>;
  signal: AbortSignal;
};

type Sample = { at: number; position: number };

/** Measures a replica until the signal, and lets queries use it while it is fit. */
export async function watchReplica({ replica, primary, maxLag, verify, signal }: Watched): Promise<void> {
  const query = queryAs(replica.pool, { companyId: null, userId: null });
  let samples: Sample[] = [];

  async function reasonNow(): Promise<string | null> {
    const there = await placeOf(query);
    const here = await placeOf(primary);
    samples = [...samples, { at: performance.now(), position: here.position }].filter(
      ({ at }) => at >= performance.now() - maxLag - EVERY_MS,
    );
    const reason = unfit(here, there);
    if (reason) return reason;
    replica.lag = lagOf(samples, here, there);
    if (replica.lag.seconds * 1_000 > maxLag) return `it lags by more than ${maxLag / 1_000} seconds`;
    if (replica.leftOut !== null) await verify(query);
    return null;
  }
  const measured = () =>
    inTime(MOST_MS, (deadline) => withDeadline(deadline, () => deadline.race(reasonNow())));

  while (!signal.aborted) {
    const reason = await measured().catch((error: Error) => {
      replica.lag = null;
      return wordsOf(error);
    });
    if (signal.aborted) return;
    if (reason === null) replica.takeIn();
    else replica.leaveOut(reason);
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

const wordsOf = (error: Error): string =>
  error instanceof AppError ? 'it does not answer' : (error.message.split('\n', 1)[0] as string);

/**
 * The time since the primary was where the replica is now, by this process's clock alone: those of
 * the machines may differ, and an idle primary has no recent commit. More than it may be where the
 * replica has reached none of the primary's positions yet.
 */
function lagOf(samples: Sample[], here: Place, there: Place): Lag {
  const reached = samples.findLast(({ position }) => position <= there.position);
  return {
    bytes: Math.max(0, here.position - there.position),
    seconds: reached ? (performance.now() - reached.at) / 1_000 : Number.POSITIVE_INFINITY,
  };
}
