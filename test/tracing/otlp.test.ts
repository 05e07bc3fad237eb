import { expect, test } from 'vitest';
import { failureOf } from '../../src/tracing/failure.ts';
import { otlpRecorder } from '../../src/tracing/otlp.ts';
import { contextOf } from '../../src/tracing/traceparent.ts';
import { collector } from '../support/server/collector.ts';
import { until } from '../support/until.ts';

test('a collector that does not answer makes spans wait up to a limit, beyond which they are dropped [H5]', async () => {
  const otlp = await collector();
  const waiting: (() => void)[] = [];
  otlp.answerBy((response) => waiting.push(() => response.end('{}')));
  const settings = { endpoint: otlp.url, headers: {}, serviceName: 'test', ratio: 1 };
  const recorder = otlpRecorder(settings, () => {});
  const record = () => recorder.start('query', 'server')?.end({});
  for (let span = 0; span < 600; span++) record();
  await until(() => waiting.length > 0);
  for (let span = 0; span < 20_000; span++) record();
  otlp.answerBy((response) => response.end('{}'));
  for (const answer of waiting) answer();
  await recorder.close();
  // those that waited, and the batch that was on its way
  expect(otlp.spans().length).toBeGreaterThanOrEqual(2048);
  expect(otlp.spans().length).toBeLessThanOrEqual(2048 + 600);
  await otlp.end();
});

test.each([
  [Object.assign(new Error('anna@acme.example'), { code: '23505' }), '23505'],
  [Object.assign(new Error('x'), { code: 'anna@acme.example' }), 'Error'],
  [Object.assign(new Error('x'), { name: 'anna@acme.example' }), 'Error'],
  [new TypeError('secret'), 'TypeError'],
  ['secret', 'Error'],
  [null, 'Error'],
])('a failure is its code or its class, and nothing that was thrown besides: %o [H5]', (error, kind) => {
  expect(failureOf(error)).toBe(kind);
});

test.each([
  undefined,
  '',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7',
  '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
  '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
  'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
])('a malformed traceparent is none: %s [H5]', (traceparent) => {
  expect(contextOf(traceparent)).toBe(contextOf(undefined));
});

test('a traceparent of a later version is read up to its flags [H5]', () => {
  const later = '01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more';
  expect(contextOf(later)).not.toBe(contextOf(undefined));
});
