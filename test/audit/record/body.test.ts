import { describe, expect, it } from 'vitest';
import { anonymous, performerOf, system, toBody } from '../../../src/audit/record/body.ts';
import { gatherDenials } from '../../../src/audit/record/denials.ts';

const origin = { requestId: 'r', ip: '203.0.113.7', userAgent: 'agent' };
const actor = { userId: 'u', roles: ['staff'], sessionId: 'abcdef0123456789' };

describe('[L2] the performer of an event', () => {
  it('[L2] names a session by its first twelve digits, and an API key whole', () => {
    const user = { kind: 'user', userId: 'u', roles: ['staff'], session: 'abcdef012345' };
    expect(performerOf({ kind: 'user', ...actor })).toEqual(user);
    const service = { kind: 'service', userId: 'u', roles: ['staff'], key: 'abcdef0123456789' };
    expect(performerOf({ kind: 'service', ...actor })).toEqual(service);
  });

  it('[L2] is anonymous without a credential, and the system for the deployment itself', () => {
    expect(performerOf(null)).toEqual(anonymous);
    expect(performerOf({ kind: 'system', ...actor })).toEqual(system);
  });
});

describe('[L3] the body of an event', () => {
  const event = { action: 'audit.exported', performer: system, origin } as const;

  it('[L3] has its members in one order, and leaves absent ones out', () => {
    expect(toBody(event)).toBe(
      '{"v":1,"action":"audit.exported","severity":"HIGH","actor":{"kind":"system"},"requestId":"r","ip":"203.0.113.7","userAgent":"agent"}',
    );
  });

  it('[L3] cuts a user agent after 400 characters, and keeps a missing one as null', () => {
    const bodyWith = (userAgent: string | null) =>
      JSON.parse(toBody({ ...event, origin: { ...origin, userAgent } })).userAgent;
    expect(bodyWith('x'.repeat(401))).toBe('x'.repeat(400));
    expect(bodyWith(null)).toBe(null);
  });

  it('[L3] holds nothing that PostgreSQL refuses: no U+0000, no lone surrogate, no bigint', () => {
    const data = { text: 'a\0b\uD800', count: 9007199254740993n };
    expect(JSON.parse(toBody({ ...event, data })).data).toEqual({
      text: 'a\uFFFDb\uFFFD',
      count: '9007199254740993',
    });
  });
});

describe('[L2] the denials of an operation', () => {
  const gather = () => {
    const written: string[][] = [];
    const lost: unknown[] = [];
    const write = async (names: string[]) => {
      if (names.includes('fails')) throw new Error('no database');
      written.push(names);
    };
    return { written, lost, denials: gatherDenials(write, (error) => lost.push(error)) };
  };

  it('[L2] become one event with each name once, twenty at most', async () => {
    const { written, denials } = gather();
    for (let n = 0; n < 25; n += 1) denials.add(`f${n % 22}`);
    expect(written).toEqual([]);
    await denials.settle();
    expect(written).toEqual([Array.from({ length: 20 }, (_, n) => `f${n}`)]);
  });

  it('[L2] leave no event when there were none', async () => {
    const { written, denials } = gather();
    await denials.settle();
    expect(written).toEqual([]);
  });

  it('[L2] after the end are events of their own, once each, and a failure is reported', async () => {
    const { written, lost, denials } = gather();
    denials.add('early');
    await denials.settle();
    for (const name of ['early', 'late', 'late', 'fails']) denials.add(name);
    await new Promise(setImmediate);
    expect(written).toEqual([['early'], ['late']]);
    expect(lost).toEqual([new Error('no database')]);
  });
});
