import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodesOf } from '../../support/documents.ts';
import {
  admit,
  globalId,
  newcomer,
  openWorld,
  rowsOf,
  signInAs,
  uuidOf,
  type World,
} from '../../support/server/world.ts';
import { newKey } from '../../support/sign-in/credentials.ts';
import { codeOf, enrolled, mutate } from '../../support/sign-in/factors.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const run = (token: string, name: string, input: object, selection = '{ __typename }') =>
  mutate(world, name, input, selection, token);
const as = async (role: string, name: string, input: object, selection?: string) =>
  run(await world.signIn(role), name, input, selection);
const permissionsOf = async (token: string): Promise<string[]> =>
  (await world.ask('{ viewer { permissions } }', {}, token)).data.viewer.permissions;
const slug = () => `own_${crypto.randomUUID().slice(0, 8)}`;

const idOf = async (table: string, column: string, value: string, type = table) => {
  const [row] = await rowsOf(
    world,
    `SELECT id FROM "${table}" WHERE "${column}" = $1 ORDER BY id DESC LIMIT 1`,
    [value],
  );
  return globalId(type, row.id);
};
const departmentId = async () => {
  const [row] = await rowsOf(
    world,
    `SELECT d.id FROM "Department" d JOIN "Company" c ON c.id = d."companyId" WHERE c.name = 'Acme' ORDER BY d.id LIMIT 1`,
  );
  return globalId('Department', row.id);
};

async function newRole(changes: object = {}): Promise<{ slug: string; id: string }> {
  const role = { slug: slug(), name: 'Own', level: 2, accessScope: 'COMPANY', permissions: ['company.read'] };
  const input = { ...role, ...changes };
  expect(codeOf(await as('company_admin', 'createRole', input))).toBe('ok');
  return { slug: input.slug, id: await idOf('Role', 'slug', input.slug) };
}
async function newTeam(roles: string[] = []): Promise<string> {
  const name = crypto.randomUUID();
  const input = { departmentId: await departmentId(), name, roles };
  expect(codeOf(await as('company_admin', 'createTeam', input))).toBe('ok');
  return idOf('Team', 'name', name);
}
const addTo = (role: string, teamId: string, memberId: string) =>
  as(role, 'addTeamMember', { teamId, memberId }, '{ __typename }');
const removeFrom = (token: string, teamId: string, memberId: string) =>
  run(token, 'removeTeamMember', { teamId, memberId }, '{ __typename }');

/** A waiting sign-up request of Acme. */
async function waitingRequest(): Promise<string> {
  const [row] = await rowsOf(
    world,
    `INSERT INTO "SignUpRequest" ("companyId", id, email, name, status, "expiresAt")
     SELECT id, gen_random_uuid(), gen_random_uuid() || '@waiting.example', 'Waiting', 'waiting', now() + interval '1 day'
     FROM "Company" WHERE name = 'Acme' RETURNING id`,
  );
  return row.id;
}
/** The last second factor of this user's sessions was verified an hour ago. */
const staleFactor = (email: string) =>
  rowsOf(
    world,
    `UPDATE "Session" SET "mfaAt" = now() - interval '1 hour' WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
    [email],
  );

describe('[S1] a command that grants rights', () => {
  it('[S1] demands a recent second factor to approve a sign-up, and adds no member without one', async () => {
    const admin = await enrolled(world, ['company_admin']);
    const requestId = await waitingRequest();
    await staleFactor(admin.email);
    const answer = await run(admin.token, 'approveSignUp', {
      signUpRequestId: globalId('SignUpRequest', requestId),
      roles: ['company_admin'],
    });
    expect(codeOf(answer)).toBe('STEP_UP_REQUIRED');
    expect(await rowsOf(world, 'SELECT 1 FROM "SignUpRequest" WHERE id = $1', [requestId])).toHaveLength(1);
  });

  it('[S1] demands a recent second factor to create a team with roles, and to remove a member from a team', async () => {
    const admin = await enrolled(world, ['company_admin']);
    const team = await newTeam(['view_only']);
    const { id } = await newcomer(world, ['hr_admin']);
    expect(codeOf(await addTo('company_admin', team, id))).toBe('ok');
    await staleFactor(admin.email);
    const input = { departmentId: await departmentId(), name: slug(), roles: ['company_admin'] };
    expect(codeOf(await run(admin.token, 'createTeam', input))).toBe('STEP_UP_REQUIRED');
    expect(codeOf(await removeFrom(admin.token, team, id))).toBe('STEP_UP_REQUIRED');
  });
});

describe('[S6] gains of rights are checked like losses', () => {
  it('[S6][R3] refuses to remove an administrator from a read-only team by a lower level', async () => {
    const team = await newTeam(['view_only']);
    const { id, token } = await newcomer(world, ['company_admin']);
    expect(codeOf(await addTo('company_admin', team, id))).toBe('ok');
    expect(await permissionsOf(token)).not.toContain('member.write');
    expect(codeOf(await removeFrom(await world.signIn('hr_admin'), team, id))).toBe('FORBIDDEN');
    expect(await permissionsOf(token)).not.toContain('member.write');
    expect(codeOf(await removeFrom(await world.signIn('company_admin'), team, id))).toBe('ok');
    expect(await permissionsOf(token)).toContain('member.write');
  });

  it("[S6][R3] refuses to remove a read-only team’s member whose own roles exceed the actor's", async () => {
    const team = await newTeam(['view_only']);
    const { id } = await newcomer(world, ['finance_admin']);
    expect(codeOf(await addTo('company_admin', team, id))).toBe('ok');
    expect(codeOf(await removeFrom(await world.signIn('hr_admin'), team, id))).toBe('FORBIDDEN');
  });

  it('[S6][R3] refuses to make a read-only role writable when a member then exceeds the actor', async () => {
    const reader = await newRole({ level: 1, isReadOnly: true });
    const { id } = await newcomer(world, ['client']);
    const roles = ['finance_admin', reader.slug];
    expect(codeOf(await as('company_admin', 'setMemberRoles', { memberId: id, roles }))).toBe('ok');
    const editor = await newRole({ level: 3, permissions: ['company.read', 'role.read', 'role.write'] });
    const { token } = await newcomer(world, [editor.slug]);
    const writable = { roleId: reader.id, name: 'W', level: 1, accessScope: 'COMPANY', permissions: [] };
    expect(codeOf(await run(token, 'updateRole', writable))).toBe('FORBIDDEN');
  });

  it('[S6][R3] refuses to clear the roles of a read-only team when a superior is a member', async () => {
    const team = await newTeam(['view_only']);
    const { id } = await newcomer(world, ['company_admin']);
    expect(codeOf(await addTo('company_admin', team, id))).toBe('ok');
    expect(codeOf(await as('hr_admin', 'setTeamRoles', { teamId: team, roles: [] }))).toBe('FORBIDDEN');
  });

  it('[S6][R3] refuses a new grace period for a member with more permissions than the actor', async () => {
    const security = await newRole({
      level: 4,
      permissions: ['company.read', 'security.read', 'security.write'],
    });
    const { token } = await newcomer(world, [security.slug]);
    const late = await newcomer(world, ['finance_admin']);
    await rowsOf(
      world,
      `SET session_replication_role = replica;
       UPDATE "Membership" SET "mfaGraceFrom" = now() - interval '1 year' WHERE email = '${late.email}';
       SET session_replication_role = origin`,
    );
    expect(codeOf(await run(token, 'resetMemberGrace', { memberId: late.id }, undefined))).toBe('FORBIDDEN');
    const admin = await world.signIn('company_admin');
    expect(codeOf(await run(admin, 'resetMemberGrace', { memberId: late.id }, undefined))).toBe('ok');
  });

  it('[S6][R3] refuses to renew an expired invitation to more than the actor may grant', async () => {
    const email = `${crypto.randomUUID()}@invited.example`;
    const input = { email, name: 'Invited', roles: ['finance_admin'] };
    expect(codeOf(await as('company_admin', 'inviteMember', input))).toBe('ok');
    await rowsOf(
      world,
      `SET session_replication_role = replica;
       UPDATE "Membership" SET "invitedUntil" = now() - interval '1 day' WHERE email = '${email}';
       SET session_replication_role = origin`,
    );
    const memberId = await idOf('Membership', 'email', email, 'Member');
    const renew = async (role: string) => codeOf(await as(role, 'resendInvitation', { memberId }, undefined));
    expect([await renew('hr_admin'), await renew('company_admin')]).toEqual(['FORBIDDEN', 'ok']);
  });
});

describe('[S10] the level cap of sign-up roles', () => {
  const policy = (input: object) => as('company_admin', 'setSignInPolicy', input, '{ __typename }');
  const definition = { name: 'Guest', accessScope: 'COMPANY', permissions: ['company.read'] };

  it('[S10][R3] applies when a sign-up role is raised later', async () => {
    const guest = await newRole({ level: 1 });
    expect(codeOf(await policy({ signUpMode: 'OPEN', signUpRoles: [guest.slug] }))).toBe('ok');
    const raise = (level: number) =>
      as('company_admin', 'updateRole', { roleId: guest.id, level, ...definition });
    expect(codeOf(await raise(4))).toBe('CONFLICT');
    expect(codeOf(await raise(2))).toBe('ok');
  });

  it('[S10][R3] applies when sign-up opens with a role that was raised while it was closed', async () => {
    const guest = await newRole({ level: 1 });
    expect(codeOf(await policy({ signUpMode: 'INVITATION', signUpRoles: [guest.slug] }))).toBe('ok');
    await rowsOf(
      world,
      `SET session_replication_role = replica; UPDATE "Role" SET level = 4 WHERE slug = '${guest.slug}';
       SET session_replication_role = origin`,
    );
    expect(['CONFLICT', 'INVALID_INPUT']).toContain(codeOf(await policy({ signUpMode: 'OPEN' })));
  });

  it('[S10][R3] applies to the permissions of an open sign-up, not only its level', async () => {
    const secure = await newRole({
      level: 4,
      permissions: ['company.read', 'security.read', 'security.write'],
    });
    const { token } = await newcomer(world, [secure.slug]);
    expect(codeOf(await policy({ signUpMode: 'INVITATION', signUpRoles: ['staff'] }))).toBe('ok');
    expect(codeOf(await run(token, 'setSignInPolicy', { signUpMode: 'OPEN' }))).toBe('FORBIDDEN');
  });
});

describe('[S7] unlocking an account', () => {
  const unlock = (token: string, memberId: string) => run(token, 'unlockMember', { memberId }, undefined);

  it('[S7] is refused for an account that is an active member of another company too', async () => {
    const [victim] = await rowsOf(
      world,
      `SELECT m.email FROM "Membership" m JOIN "Company" c ON c.id = m."companyId" WHERE c.name = 'Globex' AND 'company_admin' = ANY (m.roles)`,
    );
    const input = { email: victim.email, name: 'Guest', roles: ['client'] };
    expect(codeOf(await as('company_admin', 'inviteMember', input))).toBe('ok');
    await admit(world, victim.email);
    const memberId = await rowsOf(
      world,
      `SELECT m.id FROM "Membership" m JOIN "Company" c ON c.id = m."companyId" WHERE c.name = 'Acme' AND m.email = $1`,
      [victim.email],
    ).then(([row]) => globalId('Member', row.id));
    expect(codeOf(await unlock(await world.signIn('company_admin'), memberId))).toBe('CONFLICT');
  });

  it('[S7] is refused for a superior, and without a recent second factor', async () => {
    const superior = await newcomer(world, ['company_admin']);
    expect(codeOf(await unlock(await world.signIn('hr_admin'), superior.id))).toBe('FORBIDDEN');
    const admin = await enrolled(world, ['company_admin']);
    await staleFactor(admin.email);
    expect(codeOf(await unlock(admin.token, superior.id))).toBe('STEP_UP_REQUIRED');
  });
});

describe('[M8] a removed member', () => {
  it('[M8][R6] leaves no employee record that is their own', async () => {
    const { id, email } = await newcomer(world, ['hr_admin']);
    const [member] = await rowsOf(world, 'SELECT "userId" FROM "Membership" WHERE email = $1', [email]);
    await rowsOf(
      world,
      `SET session_replication_role = replica;
       UPDATE "Employee" SET "userId" = '${member.userId}' WHERE email = 'client@acme.example';
       SET session_replication_role = origin`,
    );
    expect(codeOf(await as('company_admin', 'removeMember', { memberId: id }, ''))).toBe('ok');
    expect(await rowsOf(world, 'SELECT 1 FROM "Employee" WHERE "userId" = $1', [member.userId])).toEqual([]);
  });
});

describe('[M2][M7] rules that compare two scopes or two levels', () => {
  it('[M2][R3] refuses a team role in one of two teams that lies outside the actor’s scope', async () => {
    const admin = await world.signIn('company_admin');
    const { branches } = (
      await world.ask(
        '{ branches(first: 20) { edges { node { id departments(first: 20) { edges { node { id } } } } } } }',
        {},
        admin,
      )
    ).data;
    const [here, there] = nodesOf(branches);
    const manages = ['company.read', 'structure.read', 'member.read', 'member.write', 'team.write'];
    const wide = await newRole({ level: 3, permissions: manages });
    const narrow = await newRole({ level: 3, accessScope: 'BRANCH', permissions: ['employee.read'] });
    const inTeams = await newRole({ level: 3, accessScope: 'TEAM', permissions: ['employee.read'] });
    const clerk = await newcomer(world, ['client']);
    const place = { memberId: clerk.id, roles: [wide.slug, narrow.slug], branchId: here.id };
    expect(codeOf(await as('company_admin', 'setMemberRoles', place))).toBe('ok');
    const other = await newcomer(world, ['client']);
    for (const { departments } of [here, there]) {
      const name = crypto.randomUUID();
      const input = { departmentId: nodesOf(departments)[0].id, name, roles: [] };
      expect(codeOf(await as('company_admin', 'createTeam', input))).toBe('ok');
      const team = await idOf('Team', 'name', name);
      expect(codeOf(await addTo('company_admin', team, other.id))).toBe('ok');
    }
    const grant = { memberId: other.id, roles: [inTeams.slug] };
    expect(codeOf(await run(clerk.token, 'setMemberRoles', grant))).toBe('FORBIDDEN');
  });

  it('[M7][R3] refuses a lower level to edit a higher role without members', async () => {
    const higher = await newRole({ level: 4, permissions: ['company.read'] });
    const editor = await newRole({ level: 3, permissions: ['company.read', 'role.read', 'role.write'] });
    const { token } = await newcomer(world, [editor.slug]);
    const lower = { roleId: higher.id, name: 'X', level: 1, accessScope: 'COMPANY', permissions: [] };
    expect(codeOf(await run(token, 'updateRole', lower))).toBe('FORBIDDEN');
  });

  it('[M7][R3] refuses a lower level to change the roles of a team with a higher role', async () => {
    const team = await newTeam(['company_admin']);
    expect(codeOf(await as('hr_admin', 'setTeamRoles', { teamId: team, roles: [] }))).toBe('FORBIDDEN');
  });

  it('[M7][R3] refuses a change that lowers the level of a superior and takes no permission', async () => {
    const badge = await newRole({ level: 4, permissions: [] });
    const { id } = await newcomer(world, [badge.slug, 'hr_admin']);
    expect(codeOf(await as('hr_admin', 'setMemberRoles', { memberId: id, roles: ['hr_admin'] }))).toBe(
      'FORBIDDEN',
    );
    const plain = await newRole({ level: 3, permissions: [] });
    const definition = { roleId: badge.id, name: 'B', level: 1, accessScope: 'COMPANY', permissions: [] };
    const editor = await newRole({ level: 3, permissions: ['company.read', 'role.read', 'role.write'] });
    const { token } = await newcomer(world, [editor.slug, plain.slug]);
    expect(codeOf(await run(token, 'updateRole', definition))).toBe('FORBIDDEN');
  });
});

describe('[R3] keys of service accounts', () => {
  it('[R3][A7] widening the role of a service account beyond the actor’s permissions is refused', async () => {
    const shared = await newRole({ level: 2, permissions: ['company.read'] });
    await newKey(world, await world.signIn('company_admin'), [shared.slug]);
    const editor = await newRole({ level: 3, permissions: ['company.read', 'role.read', 'role.write'] });
    const { token } = await newcomer(world, [editor.slug]);
    const wider = { roleId: shared.id, name: 'W', level: 2, accessScope: 'COMPANY' };
    const permissions = ['employee.salary.read'];
    expect(codeOf(await run(token, 'updateRole', { ...wider, permissions }))).toBe('FORBIDDEN');
  });
});

describe('[M8] a change of department', () => {
  it('[M8][A5] gives the member’s sessions a new token', async () => {
    const { id, email } = await newcomer(world, ['manager']);
    const due = () =>
      rowsOf(
        world,
        `SELECT "rotateDue" FROM "Session" WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
        [email],
      ).then((rows) => rows.map(({ rotateDue }) => rotateDue !== false && rotateDue !== null));
    const department = await departmentId();
    const [{ branchId }] = await rowsOf(world, 'SELECT "branchId" FROM "Department" WHERE id = $1', [
      uuidOf(department),
    ]);
    const place = { memberId: id, roles: ['manager'], branchId: globalId('Branch', branchId) };
    expect(codeOf(await as('company_admin', 'setMemberRoles', place))).toBe('ok');
    await signInAs(world.ask, email);
    const before = await due();
    const move = { ...place, departmentId: department };
    expect(codeOf(await as('company_admin', 'setMemberRoles', move))).toBe('ok');
    expect((await due()).filter(Boolean).length).toBeGreaterThan(before.filter(Boolean).length);
  });
});
