import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, developmentSecrets } from '../src/db/embedded/bootstrap.ts';
import { foundCompany, PASSWORD } from './cost-company.ts';
import { hasValgrind, instructionsOf } from './instructions.ts';
import { dataOf, operationOf } from './load.ts';
import { asOwner } from './owner.ts';
import type { Heap } from './probe.ts';
import { answering, freePort, stopped } from './process.ts';
import { openWire, type Wire } from './wire.ts';
import type { Sent } from './wire-statements.ts';
import { type Operation, operations, type Subject } from './work.ts';

/**
 * Of one operation: round trips to PostgreSQL, statements in them, and KiB that the server's heap
 * grows by; of the audited update also
 * PostgreSQL's user-space instructions, where valgrind is installed.
 */
export type Cost = { trips: number; statements: number; kib: number; instructions?: number };
/** By the operation's letter. */
export type Costs = Record<string, Cost>;

const WARM = 60;
const COUNTED = 20;
/** Timers of the server allocate beside a round; the least of several is the operation alone. */
const ROUNDS = 5;
/**
 * A young generation that holds all that is counted, and code that no compiler changes meanwhile.
 */
const STILL = ['--expose-gc', '--no-opt', '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** Starts PostgreSQL, a company and the server, and asks each operation one by one. */
export async function measureCosts(): Promise<Costs> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-cost-'));
  const { postgres, connections } = await bootstrap(folder, 'prisma/migrations');
  const wire = await openWire(connections.app);
  let server: ChildProcess | undefined;
  try {
    const { masterKeys } = await developmentSecrets(folder);
    const port = String(await freePort());
    const limits = { RATE_LIMIT: '999999', COST_LIMIT: '999999999' };
    const at = { HOST: '127.0.0.1', PORT: port, PUBLIC_URL: 'http://127.0.0.1', ...limits };
    const environment = { APP_ENV: 'staging', DATABASE_URL: connections.app, MASTER_KEYS: masterKeys, ...at };
    const subject = await foundCompany(environment, connections.owner);
    // what polls for jobs is no part of an operation
    const apart = { DATABASE_URL: wire.url, JOBS_DATABASE_URL: connections.app };
    server = startProbed({ ...environment, ...apart });
    const url = `http://127.0.0.1:${port}/graphql`;
    await answering(server, new URL('/health/ready', url).href, 200);
    const { costs, update } = await costsOf(server, url, subject, wire);
    if (!hasValgrind()) return costs;
    await stopped(server);
    // plans of the same statistics in every run
    await asOwner(connections.owner, (db) => db.query('VACUUM (ANALYZE)'));
    await postgres.stop();
    const role = new URL(connections.app).username;
    const instructions = await instructionsOf(folder, role, update, retitled);
    return { ...costs, f: { ...(costs.f as Cost), instructions } };
  } finally {
    if (server) await stopped(server);
    await wire.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every update changes the row. */
const retitled = (value: string, time: number): string =>
  /^Title \d+$/.test(value) ? `Changed ${time}` : value;

function startProbed(environment: Record<string, string>): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    APP_ENV: 'development',
    LOG_LEVEL: 'error',
    ...environment,
  };
  const words = [...STILL, '--import', './bench/probe.ts', 'src/main.ts'];
  return spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/**
 * Asks each operation; `update` is what the audited update sends to PostgreSQL after all of them.
 */
async function costsOf(
  server: ChildProcess,
  url: string,
  subject: Subject,
  wire: Wire,
): Promise<{ costs: Costs; update: Sent[] }> {
  const token = await signIn(url);
  const headers = () => ({ authorization: `Bearer ${token}` });
  const costs: Costs = {};
  const once = async (operation: Operation) => {
    await dataOf({ name: 'guarded', url, headers, process: server }, operation, subject);
  };
  for (const operation of operations) {
    const repeat = async (times: number) => {
      for (let time = 0; time < times; time++) await once(operation);
    };
    await repeat(WARM);
    wire.reset();
    await once(operation);
    costs[operation.letter] = {
      ...wire.traffic,
      kib: await leastAllocated(server, () => repeat(COUNTED)),
    };
  }
  wire.reset();
  await once(operationOf('f'));
  return { costs, update: [...wire.sent] };
}

/** Whole KiB for each of what is counted. */
async function leastAllocated(server: ChildProcess, work: () => Promise<void>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await allocated(server, work));
  return Math.round(Math.min(...rounds) / COUNTED);
}

/** KiB. */
async function allocated(server: ChildProcess, work: () => Promise<void>): Promise<number> {
  const before = await heapOf(server, true);
  await work();
  const after = await heapOf(server, false);
  if (after.collections > before.collections) throw new Error('cost: the heap was collected meanwhile');
  return (after.used - before.used) / 1024;
}

async function heapOf(server: ChildProcess, collect: boolean): Promise<Heap> {
  const answered = once(server, 'message');
  server.send(collect);
  const [heap] = await answered;
  return heap as Heap;
}

async function signIn(url: string): Promise<string> {
  const input = { email: 'company_admin@acme.example', password: PASSWORD };
  const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
  const body = JSON.stringify({ query, variables: { input } });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return ((await response.json()) as { data: { signIn: { sessionToken: string } } }).data.signIn.sessionToken;
}
