import { safeError } from '../safe-error.ts';

/** An error in a chain of causes, as it leaves the deployment. */
export type TrackedError = { type: string; message: string; stack: string[] };

const MOST_CAUSES = 3;
const CLASS = /^\w{1,60}$/;
/** SQLSTATE, or a code of Prisma or Node. */
const CODE = /^[A-Z][A-Z0-9_]{2,40}$|^[0-9A-Z]{5}$/;
/** Addresses, ids, numbers and tokens; text in quotes is gone before. */
const VALUE = /\S*@\S*|[^\s.,;:()]*\d[^\s.,;:()]*|\S{24,}/g;

/**
 * Returns an error and its causes without values. What has a code comes from the database or the
 * system, whose messages may quote a row: the code stands in place of the message.
 */
export function trackedErrors(error: unknown): TrackedError[] {
  const tracked: TrackedError[] = [];
  for (let one = error; one instanceof Error && tracked.length < MOST_CAUSES; one = one.cause)
    tracked.push(trackedError(one));
  return tracked.length > 0
    ? tracked
    : [{ type: 'Error', message: `A ${typeof error} was thrown.`, stack: [] }];
}

function trackedError(error: Error): TrackedError {
  const { type, code, message, stack } = safeError(error);
  return {
    type: CLASS.test(String(type)) ? String(type) : 'Error',
    message: code === undefined ? String(message).replace(VALUE, '…') : codeOf(code),
    stack: (stack as string[]).map(withoutFolder),
  };
}

const codeOf = (code: unknown): string => (CODE.test(String(code)) ? `Code ${code}` : 'Code unknown');

/** The folder of an installation names machines and users. */
const withoutFolder = (frame: string): string =>
  frame
    .replaceAll(ROOT, '')
    .replace(/file:\/\/\/?/g, '')
    .replace(/\((?:\/|[A-Z]:)[^)]*\/node_modules\//, '(node_modules/');

const ROOT = new URL('../../', import.meta.url).pathname;
