import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let clone: string;
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'fresh-clone-'));
  cpSync('bench', join(clone, 'bench'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  for (const name of ['src', 'prisma', 'node_modules', 'package.json'])
    symlinkSync(join(process.cwd(), name), join(clone, name));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

test.each(['stage', 'seed', 'decisions', 'table'])(
  'bench/%s.ts loads before the peers are installed [B20]',
  (name) => {
    const { stderr, status } = spawnSync(
      process.execPath,
      ['--preserve-symlinks', '--input-type=module', '-e', `await import('./bench/${name}.ts')`],
      { cwd: clone, encoding: 'utf8' },
    );
    expect(stderr).not.toContain('Error');
    expect(status).toBe(0);
  },
);
