import { builder } from './builder.ts';

const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Exact amounts travel as text: a JSON number would pass through a float on either side. */
builder.scalarType('Decimal', {
  description: 'An exact decimal number as text, such as "1234.50". Never a JSON number: those are floats.',
  serialize: (value) => matching(value, DECIMAL, 'a decimal as text'),
  parseValue: (value) => matching(value, DECIMAL, 'a decimal as text, such as "1234.50"'),
});

builder.scalarType('Date', {
  description: 'A calendar day, YYYY-MM-DD.',
  serialize: (value) => value.toISOString().slice(0, 10),
  parseValue: (value) => matching(value, DAY, 'a day, such as "2026-01-31"'),
});

builder.scalarType('DateTime', {
  description: 'A moment in UTC, RFC 3339, such as 2026-01-31T09:00:00.000Z.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const moment = new Date(
      matching(
        value,
        /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/,
        'a moment, such as "2026-01-31T09:00:00Z"',
      ),
    );
    if (Number.isNaN(moment.getTime())) throw new TypeError('expected a moment that exists');
    return moment;
  },
});

builder.scalarType('JSON', {
  description: 'Any JSON value; only ever given, never taken.',
  serialize: (value) => value,
  parseValue: () => {
    throw new TypeError('JSON is an output type');
  },
});

builder.scalarType('PasskeyResponse', {
  description:
    'What the browser gave for a passkey, as JSON: what `startRegistration` or `startAuthentication` of @simplewebauthn/browser returns, or `PublicKeyCredential.toJSON()`.',
  serialize: () => {
    throw new TypeError('PasskeyResponse is an input type');
  },
  // auth/passkeys/ceremony.ts says what is in it, and names what is wrong
  parseValue: (value) => {
    if (typeof value !== 'object' || value === null) throw new TypeError('expected an object');
    return value;
  },
});

function matching(value: unknown, pattern: RegExp, expected: string): string {
  if (typeof value !== 'string' || value.length > 64 || !pattern.test(value))
    throw new TypeError(`expected ${expected}`);
  return value;
}
