import { afterAll, beforeAll, expect, test } from 'vitest';
import { checks } from '../../src/cli/doctor/checks.ts';
import { runProgram } from '../support/server/program.ts';
import { openWorld, type World } from '../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

const doctor = (words: string[], environment: Record<string, string> = {}) =>
  runProgram('doctor', {
    words,
    environment: {
      DATABASE_URL: world.database.appUrl,
      PLATFORM_DATABASE_URL: world.database.platformUrl,
      MASTER_KEYS: world.config.masterKeys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(),
      PUBLIC_URL: new URL(world.url).origin,
      ...environment,
    },
  });

test('npm run doctor reports each check against the running server, and exits with 1 for findings [K6]', async () => {
  const { code, output, error } = await doctor(['--json']);
  expect(error).toBe('');
  const results = JSON.parse(output) as { name: string; state: string; fix: string }[];
  expect(results.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
  const stateOf = (name: string) => results.find((result) => result.name === name)?.state;
  for (const name of ['server answers', 'row-level security', 'cross-company probe', 'session cookie'])
    expect([name, stateOf(name)]).toEqual([name, 'ok']);
  expect(stateOf('administrators')).toBe('finding');
  expect(stateOf('backup and drill')).toBe('notChecked');
  expect(code).toBe(1);
});

test('npm run doctor names no secret, and says what to do where the database does not answer [K6] [H5]', async () => {
  const { code, output, error } = await doctor([], {
    DATABASE_URL: 'postgresql://server:a-pass-word@127.0.0.1:1/bulwark',
    PLATFORM_DATABASE_URL: '',
  });
  expect(`${output}${error}`).not.toContain('a-pass-word');
  expect(output).toMatch(/database role +not checked/);
  expect(code).not.toBe(0);
});

test('npm run doctor exits with 78 and its usage for an unknown option [K6]', async () => {
  const { code, error } = await doctor(['--yaml']);
  expect([code, error.trim()]).toEqual([78, 'usage: npm run doctor -- --json']);
});
