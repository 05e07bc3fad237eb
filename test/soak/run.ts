/**
 * `npm run soak`: normal reads alone, then beside 50 sign-ins a second, distinct documents and
 * replays of events. Prints a table; exits with 1 when a limit is missed. `--short` takes less than
 * a minute, prints the ratio of reads and the growth of memory without a limit, as both need more
 * time and an idle machine, and takes the other limits.
 * Readers and attackers are processes of their own on the same cores: what their own late starts
 * add to the reads is printed beside them.
 */
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuOf, memoryOf } from '../../bench/process.ts';
import type { Answers, AttackJob } from './attackers.ts';
import { quantile } from './pace.ts';
import type { Reading, ReadJob } from './readers.ts';
import { startTarget, type Target } from './target.ts';

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
/** `--short` has the same rates. */
const scale = values.short
  ? { quiet: 8, seconds: 20, documents: 2_000, replays: 10 }
  : { quiet: 30, seconds: 1_000, documents: 100_000, replays: 500 };

const READS_PER_SECOND = 50;
const SIGN_INS_PER_SECOND = 50;
/** MiB of resident memory of the server's process. */
const MOST_MEMORY = 400;
/**
 * By how much the last third's memory may exceed the second's; the first third fills what is
 * bounded.
 */
const MOST_GROWTH = 1.1;
const MOST_SLOWER = 3;
const START_MS = 2_000;
const EXPECTED: Record<string, string[]> = {
  // `--short` runs beside other work, which may keep a read past its deadline
  reads: values.short ? ['ok', 'UNAVAILABLE'] : ['ok'],
  'sign-ins': ['UNAUTHENTICATED', 'UNAVAILABLE'],
  documents: ['ok', 'UNAUTHENTICATED', 'UNAVAILABLE'],
  replays: ['ok', 'RATE_LIMITED', 'UNAVAILABLE'],
};

type Row = { what: string; measured: string; limit: string; ok: boolean };

/** Runs a program of this folder with a job, until it prints its result. */
async function runProgram<Result>(file: string, job: object): Promise<Result> {
  const child = spawn(process.execPath, [`test/soak/${file}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  child.stdin.end(JSON.stringify(job));
  const tooLong = setTimeout(() => child.kill('SIGKILL'), (scale.seconds + 60) * 1000);
  const printed = await text(child.stdout);
  clearTimeout(tooLong);
  if (!printed) throw new Error(`soak: ${file} ended without a result`);
  return JSON.parse(printed) as Result;
}

async function measure(target: Target): Promise<Row[]> {
  const reader = await target.tokenOf('company_admin@globex.example');
  const followers = ['company_admin', 'external_auditor', 'head_office_admin'].map(
    (role) => `${role}@acme.example`,
  );
  const tokens: string[] = [];
  for (const email of followers) tokens.push(await target.tokenOf(email));
  const job: ReadJob = { url: target.url, token: reader, perSecond: READS_PER_SECOND, seconds: scale.quiet };
  await runProgram<Reading>('readers.ts', { ...job, seconds: 3 }); // warms up
  const quiet = await runProgram<Reading>('readers.ts', job);
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(memoryOf(target.pid) ?? Number.NaN), 250);
  const attack: AttackJob = {
    ...{ url: target.url, tokens, seconds: scale.seconds, signInsPerSecond: SIGN_INS_PER_SECOND },
    ...{ documents: scale.documents, replays: scale.replays },
  };
  const attacking = runProgram<Answers>('attackers.ts', attack);
  await sleep(START_MS); // two programs that start take both cores
  const cores = coresSince(target);
  const busy = await runProgram<Reading>('readers.ts', { ...job, seconds: scale.seconds - START_MS / 1000 });
  const used = cores();
  const answers = await attacking;
  clearInterval(sampling);
  return [...readRows(quiet, busy), used, ...memoryRows(memory), ...answerRows(answers)];
}

/** How many cores server and PostgreSQL use from now until the call; for comparison, no limit. */
function coresSince({ pid, postgres }: Target): () => Row {
  const began = performance.now();
  const cpu = () => [cpuOf(pid), postgres.cpu()].map((used) => used ?? Number.NaN);
  const before = cpu();
  return () => {
    const [server, database] = cpu().map(
      (used, n) => (used - (before[n] ?? 0)) / (performance.now() - began),
    );
    const measured = `server ${server?.toFixed(2)}, PostgreSQL ${database?.toFixed(2)}`;
    return { what: 'cores used beside the load', measured, limit: '', ok: true };
  };
}

function readRows(quiet: Reading, busy: Reading): Row[] {
  const shown = ({ p50, p99, late, reads }: Reading) =>
    `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${reads}; begun late, p99 ${late.toFixed(1)} ms`;
  const slower = busy.p99 / quiet.p99;
  return [
    { what: 'reads, quiet', measured: shown(quiet), limit: '', ok: true },
    { what: 'reads, beside the load', measured: shown(busy), limit: '', ok: true },
    timed('p99 of reads, times quiet', slower, MOST_SLOWER),
    ...answerRows({ reads: busy.codes }),
  ];
}

function memoryRows(samples: number[]): Row[] {
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const growth = quantile(last, 0.5) / quantile(middle, 0.5);
  const highest = Math.max(...samples);
  return [
    row('highest resident memory, MiB', highest.toFixed(0), `≤ ${MOST_MEMORY}`, highest <= MOST_MEMORY),
    timed('memory, last third to second', growth, MOST_GROWTH),
  ];
}

const answerRows = (answers: Answers): Row[] =>
  Object.entries(answers).map(([kind, codes]) => {
    const expected = EXPECTED[kind] ?? [];
    const measured = Object.entries(codes).map(([code, count]) => `${count} ${code}`);
    return row(
      kind,
      measured.join(', '),
      expected.join(', '),
      Object.keys(codes).every((code) => expected.includes(code)),
    );
  });

const row = (what: string, measured: string, limit: string, ok: boolean): Row => ({
  what,
  measured,
  limit,
  ok,
});

/** A ratio that only the complete run is judged by. */
const timed = (what: string, ratio: number, most: number): Row =>
  row(what, ratio.toFixed(2), values.short ? '' : `≤ ${most}`, values.short || ratio <= most);

const target = await startTarget();
try {
  console.log(
    `load of the machine before: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  const rows = await measure(target);
  console.table(rows.map(({ ok, ...shown }) => ({ ...shown, ok: ok ? 'yes' : 'NO' })));
  process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
} finally {
  await target.stop();
}
