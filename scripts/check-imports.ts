/**
 * `node scripts/check-imports.ts`: verifies layer directions, types included, rejects cycles of
 * files and folders, and limits dangerous modules to few places.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// A file may import from its own layer and from those below it.
const LAYERS = [
  ['main', 'serve', 'workers', 'cli'],
  ['app'],
  ['http'],
  ['graphql'],
  ['context', 'schema'],
  ['domain', 'auth', 'services', 'notifications', 'jobs'],
  ['db', 'audit', 'crypto', 'health'],
  [
    'deadline',
    'config',
    'errors',
    'outage',
    'bounded-cache',
    'network-address',
    'shortcuts',
    'counters',
    'tracing',
    'safe-error',
    'error-tracking',
    'cost-directives',
  ],
];
const CRYPTO = ['crypto', 'auth', 'audit', 'webhooks'];
/** Modules that a resolver must not import: statements, connections, keys, services. */
const FORBIDDEN_TO_RESOLVERS =
  /^src\/(services|db\/(?!guarantees\.gen|reader|tenant\/context).*|crypto\/keys\/.*|audit\/record\/append)\.ts$/;

/** Data about the models and the tenant of a call: folders of every layer below read them. */
const SHARED = /^src\/db\/(guarantees\.gen|tenant\/context)\.ts$|^src\/db\/generated\//;

/** Packages that only these files may import, and what others use. */
const PACKAGES: { name: RegExp; allowed: RegExp; where: string; instead: string }[] = [
  {
    name: /^(pg|@prisma\/.+)$/,
    allowed: /^src\/(db|audit\/verify)\//,
    where: 'src/db/ and src/audit/verify/',
    instead: "read and write through the command's `tx`, such as `tx.employee.findFirst({ where })`",
  },
  {
    name: /^@opentelemetry\//,
    allowed: /^src\/tracing\/(otlp|traceparent)\.ts$/,
    where: 'src/tracing/otlp.ts and src/tracing/traceparent.ts',
    instead: 'record spans through src/tracing/trace.ts',
  },
  {
    name: /^@sentry\//,
    allowed: /^src\/error-tracking\/sentry\.ts$/,
    where: 'src/error-tracking/sentry.ts',
    instead: 'report errors through src/error-tracking/hook.ts',
  },
  {
    name: /^pg-boss$/,
    allowed: /^src\/jobs\/queue\/queue\.ts$/,
    where: 'src/jobs/queue/queue.ts',
    instead: "add jobs through the command's `enqueue`",
  },
];

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g;

/** Source by path, such as `src/app.ts`. */
export type Sources = Record<string, string>;

/** Returns one sentence for each forbidden import of these files. */
export function problemsOf(sources: Sources): string[] {
  const graph = new Map(Object.entries(sources).map(([path, source]) => [path, importsOf(source)]));
  const single = [...graph].flatMap(([path, imports]) =>
    imports.flatMap((name) => problemOf(path, name) ?? []),
  );
  const packages = Object.entries(sources).flatMap(packageProblems);
  const environment = Object.entries(sources).flatMap(([path, source]) =>
    /\bprocess\.env\b/.test(withoutComments(source)) && path !== 'src/config.ts'
      ? [`${path}: reads process.env; only src/config.ts does`]
      : [],
  );
  const files = targetsIn(graph);
  return [
    ...single,
    ...packages,
    ...environment,
    ...cyclesIn(files).map(sentence),
    ...cyclesIn(foldersOf(files)).map((cycle) => `folders: ${sentence(cycle)}`),
  ];
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

function packageProblems([path, source]: [string, string]): string[] {
  return importsOf(source).flatMap((name) =>
    PACKAGES.filter((one) => one.name.test(name) && !one.allowed.test(path)).map(({ where, instead }) => {
      const line = source.split('\n').findIndex((text) => text.includes(`'${name}'`)) + 1;
      return `${path}:${line}: imports ${name}; only ${where} do; ${instead}`;
    }),
  );
}

type Graph = Map<string, string[]>;

/** The files that each file imports. */
const targetsIn = (graph: Graph): Graph =>
  new Map(
    [...graph].map(([path, names]) => [
      path,
      names
        .filter((name) => name.startsWith('.'))
        .map((name) => join(dirname(path), name))
        .filter((target) => graph.has(target)),
    ]),
  );

/** `src/db/tenant/pool.ts` → `src/db/tenant`; files directly in `src` are their own node. */
const folderOf = (path: string): string =>
  dirname(path) === 'src' ? path : dirname(path).split('/').slice(0, 3).join('/');

/** The folders that each folder imports, down to two levels below `src`. */
function foldersOf(files: Graph): Graph {
  const folders: Graph = new Map();
  for (const [path, targets] of files) {
    const folder = folderOf(path);
    const others = targets.filter((target) => !SHARED.test(target)).map(folderOf);
    folders.set(folder, [...(folders.get(folder) ?? []), ...others.filter((other) => other !== folder)]);
  }
  return folders;
}

/** Returns each cycle once, from its first node by name. */
function cyclesIn(graph: Graph): string[][] {
  const found = new Map<string, string[]>();
  const done = new Set<string>();
  const visit = (node: string, trail: string[]): void => {
    const at = trail.indexOf(node);
    if (at >= 0) {
      const cycle = fromFirst(trail.slice(at));
      found.set(cycle.join(), cycle);
    }
    if (at >= 0 || done.has(node)) return;
    for (const target of graph.get(node) ?? []) visit(target, [...trail, node]);
    done.add(node);
  };
  for (const node of [...graph.keys()].sort()) visit(node, []);
  return [...found.values()];
}

function fromFirst(trail: string[]): string[] {
  const first = trail.indexOf([...trail].sort()[0] as string);
  return [...trail.slice(first), ...trail.slice(0, first)];
}

const sentence = ([first, ...others]: string[]): string =>
  `${first}: imports itself by way of ${[...others, first].join(' → ')}`;

if (import.meta.main) {
  const files = globSync('src/**/*.ts').filter(
    (path) => !path.startsWith('src/db/generated/') && path !== 'src/schema/core/pothos.gen.ts',
  );
  const problems = problemsOf(Object.fromEntries(files.map((path) => [path, readFileSync(path, 'utf8')])));
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} imports that should not be`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
