import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';

/**
 * How long a replay's turn takes at least; milliseconds. With batches of 50 a process replays 2,000
 * events a second.
 */
const TURN_MS = 25;

const turns = pLimit(1);

/**
 * Reads one batch of a replay when it is this replay's turn. All replays of the process take turns,
 * in the order in which they ask, so that any number of them leaves time for other requests and
 * none waits for a longer one.
 */
export const inTurn = <T>(read: () => Promise<T>): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    void turns(async () => {
      const pause = sleep(TURN_MS);
      await read().then(resolve, reject);
      await pause;
    });
  });
