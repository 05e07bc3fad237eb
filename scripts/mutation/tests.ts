/**
 * Finds the test files most likely to notice a change in a folder: from imports, mirrored paths and
 * docs/guarantees.md.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const IMPORT = /(?<!^import type .*)(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/gm;

/**
 * Tests that read the source as text, which mutated files do not keep, that measure time or memory,
 * or that send thousands of requests, too slow to repeat for each change.
 */
const EXCLUDED =
  /^test\/(scripts|docs|bench|cli|examples|soak)\/|\/(.*matrix.*|attack|attack-inside.*|.*model|shortcuts)\.test\.ts$/;

export const sourceFilesOf = (folder: string): string[] =>
  globSync(folder.endsWith('.ts') ? folder : `${folder}/**/*.ts`).filter(
    (path) => !/\.gen\.ts$|\/generated\//.test(path),
  );

const inside = (folder: string) => (path: string) => path === folder || path.startsWith(`${folder}/`);

/**
 * Returns the tests beside a folder, and those further off: they import from it or test a guarantee
 * that it implements.
 */
export function testsOf(folder: string): { near: string[]; far: string[] } {
  const mirrored = inside(folder.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts'));
  const stated = testsOfGuarantees(folder);
  const all = globSync('test/**/*.test.ts').filter((path) => !EXCLUDED.test(path));
  const near = all.filter(mirrored).sort();
  const far = all.filter((path) => stated.has(path) || importsOf(path).some(inside(folder))).sort();
  return { near, far: far.filter((path) => !near.includes(path)) };
}

function testsOfGuarantees(folder: string): Set<string> {
  const rows = readFileSync('docs/guarantees.md', 'utf8').split('\n');
  const paths = rows.map((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, path]) => path as string));
  return new Set(paths.filter((row) => row.some(inside(folder))).flat());
}

const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(IMPORT)].map(([, name]) => join(dirname(path), name as string));
