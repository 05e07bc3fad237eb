import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
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

test.each(['stage', 'seed', 'decisions', 'table', 'ablate', 'commit-peer'])(
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

test('bench/plain.sql creates each table that the seed fills [B20]', () => {
  const filled = [...readFileSync('bench/tables.ts', 'utf8').matchAll(/'(plain|kit)\.(\w+)'/g)];
  const created = [...readFileSync('bench/plain.sql', 'utf8').matchAll(/CREATE TABLE (kit\.)?"?(\w+)"?/g)];
  const names = created.map(([, schema = 'plain.', name]) => `${schema}${name}`);
  expect(names).toEqual(expect.arrayContaining(filled.map(([, schema, name]) => `${schema}.${name}`)));
});
