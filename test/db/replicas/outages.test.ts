import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProxy, type TcpProxy } from '../../support/db/proxy.ts';
import {
  addStandby,
  as,
  openReplicated,
  type Replicated,
  type ReplicatedServer,
  serveReplicated,
} from '../../support/db/replicated.ts';
import { asked, hasPostgres } from '../../support/db/system-postgres.ts';
import { until } from '../../support/until.ts';

const LIST = '{ employees(first: 5) { edges { node { id name jobTitle } } } }';
const CLIENTS = 8;

describe.skipIf(!hasPostgres)('a replica', () => {
  let databases: Replicated;
  let proxy: TcpProxy;
  let server: ReplicatedServer;
  let token: string;

  beforeAll(async () => {
    databases = await openReplicated();
    await serve(databases.standby);
  });
  afterAll(async () => {
    await end();
    await databases?.end();
  });

  async function end(): Promise<void> {
    await server?.end();
    proxy?.close();
  }
  /** Starts the server with this replica, whose queries read from it. */
  async function serve(standby: string, maxLag?: number): Promise<void> {
    proxy = await openProxy(as('server', standby));
    const app = as('server', databases.primary);
    server = await serveReplicated(databases, { app, replica: proxy.url, ...(maxLag && { maxLag }) });
    token = await server.signIn('company_admin');
    await readsFromReplica();
  }
  /** Asks until the replica has answered. */
  async function readsFromReplica(): Promise<void> {
    const before = server.replica().reads.answered;
    await until(async () => {
      expect((await server.ask(LIST, {}, token)).errors).toBeUndefined();
      return server.replica().reads.answered > before;
    });
  }

  test('that does not answer is left out, and is used again when it answers: no request fails [K3]', async () => {
    proxy.freeze();
    for (let time = 0; time < 3; time++)
      expect((await server.ask(LIST, {}, token)).data.employees.edges).toHaveLength(5);
    await until(() => server.replica().leftOut !== null);
    expect(server.logged()).toContain('a replica is left out: the primary answers its queries');
    proxy.thaw();
    await until(() => server.replica().leftOut === null);
    await readsFromReplica();
  });

  test('that loses its connections during reads loses no answer [K3]', async () => {
    let [done, failed]: [boolean, unknown[]] = [false, []];
    const client = async () => {
      while (!done) failed = [...failed, ...((await server.ask(LIST, {}, token)).errors ?? [])];
    };
    const load = Promise.all(Array.from({ length: CLIENTS }, client));
    for (let time = 0; time < 3; time++) {
      const { answered } = server.replica().reads;
      await until(() => server.replica().reads.answered > answered + 10);
      proxy.cut();
    }
    done = true;
    await load;
    expect(failed).toEqual([]);
  });

  test('that lags by more than REPLICA_MAX_LAG is left out until it has replayed [K3]', async () => {
    await end();
    await serve(databases.standby, 2_000);
    await asked(databases.standby, 'SELECT pg_wal_replay_pause()');
    // each transaction writes to the log that the standby does not replay
    await until(async () => {
      await asked(databases.primary, 'SELECT pg_logical_emit_message(true, $$test$$, $$x$$)');
      return server.replica().leftOut === 'it lags by more than 2 seconds';
    });
    expect((await server.ask(LIST, {}, token)).errors).toBeUndefined();
    await asked(databases.standby, 'SELECT pg_wal_replay_resume()');
    await until(() => server.replica().leftOut === null);
  });

  test('that was promoted is not used any more, whatever is written to it [K3]', async () => {
    await asked(databases.standby, 'SELECT pg_promote()');
    await asked(
      databases.standby,
      `SET session_replication_role = replica; UPDATE "Employee" SET "jobTitle" = 'Forged'`,
    );
    for (let time = 0; time < 5; time++)
      expect(JSON.stringify((await server.ask(LIST, {}, token)).data)).not.toContain('Forged');
    await until(() => server.replica().leftOut?.includes('promoted'));
    expect(JSON.stringify((await server.ask(LIST, {}, token)).data)).not.toContain('Forged');
  });

  test('that is killed under load fails no request [K3]', async () => {
    await end();
    const standby = await addStandby(databases, 'second');
    await serve(standby);
    let answered = 0;
    const failed: unknown[] = [];
    const client = async () => {
      while (answered < 200) {
        const { errors } = await server.ask(LIST, {}, token);
        if (errors) failed.push(errors);
        answered += 1;
      }
    };
    const load = Promise.all(Array.from({ length: CLIENTS }, client));
    await until(() => answered >= 50);
    await databases.servers.stop(standby, 'SIGQUIT');
    await load;
    expect(failed).toEqual([]);
    await until(() => server.replica().leftOut !== null);
  });
});
