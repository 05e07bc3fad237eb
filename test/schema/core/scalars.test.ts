import type { GraphQLScalarType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../../../src/schema/index.ts';
import { openWorld, type World } from '../../support/server/world.ts';

let world: World;
let token: string;
beforeAll(async () => {
  world = await openWorld();
  token = await world.signIn('company_admin');
});
afterAll(() => world?.end());

/** A place for a value of each scalar that the schema declares itself. */
const places: Record<string, (value: string) => string> = {
  DateTime: (value) => `auditEvents(filter: { occurredFrom: ${value} }) { totalCount }`,
  Date: (value) =>
    `recordAttendance(input: { employeeId: "x", workedOn: ${value}, minutes: 1 }) { __typename }`,
  Decimal: (value) => `setEmployeeSalary(input: { employeeId: "x", salary: ${value} }) { __typename }`,
  PasskeyResponse: (value) =>
    `finishPasskeySignIn(input: { challengeId: "x", response: ${value} }) { __typename }`,
};
const keyword = (scalar: string) => (scalar === 'DateTime' ? 'query' : 'mutation');
/** JSON text, which is a GraphQL literal too. */
const WRONG = [
  '"x"',
  '""',
  '1',
  '-1.5',
  'true',
  '[]',
  '["x"]',
  '"2026-11-31T00:00:00Z"',
  '"0000-01-01T00:00:00Z"',
];

async function codesOf(query: string, variables: object = {}): Promise<(string | undefined)[]> {
  for (const by of [token, undefined]) {
    const { errors } = await world.ask(query, variables, by);
    if (errors?.some(({ extensions }) => extensions.code === 'INTERNAL')) return ['INTERNAL'];
  }
  const { errors } = await world.ask(query, variables, token);
  return errors?.map(({ extensions }) => extensions.code) ?? [];
}

describe.each(Object.keys(places))('%s', (scalar) => {
  const at = places[scalar] as (value: string) => string;

  test.each(WRONG)(
    '[B1] refuses %s inline, as a variable and as a default, never with INTERNAL',
    async (text) => {
      const answers = [
        await codesOf(`${keyword(scalar)} { ${at(text)} }`),
        await codesOf(`${keyword(scalar)} ($value: ${scalar}!) { ${at('$value')} }`, {
          value: JSON.parse(text),
        }),
        await codesOf(`${keyword(scalar)} ($value: ${scalar}! = ${text}) { ${at('$value')} }`),
      ];
      for (const codes of answers) {
        expect(codes.length).toBeGreaterThan(0);
        for (const code of codes) expect(['BAD_REQUEST', 'INVALID_INPUT']).toContain(code);
      }
    },
  );
});

test.each(['2026-11-31', '2026-02-29', '2026-13-01', '0000-01-01'])(
  '[B2] a DateTime on %s, which no calendar has, is refused',
  async (day) => {
    for (const time of ['00:00:00Z', '23:59:59+14:00']) {
      const codes = await codesOf(
        `{ ${(places.DateTime as (value: string) => string)(`"${day}T${time}"`)} }`,
      );
      expect(codes).toEqual(['BAD_REQUEST']);
    }
  },
);

test('[B2] a DateTime at an end of the day or of a leap year is accepted', async () => {
  for (const text of ['2028-02-29T23:59:59.999Z', '2026-12-31T00:00:00-11:30', '0001-01-01T00:00:00Z'])
    expect(await codesOf(`{ ${(places.DateTime as (value: string) => string)(`"${text}"`)} }`)).toEqual([]);
});

test.each([
  ['Decimal', 'a decimal as text, such as "1234.50"'],
  ['Date', 'a day, such as "2026-01-31"'],
  ['DateTime', 'a moment, such as "2026-01-31T09:00:00Z"'],
])(
  '[B1] a variable that is no %s is told the form that is expected, and not what it was',
  async (scalar, form) => {
    const place = places[scalar] as (value: string) => string;
    const query = `${keyword(scalar)} ($value: ${scalar}!) { ${place('$value')} }`;
    const { errors } = await world.ask(query, { value: 'secret"; expected a secret' }, token);
    expect(errors?.[0]?.extensions).toMatchObject({ fields: { value: `expected ${form}` } });
    expect(JSON.stringify(errors)).not.toContain('secret');
  },
);

test.each(['urn:uuid:', '{', ''])(
  '[B1] an id that is no UUID of the usual form (%s) is INVALID_INPUT',
  async (prefix) => {
    const id = btoa(`Employee:${prefix}01a227f7f29d7760baceee71178d829d`);
    const { errors } = await world.ask('query ($id: ID!) { employee(id: $id) { id } }', { id }, token);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      fields: { id: 'expected an id' },
    });
  },
);

describe('[B2] a Date is written as its day in UTC', () => {
  const { serialize } = buildSchema().getType('Date') as GraphQLScalarType;

  test.each([
    '0001-01-01',
    '0999-12-31',
    '1000-01-01',
    '1969-12-31',
    '2024-02-29',
    '2026-09-09',
    '9999-12-31',
  ])('%s', (day) => {
    expect(serialize(new Date(`${day}T00:00:00.000Z`))).toBe(day);
    expect(serialize(new Date(`${day}T23:59:59.999Z`))).toBe(day);
  });

  test('and an invalid one is refused', () => {
    expect(() => serialize(new Date(Number.NaN))).toThrow(RangeError);
  });
});
