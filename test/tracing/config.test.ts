import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/startup-error.ts';
import { readConfig } from '../../src/config.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

const problems = (environment: Record<string, string>): string[] => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('traces need an endpoint alone, and are of a tenth of the requests then [H6]', () => {
  expect(readConfig({}).tracing).toBeUndefined();
  expect(readConfig({ OTEL_SERVICE_NAME: 'other' }).tracing).toBeUndefined();
  expect(readConfig(ENDPOINT).tracing).toEqual({
    endpoint: 'http://collector:4318',
    headers: {},
    serviceName: 'bulwark',
    ratio: 0.1,
  });
});

test.each([
  ['0', 0],
  ['1', 1],
  ['0.25', 0.25],
  ['.5', 0.5],
  ['1.0', 1],
])('OTEL_TRACES_SAMPLER_ARG=%s is a part of requests [H6]', (text, ratio) => {
  expect(readConfig({ ...ENDPOINT, OTEL_TRACES_SAMPLER_ARG: text }).tracing?.ratio).toBe(ratio);
});

test('headers of the collector are decoded [H6]', () => {
  const OTEL_EXPORTER_OTLP_HEADERS = 'Authorization=Bearer%20a%2Cb, x-team = one';
  expect(readConfig({ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS }).tracing?.headers).toEqual({
    authorization: 'Bearer a,b',
    'x-team': 'one',
  });
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:secret@collector:4318'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization secret'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=secret%'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=secret%0d%0ax-other=1'],
  ['OTEL_SERVICE_NAME', 'two words'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.1'],
  ['OTEL_TRACES_SAMPLER_ARG', '-0.1'],
  ['OTEL_TRACES_SAMPLER_ARG', '10%'],
])('%s=%s is refused without quoting it [H6]', (name, value) => {
  const found = problems({ ...ENDPOINT, [name]: value });
  expect(found).toEqual([expect.stringMatching(new RegExp(`^${name}: expected`))]);
  expect(found.join()).not.toContain('secret');
});

test.each(['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_TRACES_SAMPLER_ARG'])(
  '%s without an endpoint is refused [H6]',
  (name) => {
    const value = name.endsWith('HEADERS') ? 'a=b' : '1';
    expect(problems({ [name]: value })).toEqual([
      `OTEL_EXPORTER_OTLP_ENDPOINT: missing, while ${name} is given`,
    ]);
  },
);
