/** Finds the test files most likely to notice a change in a folder: from imports, mirrored paths and docs/guarantees.md. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** Tests that read the source as text, which mutated files do not keep, or that measure time or memory. */
const EXCLUDED = /^test\/(scripts|docs|bench|cli|examples|soak)\//;

export const sourceFilesOf = (folder: string): string[] =>
  globSync(folder.endsWith('.ts') ? folder : `${folder}/**/*.ts`).filter(
    (path) => !/\.gen\.ts$|\/generated\//.test(path),
  );

export function testFilesOf(folder: string): string[] {
  const inFolder = (path: string) => path === folder || path.startsWith(`${folder}/`);
  const mirrored = folder.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
  const stated = statedTestsOf(inFolder);
  return globSync('test/**/*.test.ts')
    .filter((path) => !EXCLUDED.test(path))
    .filter(
      (path) =>
        path === mirrored ||
        path.startsWith(`${mirrored}/`) ||
        stated.has(path) ||
        importsOf(path).some(inFolder),
    )
    .sort();
}

const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(IMPORT)].map(([, name]) => join(dirname(path), name as string));

/** The tests of the guarantees that a file of the folder implements. */
function statedTestsOf(inFolder: (path: string) => boolean): Set<string> {
  const rows = readFileSync('docs/guarantees.md', 'utf8').split('\n');
  const paths = rows.map((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, path]) => path as string));
  return new Set(paths.filter((row) => row.some(inFolder)).flat());
}
