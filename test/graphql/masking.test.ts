import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { AppError, errorCodes } from '../../src/errors.ts';
import { storageError } from '../../src/graphql/errors/database-errors.ts';
import { maskError } from '../../src/graphql/errors/masking.ts';
import { limits } from '../../src/graphql/limits/limits.ts';
import { failures, toyServer } from '../support/server/toy-server.ts';

const { ask, lines, app } = toyServer();
const failing = (error: unknown) => {
  failures.now = () => {
    throw error;
  };
  return ask('{ fail(how: "now") }');
};
const codeOf = async (error: unknown) => (await failing(error)).json().errors[0].extensions.code;

/** The shapes that Prisma 7 with its PostgreSQL adapter gives. */
const prisma = (code: string, cause?: object) =>
  Object.assign(
    new Error(
      'Invalid `tx.user.create()` invocation:\n\n{ data: { iban: "DE89370400440532013000" } }\n\nfailed',
    ),
    {
      code,
      meta: { driverAdapterError: Object.assign(new Error('adapter'), { cause }) },
    },
  );
const postgres = (code: string, message: string) =>
  Object.assign(new Error(message), { code, detail: 'Key (iban)=(DE89) exists' });

describe('a field that fails', () => {
  test('[H5] with an AppError shows its code, message and fields, at HTTP 200 beside the data', async () => {
    const response = await ask('{ hello fail(how: "app") }');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      data: { hello: 'world', fail: null },
      errors: [
        {
          message: 'The amount must be positive.',
          path: ['fail'],
          locations: [{ line: 1, column: 9 }],
          extensions: { code: 'INVALID_INPUT', fields: { 'input.amount': 'expected more than 0' } },
        },
      ],
    });
  });

  test.each(Object.keys(errorCodes))('[H5] with %s keeps its code', async (code) => {
    expect(await codeOf(new AppError(code as keyof typeof errorCodes, 'said'))).toBe(code);
  });

  test.each([
    ['a bug', '{ fail(how: "bug") }'],
    ["a resolver's own GraphQLError", '{ fail(how: "graphql") }'],
    ['a null that must not be', '{ mustNotBeNull }'],
    ['a value that does not serialise', '{ overflow }'],
  ])(
    '[H5] by %s is INTERNAL with the request id that is in the log, and shows nothing else',
    async (_what, query) => {
      const response = await ask(query);
      const { message, extensions } = response.json().errors[0];
      expect(extensions).toEqual({ code: 'INTERNAL', requestId: response.headers['x-request-id'] });
      expect(message).toBe('Internal server error; quote the request id when you report it.');
      expect(response.payload).not.toMatch(/secret-in-message|SELECT|stack|123456789012|\.ts/);
      const logged = lines
        .map((line) => JSON.parse(line))
        .filter((line) => line.requestId === extensions.requestId);
      expect(logged.map((line) => line.level)).toEqual(['error', 'info']);
    },
  );

  test.each(Object.keys(errorCodes))(
    '[H5] an AppError has a stack trace only if the server is at fault: %s',
    (code) => {
      const limit = Error.stackTraceLimit;
      const { stack } = new AppError(code as keyof typeof errorCodes, 'said');
      expect(stack?.includes('masking.test.ts')).toBe(['INTERNAL', 'UNAVAILABLE'].includes(code));
      expect(Error.stackTraceLimit).toBe(limit);
      expect(new Error('another').stack).toContain('masking.test.ts');
    },
  );

  test.each([
    ['P2025', prisma('P2025'), 'NOT_FOUND'],
    ['P2003', prisma('P2003'), 'NOT_FOUND'],
    ['P2002', prisma('P2002'), 'CONFLICT'],
    ['P2034', prisma('P2034'), 'CONFLICT'],
    [
      'a foreign key',
      postgres('23503', 'insert or update on table "a" violates foreign key constraint'),
      'NOT_FOUND',
    ],
    [
      'a row still referenced',
      postgres('23503', 'update or delete on table "a" violates foreign key constraint'),
      'CONFLICT',
    ],
    [
      'another company',
      postgres('42501', 'new row violates row-level security policy for table "a"'),
      'NOT_FOUND',
    ],
    [
      'another company through Prisma',
      prisma('P2010', { originalCode: '42501', originalMessage: 'violates row-level security' }),
      'NOT_FOUND',
    ],
    ['a missing grant', postgres('42501', 'permission denied for table a'), 'INTERNAL'],
    ['SQL of ours', postgres('42601', 'syntax error at or near "x"'), 'INTERNAL'],
    ['a value out of range', postgres('22003', 'out of range'), 'INVALID_INPUT'],
    ['no database', postgres('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432'), 'UNAVAILABLE'],
    ['a connection that was reset', prisma('P2010', { kind: 'ConnectionClosed' }), 'UNAVAILABLE'],
    ['a name from Object.prototype', postgres('constructor', 'x'), 'INTERNAL'],
  ])('[H5] on %s names no table, column or value', async (_what, error, code) => {
    const response = await failing(error);
    expect(response.json().errors[0].extensions.code).toBe(code);
    expect(response.payload).not.toMatch(/DE89|iban|table|prisma|tx\.|ECONN/i);
  });

  test('[H5] with a circular chain of causes is taken for no database error', () => {
    const error: { cause?: unknown } = {};
    error.cause = error;
    expect(storageError(error)).toBeUndefined();
  });
});

describe('a request that fails', () => {
  test('[H5] in createContext carries the status of its code', async () => {
    const response = await ask('{ hello }', {}, { authorization: 'Bearer forged' });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toEqual({
      errors: [{ message: 'The credential is not valid.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('[H5] in createContext by a bug is 500 INTERNAL with the request id', async () => {
    const broken = toyServer({ createContext: async () => failures.bug?.() as never });
    const response = await broken.ask('{ hello }');
    expect(response.statusCode).toBe(500);
    expect(response.json().errors[0].extensions).toEqual({
      code: 'INTERNAL',
      requestId: response.headers['x-request-id'],
    });
    expect(response.payload).not.toContain('secret-in-message');
  });

  test.each([
    '{ helo }',
    '{ deep { leav } }',
    '{ echo(kind: FRIST) }',
    '{ echo(txt: "x") }',
    'query($k: Knd) { echo(kind: $k) }',
    '{ ...on Dep { leaf } }',
  ])('[H4] %s is answered without a suggestion', async (query) => {
    const response = await ask(query);
    expect(response.json().errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
    expect(response.payload).not.toMatch(/did you mean|leaf"|FIRST/i);
  });

  test('[H5] invalid variables are INVALID_INPUT with path and rule, without the value', async () => {
    const query =
      'query($input: Input, $kind: Kind, $number: Int) { echo(input: $input, kind: $kind, number: $number) }';
    const values = {
      input: { password: { hunter2: 1 }, amount: '"; at "x"; hunter2', inner: [{ password: 'p' }] },
      kind: 'FRIST',
      number: 'hunter2',
    };
    const response = await ask(query, values);
    const fields = Object.assign(
      {},
      ...response.json().errors.map((e: { extensions: { fields: object } }) => e.extensions.fields),
    );
    expect(fields).toEqual({
      'input.password': 'expected a value of type String',
      'input.amount': 'expected a value of type Int',
      'input.inner[0]': '`amount` of type Int! is required',
      kind: 'expected a value of the enum Kind',
      number: 'expected a value of type Int',
    });
    expect(response.payload).not.toMatch(/hunter2|FIRST/);
    expect(lines.join()).not.toMatch(/hunter2/);
  });

  test('[H5] a missing variable is BAD_REQUEST', async () => {
    expect((await ask('query($i: [ID!]!) { named(ids: $i) { id } }')).json().errors[0].extensions).toEqual({
      code: 'BAD_REQUEST',
    });
  });

  const long = 'x'.repeat(limits.body - 1_000);
  test.each([
    ['of an enum', { kind: long }, 'kind'],
    ['under an unknown name', { input: { password: '', amount: 1, [long]: 1 } }, 'input'],
    ['of an integer', { number: long }, 'number'],
  ])(
    '[H4] a value as long as a body, %s, is refused without a search from each of its characters',
    async (_what, values, path) => {
      const query =
        'query($input: Input, $kind: Kind, $number: Int) { echo(input: $input, kind: $kind, number: $number) }';
      const { errors } = (await ask(query, values)).json();
      expect(errors[0].extensions).toEqual({
        code: 'INVALID_INPUT',
        fields: { [path]: expect.stringMatching(/^(expected a value|has a field)/) },
      });
    },
  );

  test('[H4] a message is masked without a search from each of its blanks', () => {
    const blanks = ' '.repeat(1_000_000);
    const { message } = maskError(new GraphQLError(`Syntax Error: Found "${blanks}". Did you mean "x"?`));
    expect(message).toBe(`Syntax Error: Found "${blanks}`.slice(0, 500));
  });

  test('[H5] a very long value is not sent back', async () => {
    const response = await ask(`{ echo(number: "${'x'.repeat(40_000)}") }`);
    expect(response.payload.length).toBeLessThan(1_000);
  });

  test.each(['{', '{ helo }'])(
    '[H4] %s is 400 for clients of the new media type and 200 for the old',
    async (query) => {
      const status = async (accept: string) => (await ask(query, {}, { accept })).statusCode;
      expect([await status('application/graphql-response+json'), await status('application/json')]).toEqual([
        400, 200,
      ]);
    },
  );

  test('[H5] an unknown address is 404 NOT_FOUND in the same shape', async () => {
    const response = await app.inject('/nothing?token=hunter2');
    expect([response.statusCode, response.json().errors[0].extensions]).toEqual([404, { code: 'NOT_FOUND' }]);
    expect(lines.join()).not.toContain('hunter2');
  });
});
