/**
 * `npm run bench`: what the protections cost, against peers, in one run on one database. Without
 * options a quick look; `--full` is the
 * whole measure. Options: --scale 1k,100k,1m  --ops abcdefg  --connections 1,32,128  --rounds 5
 * --seconds 2  --servers guarded,bare,…
 * --data FOLDER (keeps the filled databases)  --profile FOLDER (a CPU profile of the guarded
 * server)  --soak MINUTES  --out FILE
 * --writers (updates of one company against sixteen)
 * --peer-commit COMMIT runs that commit's server as a peer, against which no operation may be
 * slower; --ablate measures instead what each performance shortcut gains, --shortcuts NAME,… only
 * these, --delay MS with a longer round trip to PostgreSQL.
 */
import { deepStrictEqual } from 'node:assert';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Shortcut } from '../src/shortcuts.ts';
import { ablate, ablationLines } from './ablate.ts';
import { commitPeer } from './commit-peer.ts';
import { type Decisions, measureDecisions } from './decisions.ts';
import { type FanOut, measureFanOut } from './fanout.ts';
import { dataOf, loadFor, operationOf, type Round } from './load.ts';
import { about } from './machine.ts';
import { type Scale, scales } from './seed.ts';
import { measureSignIn, type SignIn } from './sign-in.ts';
import { type Soak, soak } from './soak.ts';
import { NAMES, type Name, type Stage, type Staged, setStage, shortcutNames } from './stage.ts';
import { measureStarts, type Starts } from './starts.ts';
import { linesOf, row } from './table.ts';
import { targetResultsOf } from './targets.ts';
import { measureTrips, type Trips } from './trips.ts';
import { measureWriters, type Writers } from './writers.ts';

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    scale: { type: 'string' },
    ops: { type: 'string' },
    connections: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    servers: { type: 'string' },
    'peer-commit': { type: 'string' },
    ablate: { type: 'boolean', default: false },
    shortcuts: { type: 'string' },
    delay: { type: 'string', default: '0' },
    data: { type: 'string' },
    profile: { type: 'string' },
    soak: { type: 'string' },
    writers: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

const rounded = (_name: string, value: unknown) =>
  typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
async function written(path: string, results: object): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(results, rounded, 1)}\n`);
  return `Written to ${path}`;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

if (options.ablate) {
  const ablation = await ablate({
    shortcuts: (options.shortcuts?.split(',') as Shortcut[] | undefined) ?? shortcutNames,
    letters: (options.ops ?? 'acf').split(''),
    ...{ rounds: Number(options.rounds), seconds: Number(options.seconds) },
    ...{ delay: Number(options.delay), folder: options.data },
  });
  const place = await written(options.out ?? 'bench/results/ablation.json', ablation);
  console.log([...ablationLines(ablation), '', place].join('\n'));
  process.exit();
}

/** Beside another commit's server only this one answers, unless others are named. */
function serversOf(names: string | undefined, commit: string | undefined): Staged[] {
  const staged = NAMES.filter((name) => name !== 'before');
  return (names?.split(',') as Staged[] | undefined) ?? (commit ? ['guarded'] : staged);
}

const plan = {
  scales: (options.scale ?? (options.full ? Object.keys(scales).join() : '1k')).split(',') as Scale[],
  letters: (options.ops ?? 'abcdefg').split(''),
  connections: (options.connections ?? (options.full ? '1,32,128' : '32')).split(',').map(Number),
  servers: serversOf(options.servers, options['peer-commit']),
  rounds: Number(options.rounds),
  seconds: Number(options.seconds),
};

/**
 * One line of the measure: an operation at a scale and a number of connections, with every server's
 * rounds.
 */
export type Line = {
  scale: Scale;
  letter: string;
  connections: number;
  rounds: Partial<Record<Name, Round[]>>;
};
export type Results = {
  at: string;
  machine: ReturnType<typeof about>;
  plan: typeof plan;
  /** The commit of the server `before`. */
  before?: string;
  lines: Line[];
  trips?: Trips;
  starts?: Starts;
  decisions?: Decisions;
  signIn?: SignIn;
  fanOut?: FanOut;
  writers?: Writers;
  soak?: Soak;
};

/** The servers answer in turns, so that whatever else the machine does falls on all of them. */
async function measure(stage: Stage, scale: Scale): Promise<Line[]> {
  const lines: Line[] = [];
  for (const letter of plan.letters) {
    for (const server of stage.servers) await loadFor(stage, server, letter, 32, 2);
    for (const connections of plan.connections) {
      const rounds: Line['rounds'] = {};
      for (let round = 0; round < plan.rounds; round++) {
        const turn = round % 2 === 0 ? stage.servers : stage.servers.toReversed();
        for (const server of turn) {
          const measured = await loadFor(stage, server, letter, connections, plan.seconds);
          rounds[server.name] = [...(rounds[server.name] ?? []), measured];
        }
      }
      lines.push({ scale, letter, connections, rounds });
      console.error(`${scale} (${letter}) at ${connections}: done`);
    }
  }
  return lines;
}

/** Verifies that all servers return the same data before they are timed. */
async function assertSameData({ servers, subjects }: Stage): Promise<void> {
  const own = servers.filter((server) => !server.own);
  for (const letter of plan.letters.filter((letter) => 'abcde'.includes(letter))) {
    for (const subject of subjects.slice(0, 3)) {
      const [first, ...rest] = own;
      if (!first) return;
      const expected = await dataOf(first, operationOf(letter), subject);
      for (const server of rest)
        deepStrictEqual(
          await dataOf(server, operationOf(letter), subject),
          expected,
          `${server.name}, (${letter})`,
        );
    }
  }
}

const results: Results = {
  ...{ at: new Date().toISOString(), machine: about(), plan, lines: [] },
  ...(options['peer-commit'] && { before: options['peer-commit'] }),
};
const flags = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [];
for (const [index, scale] of plan.scales.entries()) {
  const stage = await setStage(scale, plan.servers, { flags, ...(options.data && { folder: options.data }) });
  const clears = [stage.clear];
  try {
    if (options['peer-commit']) {
      const before = await commitPeer(options['peer-commit'], scale);
      stage.servers.push(before.server);
      clears.push(before.clear);
    }
    results.machine.postgres = stage.postgres.version;
    await assertSameData(stage);
    results.lines.push(...(await measure(stage, scale)));
    if (index === 0 && options.full) {
      results.trips = await measureTrips(stage);
      results.signIn = await measureSignIn(stage);
      results.fanOut = await measureFanOut(stage);
    }
    if (index === 0 && (options.full || options.writers))
      results.writers = await measureWriters(stage, plan.seconds);
    if (index === 0 && options.soak) results.soak = await soak(stage, Number(options.soak));
  } finally {
    for (const clear of clears) await clear();
  }
}
if (options.full) {
  results.decisions = await measureDecisions();
  results.starts = await measureStarts();
}
const place = await written(options.out ?? 'bench/results/latest.json', results);
const targetResults = targetResultsOf(results).filter(({ met }) => met !== null);
const aims = targetResults.map(({ what, target, measured, met }) =>
  row(what, target, measured ?? '', met ? 'met' : 'missed'),
);
console.log([...linesOf(results), '', ...aims, '', place].join('\n'));
const wrong = results.lines
  .flatMap(({ rounds }) => Object.values(rounds).flat())
  .filter((round) => round.wrong > 0);
if (wrong.length > 0) {
  console.error(`bench: wrong answers, such as ${wrong[0]?.example}`);
  process.exitCode = 1;
}
