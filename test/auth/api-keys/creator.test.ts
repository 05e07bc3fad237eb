import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newcomer, openWorld, rowsOf, uuidOf, type World } from '../../support/server/world.ts';
import { change, company, eventsOf, newKey } from '../../support/sign-in/credentials.ts';
import { clearAttempts, codeOf, mutate } from '../../support/sign-in/factors.ts';

let world: World;
let admin: string;
beforeAll(async () => {
  world = await openWorld();
  admin = await world.signIn('company_admin');
});
afterAll(() => world?.end());
beforeEach(() => clearAttempts(world));

const set = (name: string, input: object) => change(world, name, input, admin, '{ __typename }');
type Lost = { may: (memberId: string) => Promise<unknown>; again: (memberId: string) => Promise<unknown> };
const roles =
  (...names: string[]) =>
  (memberId: string) =>
    set('setMemberRoles', { memberId, roles: names });
const LOSES: Record<string, Lost> = {
  'was demoted below the right to create keys': { may: roles('staff'), again: roles('company_admin') },
  'became read-only through a second role': {
    may: roles('company_admin', 'view_only'),
    again: roles('company_admin'),
  },
  'was suspended': {
    may: (memberId) => set('suspendMember', { memberId }),
    again: (memberId) => set('restoreMember', { memberId }),
  },
};

describe('[A7] an API key whose creator', () => {
  it.each(Object.keys(LOSES))('%s is refused, until they have the right again', async (name) => {
    const { may, again } = LOSES[name] as Lost;
    const creator = await newcomer(world, ['company_admin']);
    const { key, id } = await newKey(world, creator.token, ['finance_admin']);
    expect(await company(world, key)).toBe('Acme');
    await may(creator.id);
    expect(await company(world, key)).toBe('UNAUTHENTICATED');
    expect((await eventsOf(world, 'apiKey.refused')).at(-1)?.body.data).toEqual({
      reason: 'creator may no longer grant its roles',
      key: uuidOf(id),
    });
    await again(creator.id);
    expect(await company(world, key)).toBe('Acme');
  });

  it('was removed is refused, and works on as a key that another member rotated', async () => {
    const creator = await newcomer(world, ['company_admin']);
    const { key, id } = await newKey(world, creator.token, ['hr_admin']);
    await set('removeMember', { memberId: creator.id });
    expect(await company(world, key)).toBe('UNAUTHENTICATED');
    const input = { apiKeyId: id, overlapHours: 24 };
    const answer = await mutate(world, 'rotateApiKey', input, '{ token }', admin);
    expect(codeOf(answer)).toBe('ok');
    expect(await company(world, answer.data.rotateApiKey.token)).toBe('Acme');
    expect(await company(world, key)).toBe('UNAUTHENTICATED');
  });

  it('has the right through a custom role is refused once that role lost a permission', async () => {
    const role = { name: 'Keys', level: 3, accessScope: 'COMPANY' };
    const permissions = ['apiKey.write', 'apiKey.read', 'company.read', 'audit.read'];
    const input = { ...role, slug: 'keys', permissions };
    const made = await change(world, 'createRole', input, admin, '{ id }');
    const auditor = { ...role, slug: 'reader', permissions: ['company.read', 'audit.read'] };
    await change(world, 'createRole', { ...auditor, name: 'Reader' }, admin, '{ __typename }');
    const creator = await newcomer(world, ['keys']);
    const { key } = await newKey(world, creator.token, ['reader']);
    expect(await company(world, key)).toBe('Acme');
    const less = {
      roleId: made.role.id,
      ...role,
      permissions: permissions.filter((one) => one !== 'audit.read'),
    };
    await set('updateRole', less);
    expect(await company(world, key)).toBe('UNAUTHENTICATED');
    const rows = await rowsOf(
      world,
      `SELECT body::jsonb->'data'->>'reason' AS reason
      FROM audit_event WHERE action = 'apiKey.refused' ORDER BY at_us DESC LIMIT 1`,
    );
    expect(rows).toEqual([{ reason: 'creator may no longer grant its roles' }]);
  });
});
