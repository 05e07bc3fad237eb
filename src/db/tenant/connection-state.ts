import type pg from 'pg';

/**
 * Returns why a connection must be closed instead of returned to the pool: it is inside a
 * transaction.
 */
export function notIdle(client: pg.ClientBase): Error | undefined {
  const status = client.getTransactionStatus();
  return status === null || status === 'I'
    ? undefined
    : new Error('connection released inside a transaction');
}

/**
 * Whether an error ends its connection: the socket's, or PostgreSQL's last one (SQLSTATE 57P0x: the
 * backend is stopped).
 */
export const endsConnection = ({ severity, code }: pg.DatabaseError): boolean =>
  !severity || (code?.startsWith('57P') ?? false);

/**
 * Whether PostgreSQL itself refused the statement, so that nothing of it is saved; a lost
 * connection says nothing about that.
 */
export const isDefinite = (error: unknown): boolean => (error as pg.DatabaseError).severity === 'ERROR';
