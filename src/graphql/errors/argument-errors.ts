import type { GraphQLError } from 'graphql';
import { type AppError, type FieldErrors, invalidInput } from '../../errors.ts';

const CURSOR = 'expected a cursor that this server gave';
const ID_ARGUMENT = /^(id|ids|\w+Ids?|after|input|filter)$/;

type Reason = [pattern: RegExp, fields: (found: string[], given: string[]) => FieldErrors];
const each = (names: string[], expected: string): FieldErrors =>
  Object.fromEntries(names.map((name) => [name, expected]));

/**
 * What Pothos says about an argument that it refuses while running, and the same without repeating
 * what was sent.
 */
const reasons: Reason[] = [
  [/^Argument "(\w+)" must be a non-negative/, ([, name = '']) => ({ [name]: 'expected 0 or more' })],
  [/^Arguments "(\w+)" and "(\w+)"/, ([, one, name = '']) => ({ [name]: `expected without \`${one}\`` })],
  [
    /cursor/i,
    (_, given) =>
      each(
        given.filter((name) => name === 'after' || name === 'before'),
        CURSOR,
      ),
  ],
  [
    /^ID: [\s\S]* is not of type: (\w+(?:, \w+)*)$/,
    ([, types], given) =>
      each(
        given.filter((name) => ID_ARGUMENT.test(name)),
        `expected the id of: ${types}`,
      ),
  ],
  [
    /id/i,
    (_, given) =>
      each(
        given.filter((name) => ID_ARGUMENT.test(name)),
        'expected an id that this server gave',
      ),
  ],
];

/**
 * Ids, cursors and page sizes are checked while running: INVALID_INPUT that names the arguments;
 * undefined when it is none of these.
 */
export function argumentError(error: GraphQLError, origin: unknown): AppError | undefined {
  if (!(origin instanceof Error) || !['PothosValidationError', 'PothosSchemaError'].includes(origin.name))
    return undefined;
  const [node] = error.nodes ?? [];
  const given = node?.kind === 'Field' ? (node.arguments ?? []).map(({ name }) => name.value) : [];
  const fields = fieldsOf(origin.message, given);
  return invalidInput(fields);
}

function fieldsOf(message: string, given: string[]): FieldErrors {
  for (const [pattern, fields] of reasons) {
    const found = pattern.exec(message);
    const named = found ? fields(found, given) : {};
    if (Object.keys(named).length > 0) return named;
  }
  return each(given, 'expected another value');
}
