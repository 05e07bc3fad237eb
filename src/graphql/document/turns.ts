import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { currentDeadline } from '../../deadline.ts';
import { AppError } from '../../errors.ts';

/**
 * Characters of documents that wait: some two seconds of work, 4 ms for 2,000 characters. Clients
 * that all begin with the same document at once stay far below.
 */
const MOST_WAITING = 1_000_000;
/** What a document weighs at least; characters. A short one occupies a request and a turn, too. */
const LEAST_WEIGHT = 500;
const RETRY_AFTER_SECONDS = 2;

/**
 * The turns of documents that are not cached. In one turn of the event loop one of them is parsed
 * and validated, or executed, and what waits for the loop goes first: requests with cached
 * documents do not wait for the parsing of several others.
 * A request whose deadline ends, or whose client leaves, while it waits takes no turn and is
 * rejected with the deadline's reason.
 */
export type DocumentTurns = {
  /** Resolves when the document may be parsed. Error: UNAVAILABLE when too many wait. */
  toParse(text: string): Promise<void>;
  /** Resolves when a document that was parsed may be executed. */
  toExecute(): Promise<void>;
};

export function documentTurns(mostWaiting = MOST_WAITING): DocumentTurns {
  const oneATurn = pLimit(1);
  const toExecute = async () => {
    const deadline = currentDeadline();
    await oneATurn(async () => deadline?.reason ?? nextTurn());
    if (deadline?.reason) throw deadline.reason;
  };
  let waiting = 0;
  return {
    toExecute,
    async toParse({ length }) {
      if (waiting >= mostWaiting) throw overloaded();
      const weight = Math.max(length, LEAST_WEIGHT);
      waiting += weight;
      await toExecute().finally(() => {
        waiting -= weight;
      });
    },
  };
}

const overloaded = (): AppError =>
  new AppError('UNAVAILABLE', 'Too many new documents are waiting; retry in a few seconds.', {
    advice: { retryAfter: RETRY_AFTER_SECONDS },
  });
