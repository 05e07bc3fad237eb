/**
 * Measures the cost of each operation without a clock: round trips to PostgreSQL, statements,
 * allocated KiB, and of the audited update PostgreSQL's instructions. None may exceed
 * bench/results/gate.json; `--record` updates it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { type Cost, type Costs, measureCosts } from '../bench/cost.ts';
import { hasValgrind } from '../bench/instructions.ts';

const RECORDED = 'bench/results/gate.json';
/**
 * Allocations and instructions differ by less than 1 % between runs; round trips and statements do
 * not.
 */
const TOLERANCE = { trips: 1, statements: 1, kib: 1.05, instructions: 1.1 };
const recording = process.argv.includes('--record');

const recorded: Costs = JSON.parse(await readFile(RECORDED, 'utf8').catch(() => '{}'));
if (!hasValgrind()) {
  console.error('valgrind is not installed: the instructions of PostgreSQL are not counted');
  if (recording || process.env.CI) process.exit(1);
}
const found = await measureCosts();
for (const [letter, cost] of Object.entries(found)) {
  const was = recorded[letter];
  console.log(`(${letter}) ${wordsOf(cost)}${was ? ` (recorded: ${wordsOf(was)})` : ''}`);
}
if (recording) await writeFile(RECORDED, `${JSON.stringify(found, null, 2)}\n`);
else {
  const problems = Object.entries(found).flatMap(([letter, cost]) =>
    increases(letter, cost, recorded[letter]),
  );
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

function wordsOf({ trips, statements, kib, instructions }: Cost): string {
  const words = `${trips} round trips, ${statements} statements, ${kib} KiB`;
  return instructions ? `${words}, ${Math.round(instructions / 1000)} thousand instructions` : words;
}

function increases(letter: string, cost: Cost, was: Cost | undefined): string[] {
  if (!was) return [`(${letter}): nothing is recorded; node scripts/check-cost.ts --record`];
  const names = Object.keys(TOLERANCE) as (keyof Cost)[];
  return names
    .filter((name) => (cost[name] ?? 0) > (was[name] ?? 0) * TOLERANCE[name])
    .map((name) => `(${letter}): ${name} went up from ${was[name]} to ${cost[name]}`);
}
