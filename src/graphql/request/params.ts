import { AppError } from '../../errors.ts';
import { type Limits, limits, tooComplex } from '../limits/limits.ts';
import type { Named } from './trusted-documents.ts';

/** The four parameters of GraphQL over HTTP (§ Request parameters). */
export type Params = {
  query: string;
  operationName?: string;
  variables?: Record<string, unknown>;
  extensions?: Record<string, unknown>;
};

/** Finds a request's document, by its id where it brings none (trusted-documents.ts). */
type FindDocument = (named: Named) => unknown;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const bad = (message: string) => new AppError('BAD_REQUEST', message);

/**
 * A JSON body as its value. Throws `BAD_REQUEST` for bytes that are not UTF-8 or not JSON; the
 * answer never quotes them.
 */
export function parseJson(body: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw bad('The request body is not valid UTF-8.');
  }
  return fromJson(text, 'request body');
}

/**
 * The parameters of a POST body. Throws `BAD_REQUEST`, or `QUERY_TOO_COMPLEX` for input that nests
 * or repeats too much.
 */
export function bodyParams(body: unknown, find: FindDocument, table: Limits = limits): Params {
  if (Array.isArray(body)) throw bad('Batches are not taken: send one operation a request.');
  return checkParams(body, find, table);
}

/** The parameters of a GET query string, where `variables` and `extensions` are JSON text. */
export function queryParams(
  query: Record<string, unknown>,
  find: FindDocument,
  table: Limits = limits,
): Params {
  const { query: text, documentId, operationName, variables, extensions } = query;
  const json = (value: unknown, name: string) =>
    typeof value === 'string' && value !== '' ? fromJson(value, name) : value;
  return checkParams(
    {
      query: text,
      documentId,
      operationName,
      variables: json(variables, 'variables'),
      extensions: json(extensions, 'extensions'),
    },
    find,
    table,
  );
}

function fromJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad(`The ${what} is not valid JSON.`);
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkParams(params: unknown, find: FindDocument, table: Limits): Params {
  if (!isMap(params)) throw bad('The request body must be a JSON object with `query`.');
  const { operationName, variables, extensions, documentId } = params;
  const query = find({ query: params.query, documentId, extensions });
  if (typeof query !== 'string' || query === '') throw bad('`query` must be a GraphQL document as a string.');
  if (operationName != null && typeof operationName !== 'string')
    throw bad('`operationName` must be a string.');
  if (variables != null && !isMap(variables)) throw bad('`variables` must be an object.');
  if (extensions != null && !isMap(extensions)) throw bad('`extensions` must be an object.');
  checkDocument(query, table);
  checkInput(variables, table);
  checkInput(extensions, table);
  return {
    query,
    operationName: operationName ?? undefined,
    variables: variables ?? {},
    extensions: extensions ?? {},
  };
}

// PostgreSQL's text cannot hold U+0000, whichever way it is spelled
const NULL_CHARACTER = /\0|\\u0000|\\u\{0+\}/;

function checkDocument(text: string, table: Limits): void {
  if (text.length > table.document) throw tooComplex();
  if (NULL_CHARACTER.test(text)) throw bad('`query` holds a null character.');
  if (deepestBracket(text) > table.nesting) throw tooComplex();
}

/** How many brackets are open at once at most, strings and comments left out. */
export function deepestBracket(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(
    /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n\r])*"|#[^\n\r]*|[[{(]|[\])}]/g,
  )) {
    if (token === '[' || token === '{' || token === '(') deepest = Math.max(deepest, ++open);
    else if (token === ']' || token === '}' || token === ')') open--;
  }
  return deepest;
}

// a stack of its own and not recursion: JSON.parse takes nesting that would overflow ours
function checkInput(root: unknown, table: Limits): void {
  const pending: [value: unknown, depth: number][] = [[root, 1]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [value, depth] = next;
    if (typeof value === 'string' && value.includes('\0')) throw bad('A value holds a null character.');
    if (typeof value !== 'object' || value === null) continue;
    if (depth > table.inputDepth) throw tooComplex();
    const entries = Object.entries(value);
    if (entries.length > table.inputItems) throw tooComplex();
    for (const [key, inner] of entries) {
      if (key === '__proto__') throw bad('An object holds the key `__proto__`.');
      pending.push([inner, depth + 1]);
    }
  }
}
