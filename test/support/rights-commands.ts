import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { rightsModels } from '../../src/auth/rights/rows.ts';

/** A use case and the tables of rights that its code, or code that it calls, writes. */
export type RightsCommand = { name: string; kind: 'command' | 'identityCommand'; writes: string[] };

type Declaration = { text: string; calls: string[]; kind: RightsCommand['kind'] | null };
type Declarations = Map<string, Declaration>;

const DECLARED = /^(?:export )?(?:async )?(?:function|const) (\w+)/;
const USE_CASE = /^export const \w+ = (command|identityCommand)\(/;
const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/**
 * Returns the use cases that can write a row of rights or that compare levels, found in the source:
 * the calls of each are followed from its declaration. Functions and foreign keys of the database
 * write too.
 */
export async function rightsCommands(owner: pg.Client): Promise<RightsCommand[]> {
  const declarations = declarationsOf(globSync('src/**/*.ts', { exclude: ['src/**/generated/**'] }));
  const writes = await writesIn(owner);
  return [...declarations].flatMap(([key, { kind }]) => {
    if (!kind) return [];
    const reached = [...reachedFrom(key, declarations)];
    const texts = reached.map((one) => declarations.get(one)?.text ?? '');
    const written = [...new Set(texts.flatMap(writes))].toSorted();
    const compares = reached.some((one) => one.endsWith('check.ts#requireLevel'));
    return written.length > 0 || compares ? [{ name: key.split('#')[1] ?? '', kind, writes: written }] : [];
  });
}

/**
 * The top-level declarations of these files by `path#name`, with those that they mention; a
 * property or a text is no mention.
 */
function declarationsOf(paths: string[]): Declarations {
  const declarations: Declarations = new Map();
  for (const path of paths) {
    const source = withoutComments(readFileSync(path, 'utf8'));
    const blocks = source.split(/^(?=\S)/m).reduce(intoBlocks, ['']);
    const own = blocks.map((block): [string, string] => [DECLARED.exec(block)?.[1] ?? '', block]);
    const names = new Map([
      ...importsOf(path, source),
      ...own.map(([name]): [string, string] => [name, `${path}#${name}`]),
    ]);
    for (const [name, text] of own) {
      const calls = [...new Set(text.match(/(?<!'|[^.]\.)\b\w+/g))].flatMap((word) => names.get(word) ?? []);
      const kind = (USE_CASE.exec(text)?.[1] ?? null) as Declaration['kind'];
      declarations.set(`${path}#${name}`, { text, calls, kind });
    }
  }
  return declarations;
}

/** Appends a line to the declaration that it continues. */
const intoBlocks = (blocks: string[], part: string): string[] =>
  DECLARED.test(part) ? [...blocks, part] : blocks.with(-1, (blocks.at(-1) ?? '') + part);

function importsOf(path: string, source: string): [name: string, key: string][] {
  return [...source.matchAll(/import \{([^}]*)\} from '(\.[^']+)'/g)].flatMap(([, names = '', from = '']) =>
    names.split(',').flatMap((part): [string, string][] => {
      const [name = '', local = name] = part.trim().split(' as ');
      return /^\w+$/.test(name) ? [[local, `${join(dirname(path), from)}#${name}`]] : [];
    }),
  );
}

function reachedFrom(key: string, declarations: Declarations, reached = new Set<string>()): Set<string> {
  if (reached.has(key)) return reached;
  reached.add(key);
  for (const call of declarations.get(key)?.calls ?? []) reachedFrom(call, declarations, reached);
  return reached;
}

/** Returns a function that names the tables of rights that a text writes. */
async function writesIn(owner: pg.Client): Promise<(text: string) => string[]> {
  const models = rightsModels.join('|');
  const client = new RegExp(`\\.(${models})\\.(?:create|update|upsert|delete)`, 'gi');
  const sql = new RegExp(`(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO) (?:public\\.)?"(${models})"`, 'g');
  const functions = await owner.query(
    `SELECT proname AS name, prosrc AS body FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
  );
  const parents = await owner.query(
    `SELECT DISTINCT p.relname AS parent, c.relname AS child FROM pg_constraint k
     JOIN pg_class p ON p.oid = k.confrelid JOIN pg_class c ON c.oid = k.conrelid
     WHERE k.contype = 'f' AND c.relname = ANY ($1::text[]) AND k.confdeltype IN ('c', 'n', 'd')`,
    [[...rightsModels]],
  );
  const named = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(
      ([, name = '']) => rightsModels.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name,
    );
  return (text) => [
    ...named(text, client),
    ...named(text, sql),
    ...functions.rows.flatMap(({ name, body }) =>
      new RegExp(`\\b${name}\\(`).test(text) ? named(body, sql) : [],
    ),
    ...parents.rows.flatMap(({ parent, child }) =>
      new RegExp(`\\.${parent}\\.delete|DELETE FROM "${parent}"`, 'i').test(text) ? [child] : [],
    ),
  ];
}
