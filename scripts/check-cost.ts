/**
 * Measures the cost of each operation without a clock: round trips to PostgreSQL, statements, and allocated KiB.
 * None may exceed bench/results/gate.json; `--record` updates it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { type Cost, type Costs, measureCosts } from '../bench/cost.ts';

const RECORDED = 'bench/results/gate.json';
/** Allocations differ by less than 1 % between runs; round trips and statements do not differ. */
const TOLERANCE = { trips: 1, statements: 1, kib: 1.05 };

const recorded: Costs = JSON.parse(await readFile(RECORDED, 'utf8').catch(() => '{}'));
const found = await measureCosts();
for (const [letter, { trips, statements, kib }] of Object.entries(found)) {
  const was = recorded[letter];
  const before = was ? `(${was.trips}, ${was.statements}, ${was.kib} recorded)` : '';
  console.log(`(${letter}) ${trips} round trips, ${statements} statements, ${kib} KiB ${before}`);
}
if (process.argv.includes('--record')) await writeFile(RECORDED, `${JSON.stringify(found, null, 2)}\n`);
else {
  const problems = Object.entries(found).flatMap(([letter, cost]) =>
    increases(letter, cost, recorded[letter]),
  );
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

function increases(letter: string, cost: Cost, was: Cost | undefined): string[] {
  if (!was) return [`(${letter}): nothing is recorded; node scripts/check-cost.ts --record`];
  const names = Object.keys(TOLERANCE) as (keyof Cost)[];
  return names
    .filter((name) => cost[name] > was[name] * TOLERANCE[name])
    .map((name) => `(${letter}): ${name} went up from ${was[name]} to ${cost[name]}`);
}
