import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorsPage, schemaText } from '../../scripts/docs.ts';
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

/** `file.ts` … and "a test's title" … in a cell. */
const codeIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
const titlesIn = (cell = '') => [...cell.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title);

/** Every title that is run: it('…'), test.each([…])('…'), describe('…'). One in a comment, or behind skip or todo, is none. */
const TITLE =
  /\b(?:it|test|describe)(?:\.(?:each|for)(?:\([\s\S]*?\)|`[\s\S]*?`))?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
const titles = new Set(
  filesUnder('test', '.test.ts').flatMap((path) =>
    [
      ...read(path)
        .replace(/^\s*\/\/.*$/gm, '')
        .matchAll(TITLE),
    ].map(([, , title = '']) => title.replace(/\\(.)/g, '$1')),
  ),
);

const guarantees = tableRows(read('docs/guarantees.md'));
const promises = tableRows(read('README.md').split('## Promises')[1]?.split('\n## ')[0] ?? '');

describe('docs/guarantees.md', () => {
  it('has rows, each once', () => {
    expect(guarantees.length).toBeGreaterThan(25);
    expect(new Set(guarantees.map(([id]) => id)).size).toBe(guarantees.length);
  });

  it.each(guarantees)(
    '%s names files that are there and tests that exist',
    (id, _promise, keepers, proofs) => {
      expect(codeIn(keepers)).not.toEqual([]);
      expect(codeIn(keepers).filter((path) => !existsSync(path))).toEqual([]);
      expect(titlesIn(proofs)).not.toEqual([]);
      expect(titlesIn(proofs).filter((title) => !titles.has(title))).toEqual([]);
      expect(titlesIn(proofs).some((title) => title.includes(`[${id}]`))).toBe(true);
    },
  );
});

describe('README.md', () => {
  it('promises only what docs/guarantees.md proves', () => {
    expect(promises.length).toBeGreaterThan(5);
    const proven = new Set(guarantees.flatMap(([, , , proofs]) => titlesIn(proofs)));
    for (const [, file, proof] of promises) {
      expect(codeIn(file).filter((path) => !existsSync(path))).toEqual([]);
      expect(titlesIn(proof).filter((title) => !proven.has(title))).toEqual([]);
      expect([codeIn(file).length, titlesIn(proof).length]).toEqual([1, 1]);
    }
  });
});

describe('the documents', () => {
  const pages = ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...filesUnder('docs', '.md')];

  it.each(pages)('%s links to files that are there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path = '']) =>
      join(dirname(page), path),
    );
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('docs/errors.md and schema.graphql say what the code says', () => {
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
