import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** RFC 3339 § 5.6, without leap seconds, which neither JavaScript nor PostgreSQL keeps. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Exact amounts are text: a JSON number is a float for either side. */
builder.scalarType('Decimal', {
  specifiedByURL: 'https://www.w3.org/TR/xmlschema11-2/#decimal',
  description: 'An exact decimal number as text, such as "1234.50". Never a JSON number: those are floats.',
  serialize: (value) => matching(value, DECIMAL, 'a decimal as text'),
  parseValue: (value) => matching(value, DECIMAL, 'a decimal as text, such as "1234.50"'),
});

builder.scalarType('Date', {
  specifiedByURL: 'https://scalars.graphql.org/andimarek/local-date.html',
  description: 'A calendar day, YYYY-MM-DD.',
  serialize: dayText,
  parseValue: (value) => existing(matching(value, DAY, 'a day, such as "2026-01-31"')),
});

builder.scalarType('DateTime', {
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  description: 'A moment in UTC, RFC 3339, such as 2026-01-31T09:00:00.000Z.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const text = matching(value, MOMENT, 'a moment, such as "2026-01-31T09:00:00Z"');
    existing(text.slice(0, 10));
    return new Date(text);
  },
});

builder.scalarType('JSON', {
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  description: 'Any JSON value; only ever given, never taken.',
  serialize: (value) => value,
  parseValue: () => {
    throw new GraphQLError('JSON is an output type');
  },
});

builder.scalarType('PasskeyResponse', {
  specifiedByURL: 'https://www.w3.org/TR/webauthn-3/#typedefdef-publickeycredentialjson',
  description:
    'What the browser gave for a passkey, as JSON: what `startRegistration` or `startAuthentication` of @simplewebauthn/browser returns, or `PublicKeyCredential.toJSON()`.',
  serialize: () => {
    throw new GraphQLError('PasskeyResponse is an input type');
  },
  // auth/passkeys/ceremony.ts validates its members
  parseValue: (value) => {
    if (typeof value !== 'object' || value === null) throw new GraphQLError('expected an object');
    return value;
  },
});

/** Returns the day in UTC. Its parts take an eighth of the time of `toISOString`. */
function dayText(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 1000 && year <= 9999)) return date.toISOString().slice(0, 10);
  return `${year}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}`;
}

const twoDigits = (number: number): string => (number < 10 ? `0${number}` : `${number}`);

/**
 * Returns the day if the calendar has it (RFC 3339 § 5.7), in the years 1 to 9999. Error:
 * GraphQLError.
 */
function existing(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  if (!exists || day.startsWith('0000')) throw new GraphQLError('expected a day that exists');
  return day;
}

function matching(value: unknown, pattern: RegExp, expected: string): string {
  if (typeof value !== 'string' || value.length > 64 || !pattern.test(value))
    throw new GraphQLError(`expected ${expected}`);
  return value;
}
