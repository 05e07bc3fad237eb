import { afterAll, beforeAll, expect, it } from 'vitest';
import { callerOf } from '../../src/auth/request/caller.ts';
import { execute } from '../../src/domain/command.ts';
import { createBranch } from '../../src/domain/organization/structure.ts';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const origin = { requestId: crypto.randomUUID(), ip: null, userAgent: null };
const branches = () => rowsOf(world, 'SELECT id FROM "Branch"');

it.each([
  ['without the permission', 'staff', 'FORBIDDEN'],
  ['with a read-only role', 'external_auditor', 'FORBIDDEN'],
  ['nobody', null, 'UNAUTHENTICATED'],
])("[R1] a command is refused without a field's rule: %s", async (_who, role, code) => {
  const caller = role && (await callerOf(world.services, await world.signIn(role), origin));
  const before = await branches();
  const run = execute(world.services, caller ? caller.actor : null, origin, createBranch, { name: 'Any' });
  await expect(run).rejects.toMatchObject({ code });
  expect(await branches()).toEqual(before);
});
