import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { foundCompany, PASSWORD } from '../../bench/cost-company.ts';
import { answering, freePort, START, start, stopped } from '../../bench/process.ts';
import { bootstrap, developmentSecrets } from '../../src/db/embedded/bootstrap.ts';
import { signIn } from '../soak/client.ts';
import { until } from '../support/until.ts';
import { type Postgres, runningPostgres } from './postgres.ts';

/** Seconds after which a request of the servers is cancelled. */
export const DEADLINE = 3;

export type Server = { url: string; process: ChildProcess };

/** Two servers on one PostgreSQL, and on one Redis where the machine has the program. */
export type Scene = {
  servers: Server[];
  /** Connects as the owner of the database. */
  owner: pg.Client;
  connections: { owner: string; app: string };
  postgres: Postgres;
  redis: Redis | null;
  /** The session token of a demo account. */
  tokenOf(email: string): Promise<string>;
  /** After a fault that ended the owner's connection. */
  reconnectOwner(): Promise<void>;
  /** Kills the second server and starts another one, with further variables. */
  replaceSecond(variables?: Record<string, string>): Promise<void>;
  close(): Promise<void>;
};

export async function openScene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-faults-'));
  const { connections } = await bootstrap(folder, 'prisma/migrations');
  const postgres = await runningPostgres(folder);
  const { masterKeys } = await developmentSecrets(folder);
  const database = { APP_ENV: 'development', DATABASE_URL: connections.app, MASTER_KEYS: masterKeys };
  await foundCompany({ ...database, PUBLIC_URL: 'http://127.0.0.1' }, connections.owner);
  const redis = await startRedis();
  const limits = { REQUEST_TIMEOUT: `${DEADLINE}s`, LOG_LEVEL: 'silent', TRUSTED_PROXIES: '127.0.0.1' };
  const environment = { ...database, ...limits, ...(redis && { REDIS_URL: redis.url }) };
  const servers = [await startServer(environment), await startServer(environment)];
  let signIns = 0;
  const scene: Scene = {
    ...{ servers, connections, postgres, redis },
    owner: await connected(connections.owner),
    async tokenOf(email) {
      const url = (servers[0] as Server).url;
      const { code, data } = await signIn(url, --signIns >>> 0, email, PASSWORD);
      if (code !== 'ok') throw new Error(`faults: signing in as ${email} answers ${code}`);
      return (data as { signIn: { sessionToken: string } }).signIn.sessionToken;
    },
    async reconnectOwner() {
      await until(() =>
        connected(connections.owner).then(
          (owner) => Object.assign(scene, { owner }),
          () => false,
        ),
      );
    },
    async replaceSecond(variables = {}) {
      servers[1]?.process.kill('SIGKILL');
      servers[1] = await startServer({ ...environment, ...variables });
    },
    async close() {
      await scene.owner.end().catch(() => {});
      for (const { process } of servers) await stopped(process);
      await redis?.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return scene;
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function startServer(environment: Record<string, string>): Promise<Server> {
  const port = String(await freePort());
  const at = { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` };
  const process = start(START, { ...environment, ...at });
  await answering(process, `${at.PUBLIC_URL}/health/ready`, 200);
  return { url: `${at.PUBLIC_URL}/graphql`, process };
}

export type Redis = {
  url: string;
  signal(signal: NodeJS.Signals): void;
  /** Starts it again on its port, empty, after it was killed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** Returns null where redis-server is not installed. */
async function startRedis(): Promise<Redis | null> {
  const port = await freePort();
  const open = () => {
    const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    return spawn('redis-server', words, { stdio: 'ignore' });
  };
  let child = open();
  const missing = await Promise.race([
    once(child, 'spawn').then(() => false),
    once(child, 'error').then(() => true),
  ]);
  if (missing) return null;
  const restart = async () => {
    child = open();
    await once(child, 'spawn');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => child.kill(signal),
    restart,
    stop: () => stopped(child),
  };
}
