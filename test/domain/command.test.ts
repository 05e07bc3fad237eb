import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { callerOf } from '../../src/auth/request/caller.ts';
import { command, execute } from '../../src/domain/command.ts';
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
  ['no actor', null, 'UNAUTHENTICATED'],
])("[R1] a command is refused without a field's rule: %s", async (_who, role, code) => {
  const caller = role && (await callerOf(world.services, await world.signIn(role), origin));
  const before = await branches();
  const run = execute(world.services, caller ? caller.actor : null, origin, createBranch, { name: 'Any' });
  await expect(run).rejects.toMatchObject({ code });
  expect(await branches()).toEqual(before);
});

it('refuses a command whose event is not in the catalogue where it is defined, with file, line and the line to add [U6]', () => {
  const define = () =>
    command({
      event: 'vehicle.honked' as never,
      permission: 'structure.write',
      input: z.object({}),
      run: async () => null,
    });
  expect(define).toThrow(
    "src/audit/record/events.ts has no event vehicle.honked; add 'vehicle.honked': { severity: 'MEDIUM', what: '…' }, there.",
  );
  expect(() => define()).toThrow(
    expect.objectContaining({ stack: expect.stringMatching(/command\.test\.ts:\d+/) }),
  );
});
