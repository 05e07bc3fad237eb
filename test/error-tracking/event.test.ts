import { expect, test } from 'vitest';
import { trackedErrors } from '../../src/error-tracking/event.ts';

const messageOf = (error: unknown) => trackedErrors(error)[0]?.message;

test.each([
  [new TypeError('x.anna@acme.example is not "a secret" function'), '… is not … function'],
  [new Error('session 0192f0c1-7d1e-7c3a-9d0f-000000000001 of 10.1.2.3 ended'), 'session … of …'],
  [new Error('expected abcdefghijklmnopqrstuvwxyz here'), 'expected … here'],
  [Object.assign(new Error('Key (email)=(anna) exists'), { code: '23505' }), 'Code 23505'],
  [Object.assign(new Error('secret'), { code: 'P2010' }), 'Code P2010'],
  [Object.assign(new Error('secret'), { code: 'anna@acme.example' }), 'Code unknown'],
  ['a secret', 'A string was thrown.'],
])('the message of %o has no values [H5]', (error, expected) => {
  const message = messageOf(error) ?? '';
  expect(message.startsWith(expected.split('…')[0] as string)).toBe(true);
  expect(message).not.toMatch(/anna|secret|0192f0c1|10\.1\.2\.3|abcdefgh/);
  if (!expected.includes('…')) expect(message).toBe(expected);
});

test('three causes are told, each by its class, and no frame names the folder of the installation [H5]', () => {
  const chain = [1, 2, 3, 4].reduce<Error | undefined>(
    (cause) => new RangeError('it failed', { cause }),
    undefined,
  );
  const tracked = trackedErrors(chain);
  expect(tracked.map(({ type, message }) => [type, message])).toEqual(
    Array(3).fill(['RangeError', 'it failed']),
  );
  expect(tracked[0]?.stack.length).toBeGreaterThan(0);
  expect(tracked.flatMap(({ stack }) => stack).filter((line) => line.includes(process.cwd()))).toEqual([]);
});

test('a name that is no class is not told [H5]', () => {
  expect(trackedErrors(Object.assign(new Error('x'), { name: 'anna@acme.example' }))[0]?.type).toBe('Error');
});
