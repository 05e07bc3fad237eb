import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

// Any executable stands for the engine that Prisma would download and does not need.
const env = {
  ...process.env,
  PATH: `${resolve('node_modules/.bin')}:${process.env.PATH}`,
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  CHECKPOINT_DISABLE: '1',
};
const PEERS = 'bench/peers';

/** Installs the peers from their lockfile when they are missing, and builds what must be built. */
export function preparePeers(): void {
  if (!existsSync(`${PEERS}/node_modules`))
    run('npm', ['ci', '--prefix', PEERS, '--ignore-scripts', '--no-audit']);
  run(process.execPath, [
    'node_modules/prisma/build/index.js',
    'generate',
    '--schema',
    'bench/bare/schema.prisma',
  ]);
  const nest = `${PEERS}/nest`;
  run(
    process.execPath,
    ['../node_modules/prisma/build/index.js', 'generate', '--schema', 'schema.prisma'],
    nest,
  );
  run(process.execPath, ['../node_modules/typescript/bin/tsc'], nest);
}

function run(command: string, words: string[], cwd?: string): void {
  const { status, stdout, stderr } = spawnSync(command, words, { env, cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`bench: ${command} ${words.join(' ')} failed\n${stdout}\n${stderr}`);
}

/** What a peer's package would give to `require`. */
export const peerRequire = createRequire(new URL('peers/package.json', import.meta.url));

export const peerVersions = (): Record<string, string> =>
  JSON.parse(readFileSync(`${PEERS}/package.json`, 'utf8')).dependencies;
