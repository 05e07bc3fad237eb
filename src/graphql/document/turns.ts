import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { AppError } from '../../errors.ts';

/**
 * Characters of documents that wait: some two seconds of work, 4 ms for 2,000 characters. Clients
 * that all begin with the same document at once stay far below.
 */
const MOST_WAITING = 1_000_000;
const RETRY_AFTER_SECONDS = 2;

/**
 * The turns of documents that are not cached. In one turn of the event loop one of them is parsed
 * and validated, or executed, and what waits for the loop goes first: requests with cached
 * documents do not wait for the parsing of several others.
 */
export type DocumentTurns = {
  /** Resolves when the document may be parsed. Error: UNAVAILABLE when too many wait. */
  toParse(text: string): Promise<void>;
  /** Resolves when a document that was parsed may be executed. */
  toExecute(): Promise<void>;
};

export function documentTurns(mostWaiting = MOST_WAITING): DocumentTurns {
  const oneATurn = pLimit(1);
  const toExecute = () => oneATurn(() => nextTurn());
  let waiting = 0;
  return {
    toExecute,
    async toParse({ length }) {
      if (waiting >= mostWaiting) throw overloaded();
      waiting += length;
      await toExecute();
      waiting -= length;
    },
  };
}

const overloaded = (): AppError =>
  new AppError('UNAVAILABLE', 'Too many new documents are waiting; retry in a few seconds.', {
    advice: { retryAfter: RETRY_AFTER_SECONDS },
  });
