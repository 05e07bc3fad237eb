import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { apiPage, GROUPS } from '../../scripts/api-page.ts';
import { errorsPage } from '../../scripts/docs.ts';
import { schemaText } from '../../scripts/schema-text.ts';
import { buildSchema } from '../../src/schema/index.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const filesUnder = (folder: string, end: string) =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => path.endsWith(end))
    .map((path) => join(folder, path));

/** The cells of each row of a page's tables; the head and its line are left out. */
const tableRows = (text: string): string[][] =>
  [...text.matchAll(/^\|(.+)\|$/gm)]
    .map(([, cells = '']) => cells.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')))
    .filter(
      (cells, index, all) =>
        !cells.every((cell) => /^-*$/.test(cell)) && !all[index + 1]?.every((cell) => /^-+$/.test(cell)),
    );

/** The words in backquotes of a cell: files or names. */
const codeIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);

/** Titles of tests that run. Titles in a comment, or behind skip or todo, do not count. */
const TITLE =
  /\b(?:it|test|describe)(?:\.(?:each|for)(?:\([\s\S]*?\)|`[\s\S]*?`))?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
const idsInTitles = (path: string) => {
  const code = read(path).replace(/^\s*\/\/.*$/gm, '');
  const titles = [...code.matchAll(TITLE)].map(([, , title = '']) => title);
  return titles.flatMap((title) => [...title.matchAll(/\[([A-Z]\d+)\]/g)].map(([, id = '']) => id));
};

/** Ids such as `D3`, and ranges such as `S1–S15`. */
const expandIds = (cell = '') =>
  cell.split(' ').flatMap((part) => {
    const [, letter, from, to = from] = part.match(/^([A-Z])(\d+)(?:–[A-Z](\d+))?$/) ?? [];
    return Array.from(
      { length: Number(to) - Number(from) + 1 },
      (_, step) => `${letter}${Number(from) + step}`,
    );
  });

const [guaranteesPage = '', otherIdsPage = ''] = read('docs/guarantees.md').split('\n## Other ids');
const guarantees = tableRows(guaranteesPage);
const guaranteeIds = new Set(guarantees.map(([id]) => id));

describe('docs/guarantees.md', () => {
  it('lists each guarantee once', () => {
    expect(guarantees.length).toBeGreaterThan(25);
    expect(guaranteeIds.size).toBe(guarantees.length);
  });

  it.each(guarantees)('%s names files that exist and tests that carry its id', (id, _text, files, tests) => {
    expect(codeIn(files)).not.toEqual([]);
    expect(codeIn(tests)).not.toEqual([]);
    expect([...codeIn(files), ...codeIn(tests)].filter((path) => !existsSync(path))).toEqual([]);
    expect(codeIn(tests).filter((path) => !idsInTitles(path).includes(String(id)))).toEqual([]);
  });

  it('explains every id that a test title carries', () => {
    const explained = new Set([
      ...guaranteeIds,
      ...tableRows(otherIdsPage).flatMap(([ids]) => expandIds(ids)),
    ]);
    const unexplained = filesUnder('test', '.test.ts').flatMap((path) =>
      idsInTitles(path)
        .filter((id) => !explained.has(id))
        .map((id) => `${path}: ${id}`),
    );
    expect(unexplained).toEqual([]);
  });
});

describe('README.md', () => {
  it('summarizes guarantees that docs/guarantees.md lists, each with one file and one test', () => {
    const summary = tableRows(read('README.md').split('\n## Guarantees')[1]?.split('\n## ')[0] ?? '');
    expect(summary.length).toBeGreaterThan(5);
    for (const [id, _text, file, test] of summary) {
      const listed = guarantees.find(([known]) => known === id) ?? [];
      expect([codeIn(file).length, codeIn(test).length]).toEqual([1, 1]);
      expect([listed[0], codeIn(listed[2]), codeIn(listed[3])]).toEqual([
        id,
        expect.arrayContaining(codeIn(file)),
        expect.arrayContaining(codeIn(test)),
      ]);
    }
  });
});

describe('the documents', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...filesUnder('docs', '.md')];

  it.each(pages)('%s links to existing files', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path = '']) =>
      join(dirname(page), path),
    );
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md'])(
    '%s names files and folders that exist',
    (page) => {
      const isPath = /^(src|test|prisma|scripts|docs|examples)\/(?!.*00NN)[\w./-]+$/;
      const paths = codeIn(read(page).replace(/^```[\s\S]*?^```$/gm, '')).filter((code) => isPath.test(code));
      expect(paths.length).toBeGreaterThan(0);
      expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    },
  );

  it('docs/api.md names each operation of the schema once', () => {
    const roots = ['Query', 'Mutation', 'Subscription'].map((name) => buildSchema().getType(name));
    const operations = roots.flatMap((root) =>
      isObjectType(root) ? Object.keys(root.getFields()).map((name) => [name, root.name.toLowerCase()]) : [],
    );
    const listed = tableRows(read('docs/api.md')).map(([name, kind]) => [codeIn(name)[0], kind]);
    expect(listed.sort()).toEqual(operations.sort());
  });

  it('scripts/api-page.ts groups no operation that the schema does not have', () => {
    const page = apiPage(buildSchema());
    const names = Object.values(GROUPS).flat();
    expect(names.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('docs/api.md, docs/errors.md and schema.graphql are up to date', () => {
    expect(read('docs/api.md')).toBe(apiPage(buildSchema()));
    expect(read('docs/errors.md')).toBe(errorsPage());
    expect(read('schema.graphql')).toBe(schemaText(buildSchema()));
  });

  it('docs/decisions/dependencies.md has each package at its version, with a reason', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
    const listed = tableRows(read('docs/decisions/dependencies.md')).map(([name, version, reason]) => [
      codeIn(name)[0],
      version,
      Boolean(reason),
    ]);
    const wanted = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).map(
      ([name, version]) => [name, version, true],
    );
    expect(listed.sort()).toEqual(wanted.sort());
  });

  it('docs/operations.md and .env.example name the same variables', () => {
    const section = read('docs/operations.md').split('\n## Environment')[1]?.split('\n## ')[0] ?? '';
    const documented = tableRows(section).flatMap(([names]) => codeIn(names));
    const given = [...read('.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual(given.sort());
  });
});
