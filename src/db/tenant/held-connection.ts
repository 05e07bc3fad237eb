import type pg from 'pg';
import type { Deadline } from '../../deadline.ts';
import { outcomeUnknown } from '../../deadline.ts';
import { isDefinite, notIdle } from './connection-state.ts';
import { type SentStatements, sentStatements } from './sent-statements.ts';

/** How long a COMMIT that was cancelled is waited for; milliseconds. */
const COMMIT_MS = 200;

/** A transaction's connection, from checkout to release. */
export type HeldConnection = {
  statements: SentStatements;
  /** Gives it back to the pool, or closes it where it cannot serve again. */
  release: (error?: Error) => void;
};

/** `onRelease` is called once, when the connection is back in the pool. */
export function heldConnection(client: pg.PoolClient, onRelease: () => void): HeldConnection {
  const statements = sentStatements(client);
  let lost: Error | undefined;
  const onError = (error: Error) => {
    lost = error; // without a listener a killed backend would end the process
  };
  client.on('error', onError);
  return {
    statements,
    release(error) {
      client.removeListener('error', onError);
      const unfinished = statements.busy
        ? new Error('connection released while a statement runs')
        : undefined;
      client.release(error ?? lost ?? unfinished ?? notIdle(client));
      onRelease();
    },
  };
}

/**
 * Sends what commits. Its answer, cancelled or not, says whether the changes are stored; without it
 * the outcome is unknown.
 */
export async function commit<T>(
  statements: SentStatements,
  submit: () => Promise<T>,
  deadline: Deadline,
): Promise<T> {
  const before = deadline.mayHaveCommitted;
  deadline.mayHaveCommitted = true;
  try {
    return await statements.run(submit, { deadline, patience: COMMIT_MS });
  } catch (error) {
    if (!isDefinite(error)) throw outcomeUnknown(error);
    deadline.mayHaveCommitted = before;
    throw deadline.reason ?? error;
  }
}
