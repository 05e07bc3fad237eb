import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../bench/process.ts';
import { runProgram } from '../support/server/program.ts';
import { follow, type ServerProcess, startServer } from '../support/server/server-process.ts';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';
import { until } from '../support/until.ts';

const READ = '{ employees(first: 3) { edges { node { name salary } } } }';

let world: World;
let token = '';
/** A session that holds locks. */
let other: pg.Client;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  world = await openWorld();
  token = await world.signIn('company_admin');
  other = new pg.Client({ connectionString: world.database.ownerUrl });
  await other.connect();
});
afterEach(async () => {
  await other.query('ROLLBACK');
  for (const server of servers.splice(0)) await server.kill();
});
afterAll(async () => {
  await other.end();
  await world.end();
});

type Line = { msg?: string; worker?: number; pid?: number; path?: string };
const linesOf = (server: ServerProcess): Line[] =>
  server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));
/** The processes that became ready, by their worker's number, the latest last. */
const pidsOf = (server: ServerProcess, worker: number): number[] =>
  linesOf(server).flatMap((line) =>
    line.msg === 'a worker is ready' && line.worker === worker && line.pid ? [line.pid] : [],
  );
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function started(environment: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServer(world, { WORKERS: '2', ...environment });
  servers.push(server);
  await until(() => [0, 1].every((worker) => pidsOf(server, worker).length === 1));
  return server;
}

/** Asks on a connection of its own, which the next worker in turn accepts. */
const askAlone = ({ url }: ServerProcess): Promise<string> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const sent = request(url, { method: 'POST', agent: false, headers }, (response) => {
      response
        .setEncoding('utf8')
        .toArray()
        .then(
          (parts) => resolve(JSON.parse(parts.join('')).errors ? 'error' : 'ok'),
          () => resolve('broken'),
        );
    });
    sent.on('error', () => resolve('broken')).end(JSON.stringify({ query: READ }));
  });

/** Requests that wait for a lock in both workers, until `release`. */
async function waitingRequests(server: ServerProcess, count: number) {
  await other.query('BEGIN; LOCK TABLE "Employee" IN ACCESS EXCLUSIVE MODE');
  const answers = Array.from({ length: count }, () => askAlone(server));
  const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  // requests of one worker may share a connection
  await until(async () => (await rowsOf(world, waits)).length >= 2);
  return { answers: Promise.all(answers), release: () => other.query('ROLLBACK') };
}

describe('a server with WORKERS=2', () => {
  test('answers by both processes at one port, and each has its metrics at a port of its own [K8]', async () => {
    const port = await adjacentPorts();
    const server = await started({ METRICS_PORT: String(port) });
    await until(async () => {
      expect(await askAlone(server)).toBe('ok');
      const workers = linesOf(server).flatMap(({ path, worker }) => (path === '/graphql' ? [worker] : []));
      return new Set(workers).size === 2;
    });
    for (const each of [port, port + 1]) {
      const text = await (await fetch(`http://127.0.0.1:${each}/metrics`)).text();
      expect(text).toMatch(/^bulwark_requests_total\{.*\} [1-9]/m);
    }
  });

  test('loses only the requests of a worker that is killed, and replaces it [K8]', async () => {
    const server = await started({ REQUEST_TIMEOUT: '250s' });
    const { answers, release } = await waitingRequests(server, 4);
    const [killed = 0] = pidsOf(server, 1);
    process.kill(killed, 'SIGKILL');
    await until(() => !isAlive(killed));
    await release(); // the next start checks the table
    expect(new Set(await answers)).toEqual(new Set(['ok', 'broken']));
    await until(() => pidsOf(server, 1).length === 2);
    await until(async () => {
      expect(await askAlone(server)).toBe('ok');
      return linesOf(server).some((line) => line.path === '/graphql' && line.worker === 1);
    });
    expect(pidsOf(server, 0)).toHaveLength(1);
  });

  test.each([
    ['the primary process', false],
    ['all of its processes', true],
  ])(
    'drains on a SIGTERM to %s: requests are answered, subscriptions end, the code is 0 [F11] [K8]',
    async (_, toAll) => {
      const server = await started({ DRAIN_TIME: '3s', REQUEST_TIMEOUT: '250s' });
      const stream = follow(server, token, { after: '0' });
      await until(() => stream.events.length > 0);
      const pids = [0, 1].flatMap((worker) => pidsOf(server, worker));
      const { answers, release } = await waitingRequests(server, 4);
      const stopped = server.stop();
      if (toAll) for (const pid of pids) process.kill(pid, 'SIGTERM');
      await until(() => linesOf(server).filter(({ msg }) => msg === 'stopping').length === 2);
      await release();
      expect(new Set(await answers)).toEqual(new Set(['ok']));
      expect((await stopped).code).toBe(0);
      expect(await stream.ended).toBe('broken');
      expect(pids.filter(isAlive)).toEqual([]);
    },
  );

  test('leaves no process when the primary process is killed [K8]', async () => {
    const server = await started();
    const pids = [0, 1].flatMap((worker) => pidsOf(server, worker));
    await server.kill();
    await until(() => !pids.some(isAlive));
  });

  test('counts the connections of all processes against the limit of its role, in one sentence with 78 [H6]', async () => {
    const { appUrl } = world.database;
    const role = new URL(appUrl).username;
    await other.query(`ALTER ROLE ${role} CONNECTION LIMIT 29`);
    const { code, error } = await start({ DATABASE_URL: appUrl });
    await other.query(`ALTER ROLE ${role} CONNECTION LIMIT -1`);
    expect(error).toBe(
      `DATABASE_URL: a server opens 30 connections and the role "${role}" allows 29; ALTER ROLE "${role}" CONNECTION LIMIT to at least 30 for each server.\n`,
    );
    expect(code).toBe(78);
  });

  test('whose first process cannot start ends with its sentence, once, and 78 [H6]', async () => {
    const { code, error } = await start({
      DATABASE_URL: world.database.appUrl,
      MASTER_KEYS: `test:${randomBytes(32).toString('base64')}`,
    });
    expect(error).toMatch(/^MASTER_KEYS: .*\n$/);
    expect(code).toBe(78);
  });

  test('in development is refused in one sentence with 78 [H6]', async () => {
    const { code, error } = await runProgram('start', { environment: { WORKERS: '2' } });
    expect(error).toMatch(/^WORKERS: expected 1 in development, .*\n$/);
    expect(code).toBe(78);
  });
});

function start(environment: Record<string, string>) {
  const MASTER_KEYS = world.config.masterKeys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join();
  const common = { APP_ENV: 'staging', PUBLIC_URL: 'http://127.0.0.1', HOST: '127.0.0.1', PORT: '0' };
  return runProgram('start', { environment: { WORKERS: '2', MASTER_KEYS, ...common, ...environment } });
}

/** A free port whose next one is free, too. */
async function adjacentPorts(): Promise<number> {
  const port = await freePort();
  const next = createServer().listen(port + 1, '127.0.0.1');
  const isFree = await once(next, 'listening').then(
    () => true,
    () => false,
  );
  next.close();
  return isFree ? port : adjacentPorts();
}
