import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/startup-error.ts';
import { readConfig } from '../../src/config.ts';

const refused = (environment: Record<string, string>): string[] => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.filter((problem) => problem.startsWith('SENTRY'));
    throw error;
  }
  return [];
};

test.each([
  'https://0a1b2c@o1.ingest.sentry.io/42',
  'https://0a1b2c@sentry.example.com/team/7',
  'http://0a1b2c@127.0.0.1:9000/1',
])('SENTRY_DSN=%s is taken [H6]', (dsn) => {
  expect(readConfig({ SENTRY_DSN: dsn }).sentryDsn).toBe(dsn);
});

test.each([
  'https://sentry.example.com/1',
  'https://secret@sentry.example.com',
  'https://secret@sentry.example.com/team',
  'secret',
])('SENTRY_DSN=%s is refused without quoting it [H6]', (dsn) => {
  expect(refused({ SENTRY_DSN: dsn })).toEqual(['SENTRY_DSN: expected a DSN as https://KEY@HOST/PROJECT']);
});

test('SENTRY_DSN over plain HTTP is refused outside loopback in production [H6]', () => {
  const refusedIn = (host: string) =>
    refused({ APP_ENV: 'production', SENTRY_DSN: `http://0a1b2c@${host}/1` });
  expect(refusedIn('sentry.internal')).toEqual(['SENTRY_DSN: expected https outside loopback']);
  expect(refusedIn('127.0.0.1')).toEqual([]);
});
