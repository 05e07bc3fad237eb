import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { clientGone, Deadline, withDeadline } from '../../src/deadline.ts';
import { documentTurns } from '../../src/graphql/document/turns.ts';
import { toyServer } from '../support/server/toy-server.ts';

const AUTHENTICATED = { authorization: 'Bearer of-a-member' };
const CACHED = '{ hello }';
const distinct = (index: number, length = 0) =>
  `query Q${index} { hello deep { leaf } } # ${'x'.repeat(length)}`;

async function withCached(over: Parameters<typeof toyServer>[0] = {}) {
  const { ask } = toyServer(over);
  for (let time = 0; time < 2; time++) await ask(CACHED, undefined, AUTHENTICATED);
  return ask;
}

test('a request with a cached document is answered before 50 distinct documents that came before it [F6]', async () => {
  const ask = await withCached();
  const answered: string[] = [];
  const asked = (query: string) =>
    ask(query, undefined, AUTHENTICATED).then(({ statusCode }) => {
      expect(statusCode).toBe(200);
      answered.push(query);
    });
  await Promise.all([...Array.from({ length: 50 }, (_, index) => asked(distinct(index))), asked(CACHED)]);
  expect(answered).toHaveLength(51);
  expect(answered.indexOf(CACHED)).toBeLessThan(5);
});

test('of 500 distinct documents of 5,000 characters at once, those beyond the queue are refused with UNAVAILABLE and retryAfter, and a cached one is answered [F6]', async () => {
  const ask = await withCached();
  const flood = Array.from({ length: 500 }, (_, index) => ask(distinct(index, 5_000)));
  const cached = ask(CACHED, undefined, AUTHENTICATED);
  const refused = (await Promise.all(flood)).filter(({ statusCode }) => statusCode !== 200);
  expect(refused.length).toBeGreaterThan(100);
  expect(refused.length).toBeLessThan(500);
  for (const { statusCode, headers, json } of refused) {
    expect([statusCode, headers['retry-after']]).toEqual([503, '2']);
    expect(json().errors[0].extensions).toEqual({ code: 'UNAVAILABLE', retryAfter: 2 });
  }
  expect((await cached).json()).toEqual({ data: { hello: 'world' } });
  expect((await ask(distinct(0))).json().data.hello).toBe('world');
});

test('of 3,000 distinct documents of a few characters at once, those beyond the queue are refused with UNAVAILABLE [F6]', async () => {
  const { ask } = toyServer();
  const flood = Array.from({ length: 3_000 }, (_, index) => ask(`{ a${index}: hello }`));
  const statuses = (await Promise.all(flood)).map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2_000);
  expect(statuses).toContain(503);
});

test('documents whose client has left while they waited are rejected and leave the queue [F6]', async () => {
  const turns = documentTurns(1_000);
  const deadline = new Deadline();
  const left = Array.from({ length: 2 }, () => withDeadline(deadline, () => turns.toParse('{ hello }')));
  await expect(turns.toParse('{ hello }')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  deadline.end(clientGone());
  for (const { status } of await Promise.allSettled(left)) expect(status).toBe('rejected');
  await turns.toParse('{ hello }');
});

test('500 clients that send the same new document at once are all answered [F6]', async () => {
  const { ask } = toyServer();
  const answers = await Promise.all(
    Array.from({ length: 500 }, () => ask(distinct(0), undefined, AUTHENTICATED)),
  );
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
});

test('one document is parsed or executed in a turn of the event loop, in the order of arrival [F6]', async () => {
  const turns = documentTurns();
  const begun: string[] = [];
  const waiting = [
    turns.toParse('{ hello }').then(() => begun.push('parse 1')),
    turns.toExecute().then(() => begun.push('execute 2')),
    turns.toParse('{ hello }').then(() => begun.push('parse 3')),
  ];
  const seen: number[] = [];
  while (begun.length < 3) {
    await nextTurn();
    seen.push(begun.length);
  }
  await Promise.all(waiting);
  expect(begun).toEqual(['parse 1', 'execute 2', 'parse 3']);
  for (const [index, count] of seen.entries()) expect(count - (seen[index - 1] ?? 0)).toBeLessThanOrEqual(1);
});
