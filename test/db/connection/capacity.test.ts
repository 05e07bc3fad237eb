import { expect, test } from 'vitest';
import { assertCapacity } from '../../../src/db/connection/capacity.ts';

const NEEDED = { role: 12, all: 14 };
const check = (limits: { byRole: number; byDatabase: number; byServer: number }) =>
  assertCapacity(
    'DATABASE_URL',
    async () => [{ role: 'server', database: 'bulwark', ...limits }] as never[],
    NEEDED,
  );

test('limits that are just enough, or none, are accepted [U7]', async () => {
  await check({ byRole: 12, byDatabase: 14, byServer: 14 });
  await check({ byRole: -1, byDatabase: -1, byServer: 14 });
});

test.each([
  [
    'the role',
    { byRole: 11, byDatabase: -1, byServer: 97 },
    /opens 12 connections and the role "server" allows 11/,
  ],
  [
    'the database',
    { byRole: -1, byDatabase: 13, byServer: 97 },
    /opens 14 connections and the database "bulwark" allows 13/,
  ],
  [
    'PostgreSQL',
    { byRole: -1, byDatabase: -1, byServer: 13 },
    /opens 14 connections and PostgreSQL allows 13; raise its max_connections/,
  ],
])(
  'a limit of %s below what a server opens is refused with both numbers [U7]',
  async (_what, limits, message) => {
    await expect(check(limits)).rejects.toThrow(message);
  },
);
