/**
 * `npm run mutation -- src/crypto src/audit --sample 25`: changes lines of these folders one at a time and counts the changes
 * that a test notices. Writes the score to docs/guarantees.md and the unnoticed ones to docs/mutation-results.json.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { isUnnoticed, type Mutant, rangeOf, writeResults } from './results.ts';
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
    // what runs while a module loads: the runner does not activate such a change in time, and it would seem unnoticed
    ignoreStatic: true,
    concurrency: 1,
    // generous: on a busy machine a slow run would count as a noticed endless loop
    timeoutMS: 120_000,
    dryRunTimeoutMinutes: 20,
    reporters: ['progress-append-only'],
    ignorePatterns: ['.data', 'bench', 'examples/*/node_modules'],
    // none: Stryker would read it by an API that TypeScript 7 no longer has
    tsconfigFile: '',
  }).runMutationTest();

/** Runs the near tests over all changes, and those further off, which take longer, over what is left. */
async function measure(folder: string, percent: number): Promise<void> {
  const ranges = sourceFilesOf(folder).flatMap((file) => sampleOf(file, readFileSync(file, 'utf8'), percent));
  const { near, far } = testsOf(folder);
  const first = await mutate(ranges, near.length > 0 ? near : far);
  const left = first.filter(isUnnoticed).map(rangeOf);
  const second = left.length > 0 && far.length > 0 ? await mutate(left, far) : [];
  const keyOf = (mutant: Mutant) => `${rangeOf(mutant)} ${mutant.replacement}`;
  const later = new Map(second.map((mutant) => [keyOf(mutant), mutant]));
  const last = first.map((mutant) => (isUnnoticed(mutant) ? (later.get(keyOf(mutant)) ?? mutant) : mutant));
  writeResults(folder, percent, last);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string', default: '100' } },
});
if (positionals.length === 0) throw new Error('usage: npm run mutation -- FOLDER… [--sample PERCENT]');
for (const folder of positionals) await measure(folder, Number(values.sample));
