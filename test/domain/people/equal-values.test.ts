import { afterAll, beforeAll, expect, it } from 'vitest';
import { openings } from '../../../src/crypto/fields/sealed.ts';
import { mutationOf } from '../../support/documents.ts';
import { openWorld, rowsOf, uuidOf, type World } from '../../support/server/world.ts';

let world: World;
let employeeId: string;
beforeAll(async () => {
  world = await openWorld();
  const [row] = await rowsOf(world, `SELECT id FROM "Employee" WHERE email = 'client@acme.example'`);
  employeeId = Buffer.from(`Employee:${row.id}`).toString('base64');
});
afterAll(() => world?.end());

it.each([
  ['setEmployeeSalary', 'employee.salary.changed', { salary: '4321.50' }],
  ['setEmployeeIdentity', 'employee.identity.changed', { iban: 'DE89370400440532013000' }],
])(
  '[E7] %s with the value that the row has is an event again, and opens nothing [B22]',
  async (name, event, values) => {
    const hr = await world.signIn('hr_admin');
    const events = async () => {
      const count = 'SELECT count(*)::int AS n FROM audit_event WHERE action = $1 AND entity_id = $2';
      return (await rowsOf(world, count, [event, uuidOf(employeeId)]))[0].n;
    };
    const [opened, before] = [openings.count, await events()];
    for (const time of [1, 2]) {
      const input = { employeeId, ...values };
      const { errors } = await world.ask(mutationOf(name, '{ id }'), { input }, hr);
      expect(errors).toBeUndefined();
      expect(await events()).toBe(before + time);
    }
    expect(openings.count).toBe(opened);
  },
);
