import fc from 'fast-check';
import { isValidIBAN } from 'ibantools';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { email, iban, newPassword, text, validated } from '../../src/domain/input.ts';
import { ibanOf } from '../support/iban.ts';

const parsed = (schema: z.ZodType<unknown, unknown>, value: unknown) => {
  const result = schema.safeParse(value);
  return result.success ? result.data : 'refused';
};

describe('a line of text', () => {
  test.each([
    ['zero-width spaces alone', '\u200b\u200b'],
    ['a Hangul filler alone', '\u3164'],
    ['blanks alone', ' \u00a0\u2003 '],
    ['a soft hyphen alone', '\u00ad'],
    ['an unassigned character that renderers ignore', '\u{e0fff}'],
    ['a variation selector alone', '\ufe0f'],
    ['a noncharacter', 'A\uffff'],
    ['a bell', 'A\u0007B'],
    ['a NUL', 'A\u0000B'],
    ['a line separator', 'A\u2028B'],
    ['a line feed', 'A\nB'],
    ['a right-to-left override', 'A\u202eB'],
    ['a bidirectional isolate', 'A\u2066B'],
    ['a lone surrogate', 'A\ud800'],
    ['one character too many', 'x'.repeat(201)],
  ])('[B8] refuses %s', (_name, value) => {
    expect(parsed(text(200), value)).toBe('refused');
  });

  test.each([
    ['a name with a zero-width joiner', 'نامه\u200cای'],
    ['an emoji sequence', '👩\u200d💻 Ada'],
    ['as many characters as allowed', 'x'.repeat(200)],
  ])('[B8] takes %s', (_name, value) => {
    expect(parsed(text(200), value)).toBe(value);
  });

  test('[B9] is stored in NFC, whichever form it was typed in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }), (value) => {
        expect(parsed(text(1000), value.normalize('NFD'))).toBe(parsed(text(1000), value.normalize('NFC')));
      }),
    );
  });
});

test('[B8] null instead of text is named by its rule, without the words of a library', () => {
  expect(() => validated(z.object({ name: text(10) }), { name: null })).toThrow(
    expect.objectContaining({ fields: { 'input.name': 'expected a value of type string' } }),
  );
});

describe('an e-mail address', () => {
  test.each([
    ['user@example.xn--p1ai', 'user@example.xn--p1ai'],
    ['user@пример.рф', 'user@xn--e1afmkfd.xn--p1ai'],
    [' First.Last+Tag@Example.COM ', 'first.last+tag@example.com'],
    [`${'l'.repeat(64)}@example.com`, `${'l'.repeat(64)}@example.com`],
    ["o'neil@example.co.uk", "o'neil@example.co.uk"],
  ])('[B11] takes %s', (typed, stored) => {
    expect(parsed(email, typed)).toBe(stored);
  });

  test.each([
    `${'l'.repeat(65)}@example.com`,
    `a@${'d'.repeat(64)}.com`,
    `abcd@${`${'d'.repeat(60)}.`.repeat(4)}example`,
    'user@localhost',
    'user@192.0.2.1',
    'user@[192.0.2.1]',
    'a..b@example.com',
    '.a@example.com',
    'a b@example.com',
    'a@b@example.com',
    'a@-example.com',
    'a@example..com',
    'a\u0000@example.com',
    '@example.com',
    'a@',
    '',
  ])('[B11] refuses %j', (typed) => {
    expect(parsed(email, typed)).toBe('refused');
  });
});

describe('an IBAN', () => {
  test('[B10] is stored without separators, in capitals', () => {
    for (const typed of ['NL91 ABNA 0417 1643 00', 'nl91-abna-0417-1643-00', 'ＮＬ91ABNA0417164300'])
      expect(parsed(iban, typed)).toBe('NL91ABNA0417164300');
  });

  test.each(['DE89', 'DE00370400440532013000', 'XX91ABNA0417164300', '', 'NL91ABNA041716430O'])(
    '[B10] refuses %j',
    (typed) => {
      expect(parsed(iban, typed)).toBe('refused');
    },
  );

  test('[B10] is refused with any one digit changed', () => {
    fc.assert(
      fc.property(
        fc.nat(9_999_999),
        fc.integer({ min: 2, max: 21 }),
        fc.integer({ min: 1, max: 9 }),
        (number, at, by) => {
          const right = ibanOf(number);
          const wrong = right.slice(0, at) + ((Number(right[at]) + by) % 10) + right.slice(at + 1);
          expect([isValidIBAN(right), parsed(iban, right), parsed(iban, wrong)]).toEqual([
            true,
            right,
            'refused',
          ]);
        },
      ),
    );
  });
});

test('[B13] a new password with a lone surrogate is refused where it is set', () => {
  expect(parsed(newPassword, 'Long-enough-\ud800-1')).toBe('refused');
  expect(parsed(newPassword, 'Long-enough-🔑-1')).toBe('Long-enough-🔑-1');
});
