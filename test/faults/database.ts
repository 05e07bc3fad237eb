import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

const DISK_FULL = `CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
  GRANT EXECUTE ON FUNCTION disk_full TO PUBLIC;
  CREATE TRIGGER disk_full BEFORE INSERT ON "Branch" EXECUTE FUNCTION disk_full()`;
const ITS_BACKENDS = `FROM pg_stat_activity WHERE usename = 'bulwark_server'`;
const UNAVAILABLE = ['UNAVAILABLE'];

/** Faults of PostgreSQL, in the order in which they are caused. */
export const databaseFaults: Fault[] = [
  {
    name: 'backends are ended, ten times',
    codes: UNAVAILABLE,
    async cause({ owner }) {
      for (let round = 0; round < 10; round++, await sleep(100))
        await owner.query(`SELECT pg_terminate_backend(pid) ${ITS_BACKENDS}`);
    },
  },
  {
    name: 'PostgreSQL is frozen for five seconds',
    codes: UNAVAILABLE,
    async cause({ postgres }) {
      await postgres.signal('SIGSTOP');
      await sleep(5_000);
      await postgres.signal('SIGCONT');
    },
  },
  {
    name: 'PostgreSQL is shut down and starts after two seconds',
    codes: UNAVAILABLE,
    async cause(scene) {
      await scene.postgres.restart(2_000);
      await scene.reconnectOwner();
    },
  },
  {
    name: 'a backend is killed and PostgreSQL recovers its data',
    codes: UNAVAILABLE,
    async cause(scene) {
      const { rows } = await scene.owner.query<{ pid: number }>(`SELECT pid ${ITS_BACKENDS} LIMIT 1`);
      process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
      await sleep(500);
      await scene.reconnectOwner();
    },
  },
  {
    name: 'the database is read-only for two seconds',
    codes: UNAVAILABLE,
    cause: ({ owner }) => readOnlyFor(owner, 2_000),
  },
  {
    name: 'the disk is full for two seconds (SQLSTATE 53100)',
    codes: UNAVAILABLE,
    async cause({ owner }) {
      await owner.query(DISK_FULL);
      await sleep(2_000);
      await owner.query('DROP TRIGGER disk_full ON "Branch"; DROP FUNCTION disk_full()');
    },
  },
  {
    name: 'others hold all connections for two seconds',
    codes: UNAVAILABLE,
    cause: holdAllConnections,
  },
];

async function readOnlyFor(owner: pg.Client, milliseconds: number): Promise<void> {
  const set = async (words: string) => {
    await owner.query(`ALTER SYSTEM ${words}`);
    await owner.query('SELECT pg_reload_conf()');
  };
  await set('SET default_transaction_read_only = on');
  await sleep(milliseconds);
  await set('RESET default_transaction_read_only');
}

/** Ends the servers' connections and takes each place that becomes free. */
async function holdAllConnections({ owner, connections }: Scene): Promise<void> {
  const held: pg.Client[] = [];
  for (const end = performance.now() + 2_000; performance.now() < end; ) {
    const holder = new pg.Client({ connectionString: connections.app, application_name: 'holder' });
    holder.on('error', () => {});
    const refused = await holder.connect().then(
      () => false,
      () => true,
    );
    if (refused)
      await owner.query(`SELECT pg_terminate_backend(pid) ${ITS_BACKENDS} AND application_name <> 'holder'`);
    else held.push(holder);
  }
  await Promise.all(held.map((holder) => holder.end()));
}
