import { expect, it } from 'vitest';
import { defaultPolicy } from '../../../src/auth/authorization/sign-in-policy.ts';
import { levelOf, sessionLimits, tokenIdle } from '../../../src/auth/policy/session-limits.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const policy = (sessionIdleMinutes: number, sessionAbsoluteHours: number) => ({
  ...defaultPolicy,
  ...{ sessionIdleMinutes, sessionAbsoluteHours },
});

it.each([
  ['the platform’s level', 5, policy(600, 500), { idle: HOUR, absolute: 12 * HOUR }],
  ['an administrator’s level', 4, policy(6000, 5000), { idle: 12 * HOUR, absolute: 7 * DAY }],
  ['a company that allows an administrator less', 4, policy(5, 2), { idle: 300, absolute: 2 * HOUR }],
  ['a company that allows less in one of them', 4, policy(5, 5000), { idle: 300, absolute: 7 * DAY }],
  ['a company, for other levels', 3, policy(6000, 5000), { idle: 6000 * 60, absolute: 5000 * HOUR }],
])('[A5] sessions are limited by %s', (_what, level, asked, limits) => {
  expect(sessionLimits(level, asked)).toEqual(limits);
});

it('[A5] a level is the highest of built-in and own roles', () => {
  expect(levelOf(['client', 'hr_admin'], 0)).toBe(3);
  expect(levelOf(['client', 'gone'], 4)).toBe(4);
  expect(levelOf(['gone'], 0)).toBe(0);
});

it('[A6] refresh tokens last seven days, or as short as a session that may lie unused less than a day', () => {
  expect(tokenIdle(DAY)).toBe(7 * DAY);
  expect(tokenIdle(DAY - 1)).toBe(DAY - 1);
  expect(tokenIdle(30 * DAY)).toBe(7 * DAY);
});
