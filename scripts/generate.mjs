// After `npm ci`: the Prisma client, Pothos' types and the guarantees, from prisma/schema. Plain
// JavaScript, since npm may run it by a Node without type stripping. Prisma's CLI wants a schema
// engine that it never uses here, and would download one; naming any executable stops that.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { EXIT_CONFIG, nodeProblem } from '../src/cli/node-version.cjs';

const prisma = 'node_modules/prisma/build/index.js';
if (!existsSync(prisma)) process.exit(0); // installed without development packages: the image carries the generated files

const path = `${process.cwd()}/node_modules/.bin:${process.env.PATH}`;
const env = {
  ...process.env,
  PATH: path,
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
};
const version = spawnSync('node', ['--version'], { env, encoding: 'utf8' }).stdout ?? '';
const problem = nodeProblem(version.trim());
if (problem) {
  console.error(problem);
  process.exit(EXIT_CONFIG);
}
const result = spawnSync('node', [prisma, 'generate', '--no-hints'], { env, encoding: 'utf8' });
if (result.status !== 0) {
  console.error(result.stdout, result.stderr);
  process.exit(result.status ?? 1);
}
