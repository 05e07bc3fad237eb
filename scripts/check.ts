/** `npm run check`: static checks. Every step runs, so that one run names every problem. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const GENERATED = ['src/db/guarantees.gen.ts'];
const read = () => GENERATED.map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''));
const run = (command: string, ...words: string[]) =>
  spawnSync(command, words, { stdio: 'inherit' }).status === 0;

function generatedIsCurrent(): boolean {
  const before = read();
  if (!run('node', 'scripts/generate.mjs')) return false;
  const stale = GENERATED.filter((_, index) => before[index] !== read()[index]);
  if (stale.length > 0)
    console.error(`stale and regenerated from prisma/schema; commit: ${stale.join(', ')}`);
  return stale.length === 0;
}

const steps: Record<string, () => boolean> = {
  'generated files': generatedIsCurrent,
  'format and lint': () => run('biome', 'check', '.'),
  types: () => run('tsc', '--noEmit'),
  'import directions': () => run('node', '--disable-warning=ExperimentalWarning', 'scripts/check-imports.ts'),
  'replaced words': () => run('node', '--disable-warning=ExperimentalWarning', 'scripts/check-words.ts'),
  'waits of tests': () => run('node', '--disable-warning=ExperimentalWarning', 'scripts/check-waits.ts'),
  'commit subjects': () => run('node', 'scripts/check-commits.ts'),
  'supply chain': () => run('node', '--disable-warning=ExperimentalWarning', 'scripts/check-supply-chain.ts'),
  'deployment files': () => run('node', '--disable-warning=ExperimentalWarning', 'scripts/check-deploy.ts'),
  'schema and documents': () => run('node', 'scripts/docs.ts', '--check'),
  'schema conventions': () => run('eslint', '--max-warnings=0', 'schema.graphql'),
  'typed client': () => run('graphql-codegen', '--config', 'codegen.ts', '--check'),
  'cost of an operation': () => run('node', '--disable-warning=ExperimentalWarning', 'scripts/check-cost.ts'),
};

const failed = Object.entries(steps).filter(([name, step]) => {
  console.log(`\n== ${name}`);
  return !step();
});
console.log(
  failed.length > 0 ? `\ncheck failed: ${failed.map(([name]) => name).join(', ')}` : '\ncheck passed',
);
process.exitCode = failed.length > 0 ? 1 : 0;
