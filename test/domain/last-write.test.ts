import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { callerOf } from '../../src/auth/request/caller.ts';
import { type Command, command, execute, last } from '../../src/domain/command.ts';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

const origin = { requestId: crypto.randomUUID(), ip: null, userAgent: null };
const definition = { event: 'branch.created', entity: 'Branch', permission: 'structure.write' } as const;
const input = z.object({ name: z.string() });
const branches = (name: string) => rowsOf(world, 'SELECT id FROM "Branch" WHERE name = $1', [name]);
const eventsOf = (id: string) => rowsOf(world, 'SELECT action FROM audit_event WHERE entity_id = $1', [id]);

async function run<Result>(definition: Command<{ name: string }, Result>, given: object): Promise<Result> {
  const { actor } = await callerOf(world.services, await world.signIn('company_admin'), origin);
  return execute(world.services, actor, origin, definition, given);
}

test('[L1] a last write commits with its event, under the name of its command', async () => {
  const create = command({
    ...definition,
    input,
    run: ({ tx, row, input }) => last(() => tx.branch.create({ data: { ...row(), ...input } })),
  });
  const { id } = await run(create, { name: 'Alone' });
  expect(await branches('Alone')).toEqual([{ id }]);
  expect(await eventsOf(id)).toEqual([{ action: 'branch.created' }]);
});

test('[L1] a last write after another one commits with it, each with its event', async () => {
  const create = command({
    ...definition,
    input,
    run: async ({ tx, row, key, input }) => {
      const first = await tx.branch.create({ data: { ...row(), name: `${input.name} first` } });
      const { id } = first;
      return last(() => tx.branch.update({ where: key(id), data: { name: `${input.name} then` } }));
    },
  });
  const { id } = await run(create, { name: 'Twice' });
  expect(await branches('Twice then')).toEqual([{ id }]);
  expect((await eventsOf(id)).map(({ action }) => action)).toEqual(['branch.created', 'branch.updated']);
});

test('[L1] a last write that fails leaves neither row nor event, and its connection serves the next', async () => {
  const create = command({
    ...definition,
    input,
    run: ({ tx, row, input }) =>
      last(() => tx.branch.create({ data: { ...row(), ...input, id: 'not a uuid' } })),
  });
  const before = await rowsOf(world, 'SELECT count(*) FROM audit_event');
  for (let time = 0; time < 20; time++) await expect(run(create, { name: 'Failed' })).rejects.toThrow();
  expect(await branches('Failed')).toEqual([]);
  expect(await rowsOf(world, 'SELECT count(*) FROM audit_event')).toEqual(before);
});

test('[L1] a last write that PostgreSQL refuses at COMMIT is refused, and leaves nothing', async () => {
  const create = command({
    ...definition,
    input,
    run: ({ tx, row, input }) => last(() => tx.branch.create({ data: { ...row(), ...input } })),
  });
  await rowsOf(
    world,
    `CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused late'; END $$;
     CREATE CONSTRAINT TRIGGER refuse_late AFTER INSERT ON "Branch" DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW WHEN (NEW.name = 'Late') EXECUTE FUNCTION refuse_late()`,
  );
  await expect(run(create, { name: 'Late' })).rejects.toThrow('refused late');
  expect(await branches('Late')).toEqual([]);
  expect(await run(create, { name: 'Later' })).toMatchObject({ name: 'Later' });
});

test('[L1] a statement after a last write is refused', async () => {
  const create = command({
    ...definition,
    input,
    run: ({ tx, row, input }) =>
      last(async () => {
        const branch = await tx.branch.create({ data: { ...row(), ...input } });
        await tx.branch.count();
        return branch;
      }),
  });
  await expect(run(create, { name: 'Followed' })).rejects.toThrow('a statement after its last write');
});
