import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { START } from '../../bench/process.ts';

const EXIT_CONFIG = 78;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'preflight-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The start command, until it ends by itself. */
const run = (words: string[], cwd = process.cwd()) => {
  const env = { PATH: process.env.PATH, DATA_DIR: join(folder, 'data') };
  const { status, stderr } = spawnSync(process.execPath, words, { cwd, env, encoding: 'utf8' });
  return { status, stderr };
};

test('refuses a Node that does not run TypeScript in one sentence that says what to install [B17]', () => {
  const older = join(folder, 'older.cjs');
  writeFileSync(older, `Object.defineProperty(process, 'version', { value: 'v20.11.0' });`);
  expect(run(['--require', older, ...START])).toEqual({
    status: EXIT_CONFIG,
    stderr: expect.stringMatching(
      /^Bulwark needs Node 24 or newer, and this is Node v20\.11\.0: .* install Node 24 from https:\/\/nodejs\.org\.\n$/,
    ),
  });
});

test('names the line of a command whose event the catalogue lacks, and ends with 78 [U6]', () => {
  const project = join(folder, 'project');
  cpSync('src', join(project, 'src'), { recursive: true });
  for (const name of ['node_modules', 'package.json'])
    symlinkSync(join(process.cwd(), name), join(project, name));
  const file = join(project, 'src/domain/organization/structure.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace("'branch.created'", "'branch.opened'"));
  expect(run(START, project)).toEqual({
    status: EXIT_CONFIG,
    stderr: expect.stringMatching(
      /^\S*organization\/structure\.ts:\d+: src\/audit\/record\/events\.ts has no event branch\.opened; add .*\n$/,
    ),
  });
});

test('names npm run generate when the install ran no scripts [B18]', () => {
  const project = join(folder, 'project');
  const isGenerated = (path: string) => /generated|pothos\.gen/.test(path);
  cpSync('src', join(project, 'src'), { recursive: true, filter: (path) => !isGenerated(path) });
  symlinkSync(join(process.cwd(), 'node_modules'), join(project, 'node_modules'));
  expect(run(START, project)).toEqual({
    status: EXIT_CONFIG,
    stderr: expect.stringMatching(
      /^src\/db\/generated\/client\.ts is missing, .*: run npm run generate\.\n$/,
    ),
  });
});

test('names npm ci when there are no packages [B18]', () => {
  const project = join(folder, 'project');
  cpSync('src/cli', join(project, 'src/cli'), { recursive: true });
  expect(run(START, project)).toEqual({
    status: EXIT_CONFIG,
    stderr: 'The packages are not installed: run npm ci.\n',
  });
});
