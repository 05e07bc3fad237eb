/**
 * `npm run bench`: what the protections cost. One PostgreSQL, the list of 50 employees with department and salary, through everything and
 * through nothing, in turns. Options: --rounds 5, --seconds 5, --profile FOLDER (a CPU profile of the guarded server), --out FILE.
 */
import { deepStrictEqual } from 'node:assert';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { bodyOf, loadFor, type Round } from './load.ts';
import { EMPLOYEES, listed, type Stage, setStage } from './stage.ts';

const CONNECTIONS = [1, 32];
const NAMES = ['guarded', 'bare'] as const;
type Name = (typeof NAMES)[number];
type Measured = Record<Name, Round[]>;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    profile: { type: 'string' },
    out: { type: 'string', default: 'bench/results/first.json' },
  },
});

/** The servers answer in turns, so that whatever else the machine does falls on both. */
async function measure(stage: Stage, rounds: number, seconds: number): Promise<Map<number, Measured>> {
  const expected = { guarded: await bodyOf(stage.guarded), bare: await bodyOf(stage.bare) };
  for (const name of NAMES) await loadFor(stage[name], 32, 3, expected[name]);
  const measured = new Map(
    CONNECTIONS.map((count): [number, Measured] => [count, { guarded: [], bare: [] }]),
  );
  for (let round = 0; round < rounds; round++) {
    const turn = round % 2 === 0 ? NAMES : NAMES.toReversed();
    for (const [connections, results] of measured) {
      for (const name of turn) {
        results[name].push(await loadFor(stage[name], connections, seconds, expected[name]));
      }
    }
  }
  return measured;
}

async function assertSameRows({ guarded, bare }: Stage): Promise<void> {
  const rows = await listed(guarded);
  if (rows.length !== EMPLOYEES) throw new Error(`bench: expected ${EMPLOYEES} rows, got ${rows.length}`);
  deepStrictEqual(rows, await listed(bare), 'the two servers answer different rows');
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function summaryOf(rounds: Round[]) {
  const of = (name: keyof Round) => median(rounds.map((round) => round[name] ?? Number.NaN));
  const wrong = rounds.reduce((sum, round) => sum + round.wrong, 0);
  return { perSecond: of('perSecond'), p50: of('p50'), p99: of('p99'), cpuMs: of('cpuMs'), wrong };
}

function linesOf(measured: Map<number, Measured>): string[] {
  const head = [
    '| connections | server | requests/s | p50 ms | p99 ms | CPU ms a request | wrong |',
    '|---|---|---|---|---|---|---|',
  ];
  const rows = [...measured].flatMap(([connections, results]) => {
    const sums = NAMES.map((name) => ({ name, ...summaryOf(results[name]) }));
    const lines = sums.map(({ name, perSecond, p50, p99, cpuMs, wrong }) =>
      [connections, name, perSecond.toFixed(0), p50.toFixed(0), p99.toFixed(0), cpuMs.toFixed(2), wrong].join(
        ' | ',
      ),
    );
    return [
      ...lines.map((line) => `| ${line} |`),
      `| ${connections} | guarded/bare | **${ratioOf(results).toFixed(2)}** | | | | |`,
    ];
  });
  return [...head, ...rows];
}

/** Guarded over bare: the median of each round's own ratio, whose two halves saw the same machine. */
const ratioOf = ({ guarded, bare }: Measured): number =>
  median(guarded.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN)));

const machine = (postgres: string) => ({
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()} ${arch()}`,
  node: process.version,
  postgres,
});

const flags = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [];
const stage = await setStage(flags);
try {
  await assertSameRows(stage);
  const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
  const measured = await measure(stage, rounds, seconds);
  await assertSameRows(stage);
  const about = machine(stage.postgres);
  const results = Object.fromEntries(measured);
  const ratios = Object.fromEntries([...measured].map(([connections, of]) => [connections, ratioOf(of)]));
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(
    options.out,
    `${JSON.stringify({ at: new Date().toISOString(), machine: about, rounds, seconds, ratios, results }, null, 2)}\n`,
  );
  console.log([...linesOf(measured), '', `${JSON.stringify(about)}`, `Written to ${options.out}`].join('\n'));
  if (Object.values(results).some((of) => NAMES.some((name) => summaryOf(of[name]).wrong > 0)))
    process.exitCode = 1;
} finally {
  await stage.clear();
}
