/**
 * `npm run bench`: what the protections cost, against peers, in one run on one database. Without options a quick look; `--full` is the
 * whole measure. Options: --scale 1k,100k,1m  --ops abcdefg  --connections 1,32,128  --rounds 5  --seconds 2  --servers guarded,bare,…
 * --data FOLDER (keeps the filled databases)  --profile FOLDER (a CPU profile of the guarded server)  --soak MINUTES  --out FILE
 */
import { deepStrictEqual } from 'node:assert';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { type Decisions, measureDecisions } from './decisions.ts';
import { type FanOut, measureFanOut } from './fanout.ts';
import { dataOf, loadFor, operationOf, type Round } from './load.ts';
import { about } from './machine.ts';
import { type Scale, scales } from './seed.ts';
import { measureSignIn, type SignIn } from './sign-in.ts';
import { type Soak, soak } from './soak.ts';
import { NAMES, type Name, type Stage, setStage } from './stage.ts';
import { measureStarts, type Starts } from './starts.ts';
import { linesOf, row } from './table.ts';
import { targetResultsOf } from './targets.ts';
import { measureTrips, type Trips } from './trips.ts';

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    scale: { type: 'string' },
    ops: { type: 'string', default: 'abcdefg' },
    connections: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    servers: { type: 'string', default: NAMES.join() },
    data: { type: 'string' },
    profile: { type: 'string' },
    soak: { type: 'string' },
    out: { type: 'string', default: 'bench/results/latest.json' },
  },
});

const plan = {
  scales: (options.scale ?? (options.full ? Object.keys(scales).join() : '1k')).split(',') as Scale[],
  letters: options.ops.split(''),
  connections: (options.connections ?? (options.full ? '1,32,128' : '32')).split(',').map(Number),
  servers: options.servers.split(',') as Name[],
  rounds: Number(options.rounds),
  seconds: Number(options.seconds),
};

/** One line of the measure: an operation at a scale and a number of connections, with every server's rounds. */
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
  lines: Line[];
  trips?: Trips;
  starts?: Starts;
  decisions?: Decisions;
  signIn?: SignIn;
  fanOut?: FanOut;
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
  for (const letter of plan.letters.filter((letter) => 'abcde'.includes(letter))) {
    for (const subject of subjects.slice(0, 3)) {
      const [first, ...rest] = servers;
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

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const results: Results = { at: new Date().toISOString(), machine: about(), plan, lines: [] };
const flags = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [];
for (const [index, scale] of plan.scales.entries()) {
  const stage = await setStage(scale, plan.servers, { flags, ...(options.data && { folder: options.data }) });
  try {
    results.machine.postgres = stage.postgres.version;
    await assertSameData(stage);
    results.lines.push(...(await measure(stage, scale)));
    if (index === 0 && options.full) {
      results.trips = await measureTrips(stage);
      results.signIn = await measureSignIn(stage);
      results.fanOut = await measureFanOut(stage);
    }
    if (index === 0 && options.soak) results.soak = await soak(stage, Number(options.soak));
  } finally {
    await stage.clear();
  }
}
if (options.full) {
  results.decisions = await measureDecisions();
  results.starts = await measureStarts();
}
await mkdir(dirname(options.out), { recursive: true });
const rounded = (_name: string, value: unknown) =>
  typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
await writeFile(options.out, `${JSON.stringify(results, rounded, 1)}\n`);
const targetResults = targetResultsOf(results).filter(({ met }) => met !== null);
const aims = targetResults.map(({ what, target, measured, met }) =>
  row(what, target, measured ?? '', met ? 'met' : 'missed'),
);
console.log([...linesOf(results), '', ...aims, '', `Written to ${options.out}`].join('\n'));
const wrong = results.lines
  .flatMap(({ rounds }) => Object.values(rounds).flat())
  .filter((round) => round.wrong > 0);
if (wrong.length > 0) {
  console.error(`bench: wrong answers, such as ${wrong[0]?.example}`);
  process.exitCode = 1;
}
