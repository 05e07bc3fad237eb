import type pg from 'pg';
import type { Deadline } from '../../deadline.ts';
import { commit, heldConnection } from './held-connection.ts';
import { corkForThisTurn, type PrecedingStatement, queryWithPreceding } from './pg-protocol.ts';

export type WholeTransaction = {
  /** What is sent in front of the write: tenant context, events' declaration. */
  preceding: PrecedingStatement[];
  write: object;
  deadline: Deadline;
  /** Called once, when the connection is back in the pool. */
  onRelease: () => void;
};

/**
 * Runs a transaction of one write: all of it has one Sync, which is an implicit transaction that
 * commits (PostgreSQL manual, 54.2.3).
 */
export async function wholeTransaction(
  client: pg.PoolClient,
  { preceding, write, deadline, onRelease }: WholeTransaction,
): Promise<pg.QueryResult> {
  const { statements, release } = heldConnection(client, onRelease);
  const submit = () => {
    corkForThisTurn(client);
    return queryWithPreceding(client, preceding, write);
  };
  try {
    if (deadline.reason) throw deadline.reason;
    return await commit(statements, submit, deadline);
  } finally {
    release();
  }
}
