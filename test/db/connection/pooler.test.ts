import { afterEach, expect, test } from 'vitest';
import { pgbouncerInstalled, startPgbouncer } from '../../support/db/pgbouncer.ts';
import { openWorld } from '../../support/server/world.ts';

const MESSAGE =
  'DATABASE_POOLER: the pooler of DATABASE_URL shares connections by transaction; set DATABASE_POOLER=transaction, or pool_mode = session in the pooler.';

let pgbouncer: Awaited<ReturnType<typeof startPgbouncer>> | undefined;
afterEach(() => pgbouncer?.stop());

/** What stops a start behind this PgBouncer; '' where it starts. */
async function problem(mode: 'session' | 'transaction', pooler: 'session' | undefined, more = '') {
  const opening = openWorld({ databasePooler: pooler }, async (url) => {
    pgbouncer = await startPgbouncer(url, mode, more);
    return pgbouncer.url;
  });
  const world = await opening.catch((error: Error) => error);
  if (world instanceof Error) return `${world.name}: ${world.message}`;
  await world.end();
  return '';
}

const IGNORING = 'ignore_startup_parameters = options,statement_timeout';
test.skipIf(!pgbouncerInstalled).each([
  ['as a session pooler', 'session', ''],
  ['as a session pooler, which takes backends in turns', 'session', 'server_round_robin = 1'],
  ['as none, and accepts every parameter', undefined, IGNORING],
] as const)(
  'a PgBouncer in transaction mode that is declared %s is refused at start [U7]',
  async (_what, pooler, more) => {
    expect(await problem('transaction', pooler, more)).toBe(`StartupError: ${MESSAGE}`);
  },
);

test.skipIf(!pgbouncerInstalled)(
  'a PgBouncer in session mode that takes backends in turns is accepted [U7]',
  async () => {
    expect(await problem('session', 'session', 'server_round_robin = 1')).toBe('');
  },
);
