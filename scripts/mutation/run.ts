/**
 * `npm run mutation -- src/crypto src/audit --sample 25`: changes lines of these folders one at a
 * time and counts the changes that a test notices. Writes the score to docs/guarantees.md and the
 * unnoticed ones to docs/mutation-results.json.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { isUnnoticed, type Mutant, pathOf, rangeOf, writeResults } from './results.ts';
import { sampleOf } from './sample.ts';
import { sourceFilesOf, testsOf } from './tests.ts';

/** Texts are left out: most are error messages, and SQL without its text always fails. */
const EXCLUDED = ['StringLiteral'];

const mutate = (ranges: string[], testFiles: string[]): Promise<Mutant[]> =>
  new Stryker({
    mutate: ranges,
    testFiles,
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.config.ts', related: false },
    plugins: ['@stryker-mutator/vitest-runner'],
    mutator: { excludedMutations: EXCLUDED },
    coverageAnalysis: 'perTest',
    // what runs while a module loads: the runner does not activate such a change in time, and it
    // would seem unnoticed
    ignoreStatic: true,
    concurrency: 1,
    // generous: on a busy machine a slow run would count as a noticed endless loop
    timeoutMS: 120_000,
    dryRunTimeoutMinutes: 20,
    reporters: ['progress-append-only'],
    ignorePatterns: ['.data', 'bench/peers', 'bench/results', 'examples/*/node_modules'],
    // none: Stryker would read it by an API that TypeScript 7 no longer has
    tsconfigFile: '',
  }).runMutationTest();

/**
 * Runs the near tests over all changes, and those further off, which take longer, over what is left
 * of each file.
 */
async function measure(folder: string, percent: number): Promise<void> {
  const files = sourceFilesOf(folder);
  const ranges = files.flatMap((file) => sampleOf(file, readFileSync(file, 'utf8'), percent));
  const { near, far } = testsOf(folder);
  const first = near.length > 0 ? near : far;
  const mutants = await mutate(ranges, first);
  const furtherOff = Map.groupBy(files, (file) => JSON.stringify(testsBeyond(first, file, far)));
  for (const [tests, some] of furtherOff) await runFurtherOff(mutants, some, JSON.parse(tests));
  writeResults(folder, percent, mutants);
}

/** Returns the tests of a file beside those already run: those of its folder if it has none. */
function testsBeyond(done: string[], file: string, ofFolder: string[]): string[] {
  const { near, far } = testsOf(file);
  const own = [...near, ...far].filter((test) => !done.includes(test));
  return own.length > 0 ? own : ofFolder;
}

/** Replaces the unnoticed changes of these files by what these tests say of them. */
async function runFurtherOff(mutants: Mutant[], files: string[], tests: string[]): Promise<void> {
  const left = mutants.filter((mutant) => isUnnoticed(mutant) && files.includes(pathOf(mutant.fileName)));
  if (left.length === 0 || tests.length === 0) return;
  const keyOf = (mutant: Mutant) => `${rangeOf(mutant)} ${mutant.replacement}`;
  const later = new Map((await mutate(left.map(rangeOf), tests)).map((mutant) => [keyOf(mutant), mutant]));
  for (const mutant of left) mutants[mutants.indexOf(mutant)] = later.get(keyOf(mutant)) ?? mutant;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string', default: '100' } },
});
if (positionals.length === 0) throw new Error('usage: npm run mutation -- FOLDER… [--sample PERCENT]');
for (const folder of positionals) await measure(folder, Number(values.sample));
