/** `node scripts/check-imports.ts`: imports point one way, types included; no cycles; dangerous modules stay in few places. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// A file may import from its own layer and from those below it.
const LAYERS = [
  ['main', 'cli'],
  ['app'],
  ['http'],
  ['graphql'],
  ['context', 'schema'],
  ['domain', 'auth', 'services', 'notifications'],
  ['db', 'audit', 'crypto'],
  ['deadline', 'config', 'errors', 'bounded-cache', 'network-address'],
];
const CRYPTO = ['crypto', 'auth', 'audit', 'webhooks'];
/** What a resolver must not reach, whatever the import is for: statements, connections, keys, the services behind a context. */
const FORBIDDEN_TO_RESOLVERS =
  /^src\/(services|db\/(?!guarantees\.gen|reader|tenant\/context).*|crypto\/keys\/.*|audit\/record\/append)\.ts$/;

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g;

/** Source by path, such as `src/app.ts`. */
export type Sources = Record<string, string>;

/** Returns what is wrong with the imports of these files, one sentence each. */
export function problemsOf(sources: Sources): string[] {
  const graph = new Map(Object.entries(sources).map(([path, source]) => [path, importsOf(source)]));
  const single = [...graph].flatMap(([path, imports]) =>
    imports.flatMap((name) => problemOf(path, name) ?? []),
  );
  const environment = Object.entries(sources).flatMap(([path, source]) =>
    /\bprocess\.env\b/.test(withoutComments(source)) && path !== 'src/config.ts'
      ? [`${path}: reads process.env; only src/config.ts does`]
      : [],
  );
  return [...single, ...environment, ...cyclesIn(graph)];
}

const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

const importsOf = (source: string): string[] =>
  [...withoutComments(source).matchAll(IMPORT)].map(([, name]) => name as string);

const layerOf = (path: string) => path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
const rank = (path: string) => LAYERS.findIndex((layer) => layer.includes(layerOf(path)));

function problemOf(path: string, name: string): string | undefined {
  if (/^(node:)?crypto$/.test(name))
    return CRYPTO.includes(layerOf(path))
      ? undefined
      : `${path}: imports ${name}; only ${CRYPTO.join('/, ')}/ do`;
  if (!name.startsWith('.')) return undefined;
  const target = join(dirname(path), name);
  if (target.startsWith('src/db/generated/'))
    return layerOf(path) === 'db' ? undefined : `${path}: imports the generated client; only src/db/ does`;
  if (layerOf(path) === 'schema' && FORBIDDEN_TO_RESOLVERS.test(target))
    return `${path}: imports ${target}, which a resolver must not reach; use the context's reads and use cases`;
  if (rank(target) < 0) return `${path}: imports ${target}, which is in no layer`;
  if (rank(target) < rank(path)) return `${path}: imports ${target}, which stands above it`;
  return undefined;
}

/** Each cycle of files once, from its first file in the order of names. */
function cyclesIn(graph: Map<string, string[]>): string[] {
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.add(cycle(trail.slice(at)));
    if (at >= 0 || done.has(path)) return;
    for (const name of graph.get(path) ?? []) {
      const target = join(dirname(path), name);
      if (name.startsWith('.') && graph.has(target)) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of [...graph.keys()].sort()) visit(path, []);
  return [...found];
}

function cycle(trail: string[]): string {
  const first = trail.indexOf([...trail].sort()[0] as string);
  const turned = [...trail.slice(first), ...trail.slice(0, first)];
  return `${turned[0]}: imports itself by way of ${[...turned.slice(1), turned[0]].join(' → ')}`;
}

if (import.meta.main) {
  const files = globSync('src/**/*.ts').filter(
    (path) => !path.startsWith('src/db/generated/') && path !== 'src/schema/core/pothos.gen.ts',
  );
  const problems = problemsOf(Object.fromEntries(files.map((path) => [path, readFileSync(path, 'utf8')])));
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} imports that should not be`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
