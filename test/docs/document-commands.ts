import { globSync, readFileSync } from 'node:fs';

export const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...globSync('{docs,examples}/**/*.md').sort(),
];

/** A command of a document. `variables` are those that it sets for itself. */
export type Command = { page: string; command: string; variables: string[] };

const BLOCK = /^```(\w*)\n([\s\S]*?)^```$/gm;
const SHELLS = new Set(['sh', 'bash', 'shell', 'console']);
const PROGRAM = /^(?:[A-Z_]+=\S+ )*(?:npm|npx|node|openssl|psql) \S/;

/** The languages of a page's blocks. */
export const languagesOf = (text: string): string[] =>
  [...text.matchAll(BLOCK)].map(([, language = '']) => language);

/**
 * The commands of a page: lines of its shell blocks, without comments, and code in sentences and
 * tables that begins with a program.
 */
export function commandsIn(page: string, text: string): Command[] {
  const lines = [...text.matchAll(BLOCK)]
    .filter(([, language = '']) => SHELLS.has(language))
    .flatMap(([, , body = '']) => body.split('\n'))
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim());
  const spans = [...text.replace(BLOCK, '').matchAll(/`([^`]+)`/g)].map(([, span = '']) =>
    span.replace(/\s+/g, ' '),
  );
  return [...lines, ...spans.filter((span) => PROGRAM.test(span))]
    .flatMap((line) => line.split(' && '))
    .filter((line) => line !== '' && line !== 'npm run')
    .map((line) => ({ page, ...withoutVariables(line) }));
}

function withoutVariables(line: string): Omit<Command, 'page'> {
  const [set = ''] = /^(?:[A-Z_]+=\S+ )*/.exec(line) ?? [];
  const variables = [...set.matchAll(/([A-Z_]+)=/g)].map(([, name = '']) => name);
  return { command: line.slice(set.length), variables };
}

/** Every command of every page. */
export const documentedCommands = (): Command[] =>
  PAGES.flatMap((page) => commandsIn(page, readFileSync(page, 'utf8')));
