/**
 * `npm run faults`: kills and freezes parts of two servers under writes, and tells what was lost. Prints a table; exits with 1 when a
 * saved change is missing, a change is there twice, or a server does not recover by itself.
 */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { answering, freePort, START, start, stopped } from '../../bench/process.ts';
import { developmentSecrets } from '../../src/db/embedded/bootstrap.ts';
import { ask, bearer } from './client.ts';
import { startTarget } from './target.ts';

const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';
const WRITERS = 8;
/** A fault must be over, and every server ready again, within this time; milliseconds. */
const RECOVERY = 30_000;

/** One writer's request; its key makes a retry safe. */
type Write = { name: string; key: string };
type Fault = { name: string; codes: string[]; cause(): Promise<void> };

const target = await startTarget({ REQUEST_TIMEOUT: '3s' });
const { app, owner: ownerUrl } = JSON.parse(await readFile(join(target.folder, 'connections.json'), 'utf8'));
const { masterKeys } = await developmentSecrets(target.folder);
const token = await target.tokenOf('company_admin@acme.example');
const owner = new pg.Client({ connectionString: ownerUrl });
owner.on('error', () => {});
await owner.connect();
let second = await startSecond();

/** Another server on the same database, as a second instance of a deployment. */
async function startSecond(): Promise<{ url: string; process: ChildProcess }> {
  const port = String(await freePort());
  const environment = { PORT: port, DATABASE_URL: app, MASTER_KEYS: masterKeys, LOG_LEVEL: 'silent' };
  const child = start(START, {
    ...environment,
    REQUEST_TIMEOUT: '3s',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  });
  const url = `http://127.0.0.1:${port}/graphql`;
  await answering(child, new URL('/health/ready', url).href, 200);
  return { url, process: child };
}

/** The process id of PostgreSQL's postmaster. */
const postmaster = async () =>
  Number((await readFile(join(target.folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
/** PostgreSQL with all of its backends. */
async function signalPostgres(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const pid = await postmaster();
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  for (const each of [pid, ...stdout.trim().split('\n').filter(Boolean).map(Number)])
    process.kill(each, signal);
}

const faults: Fault[] = [
  {
    name: 'the second server is killed and started again',
    codes: ['ok', 'gone'],
    async cause() {
      second.process.kill('SIGKILL');
      await sleep(500);
      second = await startSecond();
    },
  },
  {
    name: 'backends are killed, ten times',
    codes: ['ok', 'UNAVAILABLE'],
    async cause() {
      for (let round = 0; round < 10; round++, await sleep(100))
        await owner.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'bulwark_server'`,
        );
    },
  },
  {
    name: 'PostgreSQL is frozen for five seconds',
    codes: ['ok', 'UNAVAILABLE'],
    async cause() {
      await signalPostgres('SIGSTOP');
      await sleep(5_000);
      await signalPostgres('SIGCONT');
    },
  },
  {
    name: 'the disk is full for two seconds (SQLSTATE 53100)',
    codes: ['ok', 'UNAVAILABLE'],
    async cause() {
      await owner.query(`CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
        GRANT EXECUTE ON FUNCTION disk_full TO PUBLIC;
        CREATE TRIGGER disk_full BEFORE INSERT ON "Branch" EXECUTE FUNCTION disk_full()`);
      await sleep(2_000);
      await owner.query('DROP TRIGGER disk_full ON "Branch"; DROP FUNCTION disk_full()');
    },
  },
];

type Outcome = { saved: string[]; codes: Set<string> };

/** Writes through both servers in turns until `over`; a failed write is repeated with its key. */
async function write(writer: number, name: string, over: () => boolean, outcome: Outcome): Promise<void> {
  for (let count = 0; !over(); count++) {
    const one: Write = { name: `${name} ${writer} ${count}`, key: crypto.randomUUID() };
    while (!(await saved(one, writer + count, outcome)) && !over()) await sleep(50);
  }
}

async function saved({ name, key }: Write, turn: number, { saved, codes }: Outcome): Promise<boolean> {
  const url = turn % 2 ? second.url : target.url;
  const body = { query: CREATE, variables: { input: { name } } };
  const { code } = await ask(url, body, { ...bearer(token), 'idempotency-key': key });
  // CONFLICT: saved before, or being saved by the request that was lost; the rows decide
  codes.add(/^[A-Z_]+$/.test(code) || code === 'ok' ? code : 'gone');
  if (code === 'ok') saved.push(name);
  return code === 'ok' || code === 'CONFLICT';
}

async function run({ name, codes, cause }: Fault) {
  const outcome: Outcome = { saved: [], codes: new Set() };
  const prefix = name.slice(0, 24);
  let over = false;
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer, prefix, () => over, outcome));
  await sleep(500);
  await cause();
  const recovery = await recovered();
  await sleep(500);
  over = true;
  await Promise.all(writers);
  const { lost, twice } = await compare(prefix, outcome.saved);
  const unexpected = [...outcome.codes].filter((code) => ![...codes, 'CONFLICT'].includes(code)).join();
  const ok = recovery !== null && !unexpected && lost + twice === 0 && outcome.saved.length > 0;
  return {
    fault: name,
    saved: outcome.saved.length,
    lost,
    twice,
    unexpected,
    'ready after ms': recovery,
    ok: ok ? 'yes' : 'NO',
  };
}

/** How many saved names have no row, and how many names have several. */
async function compare(prefix: string, saved: string[]): Promise<{ lost: number; twice: number }> {
  const { rows } = await owner.query<{ name: string; times: number }>(
    'SELECT name, count(*)::int AS times FROM "Branch" WHERE name LIKE $1 GROUP BY name',
    [`${prefix}%`],
  );
  const names = new Set(rows.map(({ name }) => name));
  return {
    lost: saved.filter((name) => !names.has(name)).length,
    twice: rows.filter(({ times }) => times > 1).length,
  };
}

/** Milliseconds until both servers are ready; null when one is not in time. */
async function recovered(): Promise<number | null> {
  const began = performance.now();
  const both = Promise.all([ready(target.url), ready(second.url)]);
  return both.then(
    () => Math.round(performance.now() - began),
    () => null,
  );
}

async function ready(url: string): Promise<void> {
  for (const end = performance.now() + RECOVERY; performance.now() < end; await sleep(50))
    if ((await fetch(new URL('/health/ready', url)).catch(() => null))?.status === 200) return;
  throw new Error(`faults: ${url} did not recover`);
}

try {
  const rows = [];
  for (const fault of faults) rows.push(await run(fault));
  const verify = [
    '--require',
    './src/cli/preflight.cjs',
    'src/cli/verify-audit-log.ts',
    '--database',
    ownerUrl,
  ];
  const verified = spawnSync(process.execPath, verify, { encoding: 'utf8' });
  console.table(rows);
  console.log(`audit log: ${verified.status === 0 ? 'intact' : verified.stdout + verified.stderr}`);
  process.exitCode = verified.status === 0 && rows.every(({ ok }) => ok === 'yes') ? 0 : 1;
} finally {
  await owner.end().catch(() => {});
  await stopped(second.process);
  await target.stop();
}
