/**
 * `npm run mutation -- src/crypto src/audit --sample 25`: changes lines of these folders one at a time and counts the changes
 * that a test notices. Writes the score to docs/guarantees.md and the unnoticed ones to docs/mutation-results.json.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { writeResults } from './results.ts';
import { sampleOf } from './sample.ts';
import { sourceFilesOf, testFilesOf } from './tests.ts';

/** Texts are left out: most are error messages, and SQL without its text always fails. */
const EXCLUDED = ['StringLiteral'];

async function measure(folder: string, percent: number): Promise<void> {
  const files = sourceFilesOf(folder);
  const lines = files.flatMap((file) => sampleOf(file, readFileSync(file, 'utf8'), percent));
  const testFiles = testFilesOf(folder);
  console.log(`${folder}: ${lines.length} ranges of ${files.length} files, ${testFiles.length} test files`);
  const stryker = new Stryker({
    mutate: lines,
    testFiles,
    testRunner: 'vitest',
    vitest: { configFile: 'scripts/mutation/vitest.config.ts', related: false },
    plugins: ['@stryker-mutator/vitest-runner'],
    mutator: { excludedMutations: EXCLUDED },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 30_000,
    dryRunTimeoutMinutes: 20,
    reporters: ['progress-append-only'],
    ignorePatterns: ['.data', 'bench', 'examples/*/node_modules'],
    // none: Stryker would read it by an API that TypeScript 7 no longer has
    tsconfigFile: '',
  });
  writeResults(folder, percent, await stryker.runMutationTest());
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string', default: '100' } },
});
if (positionals.length === 0) throw new Error('usage: npm run mutation -- FOLDER… [--sample PERCENT]');
for (const folder of positionals) await measure(folder, Number(values.sample));
