import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { clockWatch, databaseNow, measureClockSkew } from '../../src/db/clock.ts';
import { queryAs } from '../../src/db/sql.ts';
import { newcomer, openWorld, type World } from '../support/server/world.ts';
import { company, issueTokens, refresh } from '../support/sign-in/credentials.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());
const query = () => queryAs(world.services.pool, { companyId: null, userId: null });
const real = Date.now;
/**
 * Sets this machine's clock, as far as the server looks at it, and has it measured as a start does.
 */
async function clockOff(seconds: number) {
  vi.spyOn(Date, 'now').mockImplementation(() => real() + seconds * 1000);
  await measureClockSkew(query());
}
afterEach(async () => {
  vi.restoreAllMocks();
  await measureClockSkew(query());
});

test.each([-86_400, -10, 0, 10, 86_400])(
  '[F9] the time is PostgreSQL’s where this machine’s clock is %i seconds off',
  async (seconds) => {
    await clockOff(seconds);
    const [row] = await query()<{ at: Date }>('SELECT clock_timestamp() AS at');
    expect(Math.abs(databaseNow() - (row?.at.getTime() ?? 0))).toBeLessThan(1_000);
  },
);

test.each([-86_400, -10, 86_400])(
  '[F9] sessions, access tokens and refresh tokens hold on a server whose clock is %i seconds off',
  async (seconds) => {
    await clockOff(seconds);
    const { token } = await newcomer(world, ['staff']);
    expect(await company(world, token)).toBe('Acme');
    const tokens = await issueTokens(world, token);
    expect(await company(world, tokens.accessToken)).toBe('Acme');
    const { data } = await refresh(world, tokens.refreshToken);
    expect(await company(world, data.refreshTokens.accessToken)).toBe('Acme');
  },
);

test('[F9] [U13] the readiness check names the clock while it differs, and keeps the server in service', async () => {
  const ready = async () => {
    const response = await fetch(new URL('/health/ready', world.url));
    return [response.status, ((await response.json()) as { failing?: string[] }).failing];
  };
  await clockOff(5);
  await ready();
  expect(await ready()).toEqual([200, ['clock']]);
  vi.restoreAllMocks();
  await ready();
  expect(await ready()).toEqual([200, undefined]);
});

test('[F9] a difference above two seconds is told once, and again after the clocks agreed', async () => {
  const told: number[] = [];
  const watch = clockWatch(query(), (skew) => told.push(skew));
  for (const seconds of [1, 3, 3, 0, -5]) {
    await clockOff(seconds);
    await watch.measure();
  }
  expect(told.map((skew) => Math.round(skew / 1000))).toEqual([3, -5]);
});
