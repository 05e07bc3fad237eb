import fc from 'fast-check';
import { $Enums } from '../../../src/db/generated/client.ts';
import { type FieldGuarantee, guarantees, type ModelName } from '../../../src/db/guarantees.gen.ts';

export type Any = fc.Arbitrary<unknown>;
export type Field = FieldGuarantee & { name: string };

/** Text that SQL, LIKE, JSON or an array literal could trip over. */
export const ODD_TEXT = [
  ...[
    '',
    ' ',
    '%',
    '_',
    '\\',
    '\\%',
    "'",
    '"',
    `'; DROP TABLE "Employee"; --`,
    '$1',
    '{}',
    '{a,"b"}',
    'NULL',
  ],
  ...[
    'null',
    'true',
    'a\nb\tc',
    '\u0001',
    'ß',
    'İi',
    '名前',
    '👩‍👧',
    'e\u0301',
    '\u202e',
    '__proto__',
    'A%b_c',
    '00',
  ],
  'x'.repeat(3000),
];
const EDGES = [
  '0001-01-03',
  '0099-12-31',
  '1582-10-10',
  '1969-12-31',
  '1970-01-01',
  '2024-02-29',
  '9999-12-31',
];
export const EDGE_DATES = EDGES.flatMap((day) => [`${day}T00:00:00.000Z`, `${day}T23:59:59.999Z`]).map(
  (text) => new Date(text),
);

export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD_TEXT) },
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
export const STRANGE: Record<string, (field: Field) => Any> = {
  uuid: () => fc.uuid(),
  text: () => text,
  'text[]': () => fc.array(text, { maxLength: 3 }),
  enum: ({ type }) => fc.constantFrom(...Object.values($Enums[type as 'AccessScope'])),
  integer: () => fc.oneof(fc.integer({ min: -2147483647 }), fc.constantFrom(0, -0, 480)),
  boolean: () => fc.boolean(),
  other: () => fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  date: () => fc.constantFrom(...EDGE_DATES),
  timestamptz: () => fc.constantFrom(...EDGE_DATES),
};

const fieldsOf = (model: ModelName): Field[] =>
  Object.entries(guarantees[model].fields).map(([name, field]) => ({ name, ...field }));
export const scalars = (model: ModelName) => fieldsOf(model).filter(({ relation }) => !relation);
export const relations = (model: ModelName) => fieldsOf(model).filter(({ relation }) => relation);
export const total = (model: ModelName) =>
  guarantees[model].fields.id ? 'id' : (scalars(model)[0] as Field).name;
export const target = (field: Field) => field.relation as ModelName;
