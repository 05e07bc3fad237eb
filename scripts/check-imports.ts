/** `node scripts/check-imports.ts`: imports go one way, and what is dangerous is imported in few places. Types may go any way. */
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

// A file may import what stands further down, or beside it.
const LAYERS = [
  ['main', 'cli'],
  ['app'],
  ['http'],
  ['graphql'],
  ['context', 'schema'],
  ['domain', 'auth', 'services'],
  ['notifications'],
  ['db', 'audit', 'crypto'],
  ['config', 'errors', 'bounded-cache'],
];
// Data, and what a statement runs as and in: for every layer.
const EVERYONE = ['src/db/guarantees.gen.ts', 'src/db/tenant/context.ts', 'src/db/transaction.ts'];
const CRYPTO = ['crypto', 'auth', 'audit', 'webhooks'];
const IMPORT =
  /^\s*(?:import|export)\b(?!\s+type\b)(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

const layerOf = (path: string) => path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
const rank = (path: string) => LAYERS.findIndex((layer) => layer.includes(layerOf(path)));

/** What is wrong with one file's imports, as sentences. */
export function problemsOf(path: string, source: string): string[] {
  const code = stripTypeScriptTypes(source)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const imports = [...code.matchAll(IMPORT)].map(([, stat, dynamic]) => (stat ?? dynamic) as string);
  const problems = imports.flatMap((name) => problemOf(path, name) ?? []);
  if (/\bprocess\.env\b/.test(code) && path !== 'src/config.ts')
    problems.push(`${path}: reads process.env; only src/config.ts does`);
  return problems;
}

function problemOf(path: string, name: string): string | undefined {
  if (/^(node:)?crypto$/.test(name))
    return CRYPTO.includes(layerOf(path))
      ? undefined
      : `${path}: imports ${name}; only ${CRYPTO.join('/, ')}/ do`;
  if (!name.startsWith('.')) return undefined;
  const target = join(dirname(path), name);
  if (target.startsWith('src/db/generated/'))
    return layerOf(path) === 'db' ? undefined : `${path}: imports the generated client; only src/db/ does`;
  if (rank(target) < 0) return `${path}: imports ${target}, which is in no layer`;
  if (rank(target) < rank(path) && !EVERYONE.includes(target))
    return `${path}: imports ${target}, which stands above it`;
  return undefined;
}

if (import.meta.main) {
  const files = globSync('src/**/*.ts').filter(
    (path) => !path.startsWith('src/db/generated/') && path !== 'src/schema/core/pothos.gen.ts',
  );
  const problems = files.sort().flatMap((path) => problemsOf(path, readFileSync(path, 'utf8')));
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} imports that should not be`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
