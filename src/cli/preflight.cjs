/**
 * Required ahead of each program (package.json): says in one sentence why it cannot run. Then it
 * keeps what Node compiles for the next start, a third of whose work that is: beside the code,
 * where only who may change the code may write; where nothing can be written, nothing is kept.
 */
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { EXIT_CONFIG, nodeProblem } = require('./node-version.cjs');

const root = join(__dirname, '../..');
const GENERATED = ['src/db/generated/client.ts', 'src/schema/core/pothos.gen.ts'];

function installProblem() {
  if (!existsSync(join(root, 'node_modules'))) return 'The packages are not installed: run npm ci.';
  const missing = GENERATED.find((file) => !existsSync(join(root, file)));
  return missing
    ? `${missing} is missing, since the install ran no scripts (--ignore-scripts): run npm run generate.`
    : null;
}

const problem = nodeProblem(process.version) || installProblem();
if (problem) {
  console.error(problem);
  process.exit(EXIT_CONFIG);
}
// What the code declares is checked while it is loaded, before a program can report anything
// itself.
process.once('uncaughtException', (error) => {
  const foreseen = error?.name === 'StartupError';
  const at = /\n\s+at (?!command \().*?([^/(]*\/[^/]+\.ts:\d+)/.exec(error?.stack ?? '')?.[1];
  console.error(foreseen ? `${at ? `${at}: ` : ''}${error.message}` : error);
  process.exit(foreseen ? EXIT_CONFIG : 1);
});
require('node:module').enableCompileCache(join(root, 'node_modules/.cache/bulwark'));
