/**
 * `npm run faults`: kills and freezes parts of two servers under writes, and tells what was lost.
 * Prints a table; exits with 1 when a
 * saved change is missing, a change is there twice or without its audit event, or a server does not
 * recover by itself. `--short` kills the
 * server 3 times instead of 50, and prints the times of a revocation and of a stop without a limit.
 */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { answering, freePort, START, start, stopped } from '../../bench/process.ts';
import { developmentSecrets } from '../../src/db/embedded/bootstrap.ts';
import { globalIdOf } from '../../src/schema/core/global-id.ts';
import { slowestRevocation } from './revocation.ts';
import { startTarget } from './target.ts';
import { allowRepeatedNames, compareWithRows, startWriters } from './writes.ts';

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const KILLS = values.short ? 3 : 50;
/** A fault must be over, and every server ready again, within this time; milliseconds. */
const RECOVERY = 30_000;
/** Ctrl-C stops a server with its embedded PostgreSQL within this time; milliseconds. */
const STOP = 3_000;
/**
 * A subscription on another server ends within this time after its member is suspended (R6, L7);
 * milliseconds.
 */
const REVOCATION = 1_000;

const mostOf = (milliseconds: number) => (values.short ? '' : `, at most ${milliseconds}`);

type Fault = { name: string; codes: string[]; cause(): Promise<void> };

const target = await startTarget({ REQUEST_TIMEOUT: '3s' });
const { app, owner: ownerUrl } = JSON.parse(await readFile(join(target.folder, 'connections.json'), 'utf8'));
const { masterKeys } = await developmentSecrets(target.folder);
const token = await target.tokenOf('company_admin@acme.example');
const owner = new pg.Client({ connectionString: ownerUrl });
owner.on('error', () => {});
await owner.connect();
await allowRepeatedNames(owner);
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
  for (const each of [pid, ...stdout.trim().split('\n').filter(Boolean).map(Number)]) reaches(each, signal);
}

/** Signals a process, 0 for none; returns whether it is there, as a backend may end meanwhile. */
function reaches(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

const faults: Fault[] = [
  {
    name: `the second server is killed and started again, ${KILLS} times`,
    // UNAVAILABLE: a server that starts takes the processor from the other one's deadlines
    codes: ['ok', 'gone', 'UNAVAILABLE'],
    async cause() {
      for (let kill = 0; kill < KILLS; kill++) {
        await sleep(200 + Math.random() * 300); // at any point of a write
        second.process.kill('SIGKILL');
        second = await startSecond();
      }
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

async function run({ name, codes, cause }: Fault) {
  const prefix = name.slice(0, 24);
  const urlOf = (turn: number) => (turn % 2 ? second.url : target.url);
  const writers = startWriters({ prefix, token, urlOf });
  await sleep(500);
  await cause();
  const recovery = await recovered();
  await sleep(500);
  const outcome = await writers.stop();
  const wrong = await compareWithRows(owner, prefix, outcome.saved);
  const unexpected = [...outcome.codes].filter((code) => ![...codes, 'CONFLICT'].includes(code)).join();
  const ok = recovery !== null && !unexpected && Object.values(wrong).every((count) => count === 0);
  return {
    fault: name,
    saved: outcome.saved.length,
    ...wrong,
    unexpected,
    'ready after ms': recovery,
    ok: ok && outcome.saved.length > 0 ? 'yes' : 'NO',
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

async function revocationTime(): Promise<number> {
  const member = 'external_auditor@acme.example';
  const { rows } = await owner.query<{ id: string }>(
    `SELECT m.id FROM "Membership" m JOIN "User" u ON u.id = m."userId" WHERE u.email = $1`,
    [member],
  );
  return slowestRevocation({
    ...{ streams: second.url, changes: target.url, administrator: token },
    memberId: globalIdOf('Member', rows[0]?.id ?? ''),
    tokenOfMember: () => target.tokenOf(member),
  });
}

/** Milliseconds from Ctrl-C until the first server and its PostgreSQL are gone. */
async function stopTime(): Promise<number> {
  const pids = [target.pid, await postmaster()];
  const began = performance.now();
  process.kill(target.pid, 'SIGINT');
  while (pids.some((pid) => reaches(pid, 0))) await sleep(10);
  return Math.round(performance.now() - began);
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
  const revocation = await revocationTime();
  console.log(
    `a suspended member’s subscription on the other server: ended after ${revocation} ms${mostOf(REVOCATION)}`,
  );
  const stop = await stopTime();
  console.log(`Ctrl-C: stopped after ${stop} ms${mostOf(STOP)}`);
  const inTime = values.short || (revocation <= REVOCATION && stop <= STOP);
  const ok = verified.status === 0 && rows.every(({ ok }) => ok === 'yes') && inTime;
  process.exitCode = ok ? 0 : 1;
} finally {
  await owner.end().catch(() => {});
  await stopped(second.process);
  await target.stop();
}
