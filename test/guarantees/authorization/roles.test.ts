import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guarantees, type ModelName } from '../../../src/db/guarantees.gen.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { lockWaits } from '../../support/db/lock-waits.ts';
import { mutationOf, nodesOf } from '../../support/documents.ts';
import { documentOf, examples, operationsOf, type Slot, variablesOf } from '../../support/operations.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import {
  type Answer,
  accept,
  admit,
  digestOf,
  globalId,
  openWorld,
  rowsOf,
  signInAs,
  uuidOf,
  type World,
} from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? 'ok';

/** A mutation with one input; the type of the input is named after it unless given. */
const run = (token: string, name: string, input: object, selection = '{ id }') =>
  world.ask(mutationOf(name, selection), { input }, token);
const as = async (role: string, name: string, input: object, selection?: string) =>
  run(await world.signIn(role), name, input, selection);

type Member = { id: string; userId: string; roles: string[]; companyId: string };
async function memberOf(email: string, company = 'Acme'): Promise<Member> {
  const [row] = await rowsOf(
    world,
    `SELECT m.id, m."userId", m.roles, m."companyId" FROM "Membership" m JOIN "Company" c ON c.id = m."companyId" WHERE m.email = $1 AND c.name = $2`,
    [email, company],
  );
  return row;
}
const memberId = async (email: string, company = 'Acme') =>
  globalId('Member', (await memberOf(email, company)).id);
const rolesOf = async (email: string, company = 'Acme') => (await memberOf(email, company))?.roles;
const known = (role: string) => `${role}@acme.example`;

/** A new member of a company with these roles, signed in. */
async function newMember(roles: string[], email = `${crypto.randomUUID()}@example.com`, inviter?: string) {
  const answer = await run(inviter ?? (await world.signIn('company_admin')), 'inviteMember', {
    email,
    name: 'New',
    roles,
  });
  expect(answer.errors).toBeUndefined();
  await admit(world, email);
  return { email, id: answer.data.inviteMember.member.id as string, token: await signInAs(world.ask, email) };
}

async function newTeam(roles: string[] = [], department?: string): Promise<string> {
  const { data } = await world.ask(
    '{ departments(first: 20) { edges { node { id } } } }',
    {},
    await world.signIn('company_admin'),
  );
  const answer = await as('company_admin', 'createTeam', {
    departmentId: department ?? data.departments.edges[0].node.id,
    name: crypto.randomUUID(),
    roles,
  });
  expect(answer.errors).toBeUndefined();
  return answer.data.createTeam.team.id;
}
const join = (teamId: string, memberId: string) => ({ teamId, memberId });
const enter = async (role: string, teamId: string, member: string) =>
  codeOf(await as(role, 'addTeamMember', join(teamId, member), '{ id }'));

const slug = () => `own_${crypto.randomUUID().slice(0, 8)}`;
const custom = (changes: object = {}) => ({
  slug: slug(),
  name: 'Own',
  level: 2,
  accessScope: 'COMPANY',
  permissions: ['company.read'],
  ...changes,
});
async function newRole(changes: object = {}): Promise<{ slug: string; id: string }> {
  const input = custom(changes);
  const answer = await as('company_admin', 'createRole', input);
  expect(answer.errors).toBeUndefined();
  return { slug: input.slug, id: answer.data.createRole.role.id };
}

describe('[R3] members cannot grant permissions that they lack', () => {
  it.each([
    'finance_admin',
    'reviewer',
    'external_auditor',
    'company_admin',
    'admin',
    'head_office_admin',
    'super_admin',
    'platform_admin',
  ])('hr cannot invite, appoint or give a team the role %s, and nothing is written', async (role) => {
    const email = `${crypto.randomUUID()}@example.com`;
    expect(codeOf(await as('hr_admin', 'inviteMember', { email, name: 'X', roles: [role] }))).toBe(
      'FORBIDDEN',
    );
    expect(await rowsOf(world, 'SELECT 1 FROM "Membership" WHERE email = $1', [email])).toEqual([]);
    for (const who of ['staff', 'hr_admin']) {
      expect(
        codeOf(
          await as('hr_admin', 'setMemberRoles', {
            memberId: await memberId(known(who)),
            roles: [who, role],
          }),
        ),
      ).toBe('FORBIDDEN');
      expect(await rolesOf(known(who))).toEqual([who]);
    }
    const teamId = await newTeam();
    expect(codeOf(await as('hr_admin', 'setTeamRoles', { teamId, roles: [role] }))).toBe('FORBIDDEN');
    const { data } = await world.ask(
      '{ departments(first: 20) { edges { node { id } } } }',
      {},
      await world.signIn('hr_admin'),
    );
    const input = {
      departmentId: data.departments.edges[0].node.id,
      name: crypto.randomUUID(),
      roles: [role],
    };
    expect(codeOf(await as('hr_admin', 'createTeam', input))).toBe('FORBIDDEN');
    expect(
      await rowsOf(world, 'SELECT 1 FROM "Team" WHERE name = $1 OR $2 = ANY (roles)', [input.name, role]),
    ).toEqual([]);
  });

  it('hr may grant its own permissions: staff, branch manager, hr', async () => {
    for (const role of ['staff', 'branch_manager', 'hr_admin', 'view_only']) {
      const email = `${crypto.randomUUID()}@example.com`;
      expect(codeOf(await as('hr_admin', 'inviteMember', { email, name: 'X', roles: [role] }))).toBe('ok');
      expect(await rolesOf(email)).toEqual([role]);
    }
  });

  it('a member cannot add others to a team with roles that they could not grant', async () => {
    const teamId = await newTeam(['finance_admin']);
    const { id } = await newMember(['staff']);
    expect(await enter('hr_admin', teamId, id)).toBe('FORBIDDEN');
    expect(await enter('company_admin', teamId, id)).toBe('ok');
  });

  it("a custom role cannot be created or widened beyond the actor's permissions, level and scope", async () => {
    const own = await newRole({
      level: 2,
      permissions: ['role.read', 'role.write', 'member.read', 'member.write', 'employee.read'],
    });
    const { token, id } = await newMember([own.slug]);
    const tried: [object, string][] = [
      [custom({ permissions: ['employee.read'] }), 'ok'],
      [custom({ permissions: ['employee.salary.read'] }), 'FORBIDDEN'],
      [custom({ accessScope: 'SELF', permissions: ['employee.salary.read'] }), 'FORBIDDEN'],
      [custom({ level: 3, permissions: ['employee.read'] }), 'FORBIDDEN'],
      [custom({ permissions: ['platform.companies.read'] }), 'INVALID_INPUT'],
      [custom({ permissions: ['nothing.read'] }), 'INVALID_INPUT'],
      [custom({ permissions: ['toString'] }), 'INVALID_INPUT'],
      [custom({ slug: 'company_admin' }), 'INVALID_INPUT'],
      [custom({ level: 5 }), 'INVALID_INPUT'],
    ];
    for (const [input, code] of tried)
      expect([input, codeOf(await run(token, 'createRole', input))]).toEqual([input, code]);
    const { slug: _, ...wider } = custom({
      permissions: ['role.write', 'member.write', 'employee.salary.read'],
    });
    expect(codeOf(await run(token, 'updateRole', { roleId: own.id, ...wider }))).toBe('FORBIDDEN');
    const [row] = await rowsOf(world, 'SELECT permissions FROM "Role" WHERE slug = $1', [own.slug]);
    expect(row.permissions).not.toContain('employee.salary.read');
    expect(codeOf(await run(token, 'setMemberRoles', { memberId: id, roles: [own.slug, 'hr_admin'] }))).toBe(
      'FORBIDDEN',
    );
  });

  it('a permission within one branch does not become one within the company', async () => {
    const narrow = await newRole({ accessScope: 'BRANCH', permissions: ['employee.read'] });
    const wide = await newRole({
      permissions: ['company.read', 'member.read', 'member.write', 'role.read', 'role.write'],
    });
    const { branches } = (
      await world.ask(
        '{ branches(first: 20) { edges { node { id } } } }',
        {},
        await world.signIn('company_admin'),
      )
    ).data;
    const { token, id } = await newMember(['client']);
    const placed = { memberId: id, roles: [narrow.slug, wide.slug], branchId: nodesOf(branches)[0].id };
    expect(codeOf(await as('company_admin', 'setMemberRoles', placed))).toBe('ok');
    const define = async (accessScope: string) =>
      (await run(token, 'createRole', custom({ accessScope, permissions: ['employee.read'] }))).errors?.[0]
        ?.message;
    expect(await define('BRANCH')).toBeUndefined();
    expect(await define('COMPANY')).toContain('gives employee.read a wider access scope');
    const invited = { email: `${slug()}@example.com`, name: 'X', roles: ['view_only'] };
    expect(codeOf(await run(token, 'inviteMember', invited))).toBe('FORBIDDEN');
  });

  describe('a permission within one branch does not become one within another', () => {
    /** A member who manages members and teams of the company, and reads employees of one branch. */
    async function clerk() {
      const token = await world.signIn('company_admin');
      const { branches } = (
        await world.ask(
          '{ branches(first: 20) { edges { node { id departments(first: 20) { edges { node { id } } } } } } }',
          {},
          token,
        )
      ).data;
      const [here, there] = nodesOf(branches);
      const manages = ['company.read', 'structure.read', 'member.read', 'member.write', 'team.write'];
      const wide = await newRole({ level: 3, permissions: [...manages, 'role.read', 'role.write'] });
      const narrow = await newRole({ level: 3, accessScope: 'BRANCH', permissions: ['employee.read'] });
      const own = [wide.slug, narrow.slug];
      const member = await newMember(['client']);
      expect(
        codeOf(
          await as('company_admin', 'setMemberRoles', { memberId: member.id, roles: own, branchId: here.id }),
        ),
      ).toBe('ok');
      return { ...member, own, here, there, narrow, seen: () => employeesSeen(member.token) };
    }
    const employeesSeen = async (token: string) =>
      (await world.ask('{ employees { totalCount } }', {}, token)).data.employees.totalCount;
    const invitation = (roles: string[], place: object) => ({
      email: `${slug()}@example.com`,
      name: 'X',
      roles,
      ...place,
    });

    it('by moving a member there', async () => {
      const { token, id, own, here, there, narrow, seen } = await clerk();
      const before = await seen();
      const place = { memberId: id, roles: own };
      expect(codeOf(await run(token, 'setMemberRoles', { ...place, branchId: there.id }))).toBe('FORBIDDEN');
      expect(await seen()).toBe(before);
      expect(codeOf(await run(token, 'setMemberRoles', { ...place, branchId: here.id }))).toBe('ok');
      const other = await newMember([narrow.slug]);
      const move = { memberId: other.id, roles: [narrow.slug], branchId: there.id };
      expect(codeOf(await run(token, 'setMemberRoles', move))).toBe('FORBIDDEN');
      expect(codeOf(await run(token, 'setMemberRoles', { ...move, branchId: here.id }))).toBe('ok');
    });

    it('by inviting a user there', async () => {
      const { token, here, there, narrow } = await clerk();
      const at = (place: object) => run(token, 'inviteMember', invitation([narrow.slug], place));
      expect(codeOf(await at({ branchId: there.id }))).toBe('FORBIDDEN');
      expect(codeOf(await at({ branchId: here.id }))).toBe('ok');
      expect(codeOf(await at({}))).toBe('ok');
    });

    it('by a department or a team of the other branch', async () => {
      const { token, id, here, there } = await clerk();
      const inDepartment = await newRole({
        level: 3,
        accessScope: 'DEPARTMENT',
        permissions: ['employee.read'],
      });
      const inTeam = await newRole({ level: 3, accessScope: 'TEAM', permissions: ['employee.read'] });
      for (const [branch, code] of [
        [here, 'ok'],
        [there, 'FORBIDDEN'],
      ]) {
        const [department] = nodesOf(branch.departments);
        const invited = invitation([inDepartment.slug], { departmentId: department.id });
        expect(codeOf(await run(token, 'inviteMember', invited))).toBe(code);
        const team = await newTeam([], department.id);
        const { id: other } = await newMember([inTeam.slug]);
        for (const memberId of [other, id]) {
          const joined = await run(token, 'addTeamMember', join(team, memberId), '{ id }');
          // who has no role that reaches a team gains nothing by joining one
          expect(codeOf(joined)).toBe(memberId === id ? 'ok' : code);
        }
      }
    });

    it('by a role of a team, or of all members with it', async () => {
      const { token, there, narrow } = await clerk();
      const shared = await newRole({ level: 2, accessScope: 'BRANCH', permissions: ['company.read'] });
      const { id } = await newMember([shared.slug]);
      const placed = { memberId: id, roles: [shared.slug], branchId: there.id };
      expect(codeOf(await as('company_admin', 'setMemberRoles', placed))).toBe('ok');
      const teamId = await newTeam();
      expect(await enter('company_admin', teamId, id)).toBe('ok');
      expect(codeOf(await run(token, 'setTeamRoles', { teamId, roles: [narrow.slug] }))).toBe('FORBIDDEN');
      const { slug: _, ...wider } = custom({ accessScope: 'BRANCH', permissions: ['employee.read'] });
      expect(codeOf(await run(token, 'updateRole', { roleId: shared.id, ...wider, isReadOnly: false }))).toBe(
        'FORBIDDEN',
      );
    });
  });

  it('permissions that cannot be narrowed require a role with company scope', async () => {
    for (const permission of ['member.write', 'team.write', 'audit.read', 'payroll.read', 'role.write']) {
      const answer = await as(
        'company_admin',
        'createRole',
        custom({ accessScope: 'BRANCH', permissions: [permission] }),
      );
      expect([permission, codeOf(answer)]).toEqual([permission, 'INVALID_INPUT']);
    }
  });

  it('a role that does not exist is no role', async () => {
    for (const roles of [['no_such_role'], ['toString'], ['__proto__'], ['constructor'], [''], []]) {
      const input = { email: `${slug()}@example.com`, name: 'X', roles };
      expect([roles, codeOf(await as('company_admin', 'inviteMember', input))]).toEqual([
        roles,
        'INVALID_INPUT',
      ]);
    }
  });
});

describe('[R3] a member of a higher level cannot be changed', () => {
  it('hr neither demotes nor removes an administrator', async () => {
    for (const role of ['company_admin', 'head_office_admin', 'admin']) {
      const id = await memberId(known(role));
      expect(codeOf(await as('hr_admin', 'setMemberRoles', { memberId: id, roles: ['staff'] }))).toBe(
        'FORBIDDEN',
      );
      expect(codeOf(await as('hr_admin', 'removeMember', { memberId: id }, ''))).toBe('FORBIDDEN');
      expect(await rolesOf(known(role))).toEqual([role]);
    }
  });

  it('nor one with a higher level by their team', async () => {
    const teamId = await newTeam(['admin']);
    const { id, email } = await newMember(['staff']);
    expect(await enter('company_admin', teamId, id)).toBe('ok');
    expect(codeOf(await as('hr_admin', 'setMemberRoles', { memberId: id, roles: ['view_only'] }))).toBe(
      'FORBIDDEN',
    );
    expect(codeOf(await as('hr_admin', 'removeMember', { memberId: id }, ''))).toBe('FORBIDDEN');
    expect(codeOf(await as('hr_admin', 'removeTeamMember', join(teamId, id), '{ id }'))).toBe('FORBIDDEN');
    expect(codeOf(await as('hr_admin', 'setTeamRoles', { teamId, roles: [] }))).toBe('FORBIDDEN');
    expect(
      (await world.ask('{ viewer { roles } }', {}, await signInAs(world.ask, email))).data.viewer.roles,
    ).toContain('admin');
  });

  it('nor by a read-only role that comes with a team: it would take every writing permission from the superior', async () => {
    const superior = await memberId(known('head_office_admin'));
    const readers = await newTeam(['view_only']);
    expect(await enter('hr_admin', readers, superior)).toBe('FORBIDDEN');
    const plain = await newTeam();
    expect(await enter('company_admin', plain, superior)).toBe('ok');
    expect(codeOf(await as('hr_admin', 'setTeamRoles', { teamId: plain, roles: ['view_only'] }))).toBe(
      'FORBIDDEN',
    );
    const { data } = await world.ask(
      '{ viewer { permissions } }',
      {},
      await world.signIn('head_office_admin'),
    );
    expect(data.viewer.permissions).toContain('member.write');
  });

  it('nor by making their role read-only', async () => {
    const shared = await newRole({ level: 1, permissions: ['company.read'] });
    const { id } = await newMember(['company_admin']);
    expect(
      codeOf(
        await as('company_admin', 'setMemberRoles', { memberId: id, roles: ['company_admin', shared.slug] }),
      ),
    ).toBe('ok');
    const editor = await newRole({ level: 2, permissions: ['company.read', 'role.read', 'role.write'] });
    const { token } = await newMember([editor.slug]);
    const { slug: _, ...definition } = custom({ level: 1, isReadOnly: true });
    expect(codeOf(await run(token, 'updateRole', { roleId: shared.id, ...definition }))).toBe('FORBIDDEN');
    expect(codeOf(await as('company_admin', 'removeMember', { memberId: id }, ''))).toBe('ok');
  });
});

describe('[R3] a company keeps an administrator', () => {
  const globex = async (name: string, input: object, selection?: string, role = 'company_admin') =>
    codeOf(await run(await world.signIn(role, 'globex'), name, input, selection));
  const administrators = () =>
    rowsOf(
      world,
      `SELECT m.email FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
       WHERE c.name = 'Globex' AND m.roles && '{company_admin,head_office_admin,admin}' ORDER BY 1`,
    ).then((rows) => rows.map(({ email }) => email.split('@')[0]));
  const id = (role: string) => memberId(`${role}@globex.example`, 'Globex');

  /**
   * Holds these members' rows until both commands wait, so that they are in the middle of their
   * work together.
   */
  const heldUp = (members: string[], commands: () => Promise<string[]>) =>
    asOwner(world.database.ownerUrl, async (db) => {
      await db.query('BEGIN');
      await db.query('SELECT FROM "Membership" WHERE id = ANY ($1) FOR UPDATE', [members.map(uuidOf)]);
      const done = commands();
      await lockWaits(world, 2);
      await db.query('ROLLBACK');
      return done;
    });

  it('of two concurrent removals of each other exactly one succeeds', async () => {
    expect(await globex('removeMember', { memberId: await id('admin') }, '')).toBe('ok');
    expect(await administrators()).toEqual(['company_admin', 'head_office_admin']);
    const [one, other] = [await id('company_admin'), await id('head_office_admin')];
    for (const role of ['company_admin', 'head_office_admin']) await world.signIn(role, 'globex');
    const removals = () =>
      Promise.all([
        globex('removeMember', { memberId: other }, '', 'company_admin'),
        globex('removeMember', { memberId: one }, '', 'head_office_admin'),
      ]);
    const codes = await heldUp([one, other], removals);
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    expect(await administrators()).toHaveLength(1);
  });

  it('the last administrator cannot be removed or demoted, also not by themselves', async () => {
    const [last] = (await administrators()) as [string];
    const token = await world.signIn(last, 'globex');
    const memberId = await id(last);
    expect(codeOf(await run(token, 'removeMember', { memberId }, ''))).toBe('CONFLICT');
    for (const roles of [['staff'], [last, 'view_only'], ['hr_admin', 'finance_admin']]) {
      expect([roles, codeOf(await run(token, 'setMemberRoles', { memberId, roles }))]).toEqual([
        roles,
        'CONFLICT',
      ]);
    }
    expect(await administrators()).toEqual([last]);
    expect((await world.ask('{ viewer { permissions } }', {}, token)).data.viewer.permissions).toContain(
      'member.write',
    );
  });

  it('nor become read-only by a team or a custom role', async () => {
    const [last] = (await administrators()) as [string];
    const token = await world.signIn(last, 'globex');
    const member = await id(last);
    const { data } = await world.ask('{ departments(first: 20) { edges { node { id } } } }', {}, token);
    const team = async (roles: string[]) =>
      (
        await run(token, 'createTeam', {
          departmentId: data.departments.edges[0].node.id,
          name: crypto.randomUUID(),
          roles,
        })
      ).data.createTeam.team.id;
    expect(codeOf(await run(token, 'addTeamMember', join(await team(['view_only']), member), '{ id }'))).toBe(
      'CONFLICT',
    );
    const plain = await team([]);
    expect(codeOf(await run(token, 'addTeamMember', join(plain, member), '{ id }'))).toBe('ok');
    expect(codeOf(await run(token, 'setTeamRoles', { teamId: plain, roles: ['external_auditor'] }))).toBe(
      'CONFLICT',
    );
    const own = custom({ level: 1 });
    const roleId = (await run(token, 'createRole', own)).data.createRole.role.id;
    expect(codeOf(await run(token, 'setMemberRoles', { memberId: member, roles: [last, own.slug] }))).toBe(
      'ok',
    );
    const { slug: _, ...definition } = { ...own, isReadOnly: true };
    expect(codeOf(await run(token, 'updateRole', { roleId, ...definition }))).toBe('CONFLICT');
    expect((await world.ask('{ viewer { permissions } }', {}, token)).data.viewer.permissions).toContain(
      'member.write',
    );
  });

  it('a suspended administrator does not count', async () => {
    const [last] = (await administrators()) as [string];
    const token = await world.signIn(last, 'globex');
    const second = await newMember(['view_only'], undefined, token);
    expect(
      codeOf(await run(token, 'setMemberRoles', { memberId: second.id, roles: ['company_admin'] })),
    ).toBe('ok');
    await suspend(second.email);
    expect(codeOf(await run(token, 'removeMember', { memberId: await id(last) }, ''))).toBe('CONFLICT');
  });

  it('[R3] in a company that has lost its administrators, others change roles below their own all the same', async () => {
    const token = await world.signIn('hr_admin', 'globex');
    const member = await newMember(['view_only'], undefined, token);
    const emails = (await administrators()).map((role) => `${role}@globex.example`);
    await setStatus('suspended', emails);
    const answer = await run(token, 'setMemberRoles', { memberId: member.id, roles: ['operator'] });
    await setStatus('active', emails);
    expect(codeOf(answer)).toBe('ok');
    expect(await rolesOf(member.email, 'Globex')).toEqual(['operator']);
  });
});

/**
 * As the database's owner, with the triggers that want an event for it off: no operation suspends
 * yet.
 */
const setStatus = (status: 'active' | 'suspended', emails: string[]) =>
  rowsOf(
    world,
    `SET session_replication_role = replica;
     UPDATE "Membership" SET status = '${status}' WHERE email = ANY ('{${emails.join()}}')`,
  );
const suspend = (email: string) => setStatus('suspended', [email]);

describe('[R3] roles of the company’s own', () => {
  it('grant exactly their permissions, and follow their definition from the next request on', async () => {
    const own = await newRole({ accessScope: 'COMPANY', permissions: ['employee.read', 'company.read'] });
    const { token } = await newMember([own.slug]);
    const read = async () => codeOf(await world.ask('{ employees { totalCount } }', {}, token));
    expect(await read()).toBe('ok');
    expect(codeOf(await world.ask('{ members(first: 100) { edges { node { id } } } }', {}, token))).toBe(
      'FORBIDDEN',
    );
    const { slug: _, ...less } = custom({ permissions: ['company.read'] });
    expect(codeOf(await as('company_admin', 'updateRole', { roleId: own.id, ...less }))).toBe('ok');
    expect(await read()).toBe('FORBIDDEN');
    const [event] = await rowsOf(
      world,
      `SELECT body FROM audit_event WHERE action = 'role.updated' AND entity_id = $1`,
      [Buffer.from(own.id, 'base64').toString().split(':')[1]],
    );
    expect(JSON.parse(event.body)).toMatchObject({
      before: { permissions: ['employee.read', 'company.read'] },
      after: { permissions: ['company.read'] },
    });
  });

  it('have a name of their own in the company, which another company may use too', async () => {
    const input = custom();
    expect(codeOf(await as('company_admin', 'createRole', input))).toBe('ok');
    expect(codeOf(await as('company_admin', 'createRole', input))).toBe('CONFLICT');
    const [admin] = await rowsOf(
      world,
      `SELECT m.email FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
       WHERE c.name = 'Globex' AND m.status = 'active' AND m.roles && '{company_admin,head_office_admin}' LIMIT 1`,
    );
    expect(codeOf(await run(await signInAs(world.ask, admin.email), 'createRole', input))).toBe('ok');
  });

  it('of another company give nothing here', async () => {
    const own = await newRole({ permissions: ['employee.read'] });
    const [admin] = await rowsOf(
      world,
      `SELECT m.email FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
       WHERE c.name = 'Globex' AND m.status = 'active' AND m.roles && '{company_admin,head_office_admin}' LIMIT 1`,
    );
    const input = { email: `${slug()}@example.com`, name: 'X', roles: [own.slug] };
    expect(codeOf(await run(await signInAs(world.ask, admin.email), 'inviteMember', input))).toBe(
      'INVALID_INPUT',
    );
  });
});

describe('[R4] teams add roles', () => {
  it('a user has the union of their own and their teams’ roles, until they leave the team', async () => {
    const { token, id } = await newMember(['client']);
    const may = async () => [
      codeOf(await world.ask('{ company { name } }', {}, token)),
      codeOf(await world.ask('{ employees { totalCount } }', {}, token)),
      codeOf(await world.ask('{ payrollRuns(first: 100) { edges { node { id } } } }', {}, token)),
    ];
    expect(await may()).toEqual(['ok', 'FORBIDDEN', 'FORBIDDEN']);
    const [readers, payers] = [
      await newTeam(['view_only_like']).catch(() => null),
      await newTeam(['finance_admin']),
    ];
    expect(readers).toBeNull(); // an unknown role makes no team
    const staff = await newTeam(['staff']);
    expect([await enter('company_admin', payers, id), await enter('company_admin', staff, id)]).toEqual([
      'ok',
      'ok',
    ]);
    expect(await may()).toEqual(['ok', 'ok', 'ok']);
    const { data } = await world.ask('{ viewer { roles } }', {}, token);
    expect(data.viewer.roles.sort()).toEqual(['client', 'finance_admin', 'staff']);
    const leaving = await as('company_admin', 'removeTeamMember', join(payers, id), '{ id }');
    expect(codeOf(leaving)).toBe('ok');
    expect(await may()).toEqual(['ok', 'ok', 'FORBIDDEN']);
    expect(codeOf(await as('company_admin', 'setTeamRoles', { teamId: staff, roles: [] }))).toBe('ok');
    expect(await may()).toEqual(['ok', 'FORBIDDEN', 'FORBIDDEN']);
  });
});

describe('[R5] a read-only role runs no mutation that writes company data', () => {
  const schema = buildSchema();
  const commands = operationsOf(schema).filter(
    ({ kind, name }) =>
      kind === 'mutation' && schema.getMutationType()?.getFields()[name]?.extensions.command !== undefined,
  );

  /** Real rows of the company, so that nothing but the role stands in the way. */
  async function ownRow(node: string | null, { name }: Slot): Promise<string> {
    if (node === null)
      return name === 'companyId' ? (await memberOf(known('staff'))).companyId : crypto.randomUUID();
    const table = node === 'Member' ? 'Membership' : node;
    // the platform's nodes are no rows of a company
    if (!('companyId' in (guarantees[table as ModelName]?.fields ?? {})))
      return globalId(node, crypto.randomUUID());
    const [row] = await rowsOf(
      world,
      `SELECT t.id FROM "${table}" t JOIN "Company" c ON c.id = t."companyId" WHERE c.name = 'Acme' LIMIT 1`,
    );
    return globalId(node, row?.id ?? crypto.randomUUID());
  }
  it.each([
    ['external_auditor and hr_admin', ['external_auditor', 'hr_admin'], []],
    ['view_only and company_admin', ['view_only', 'company_admin'], []],
    ['company_admin, in a team of readers', ['company_admin'], ['view_only']],
    ['external_auditor, in a team of administrators', ['external_auditor'], ['company_admin']],
  ])('whatever else is granted: %s', async (_what, roles, teamRoles) => {
    const { token, id } = await newMember(roles);
    if (teamRoles.length > 0) expect(await enter('company_admin', await newTeam(teamRoles), id)).toBe('ok');
    const before = await digestOf(world);
    const wrong: string[] = [];
    for (const operation of commands) {
      const slots: Record<string, string> = {};
      const find = (_node: string | null, slot: Slot) => slots[slot.path] ?? '';
      variablesOf(
        operation,
        examples((node, slot) => (slots[slot.path] = `${node ?? ''}`), true),
      );
      for (const path of Object.keys(slots)) {
        const name = path.split('.').at(-1) as string;
        slots[path] = await ownRow(slots[path] || null, { name } as Slot);
      }
      const code = codeOf(
        await world.ask(documentOf(operation), variablesOf(operation, examples(find, true)), token),
      );
      if (code !== 'FORBIDDEN') wrong.push(`${operation.name}: ${code}`);
    }
    expect(wrong).toEqual([]);
    expect(commands.length).toBeGreaterThan(20);
    expect(await digestOf(world)).toEqual(before);
    expect(codeOf(await world.ask('{ employees { totalCount } }', {}, token))).toBe('ok');
  });
});

describe('[T1] one user, two companies', () => {
  it('has in each the roles given there, and in a request those of the company that it names', async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const { token } = await newMember(['view_only'], email);
    const [admin] = await rowsOf(
      world,
      `SELECT m.email, m."companyId" FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
       WHERE c.name = 'Globex' AND m.status = 'active' AND m.roles && '{company_admin,head_office_admin}' LIMIT 1`,
    );
    const invited = await run(await signInAs(world.ask, admin.email), 'inviteMember', {
      email,
      name: 'Same',
      roles: ['hr_admin'],
    });
    expect(codeOf(invited)).toBe('ok');
    await accept(world, email);
    const viewer = async (headers = {}) =>
      await world.ask(
        '{ viewer { company { name } roles memberships { roles company { name } } } members(first: 100) { edges { node { email } } } }',
        {},
        token,
        headers,
      );
    const here = await viewer();
    expect(here.errors?.map(({ path }) => path?.[0])).toEqual(['members']);
    const there = (await viewer({ 'x-company-id': admin.companyId })).data;
    expect(there.viewer).toEqual({
      company: { name: 'Globex' },
      roles: ['hr_admin'],
      memberships: [
        { roles: ['view_only'], company: { name: 'Acme' } },
        { roles: ['hr_admin'], company: { name: 'Globex' } },
      ],
    });
    expect(
      nodesOf(there.members).some(({ email }: { email: string }) => email.endsWith('@acme.example')),
    ).toBe(false);
    const own = await world.ask('{ viewer { company { name } roles } }', {}, token);
    expect(own.data.viewer).toEqual({ company: { name: 'Acme' }, roles: ['view_only'] });
    expect(await rowsOf(world, 'SELECT 1 FROM "User" WHERE email = $1', [email])).toHaveLength(1);
  });

  it('is a member of a company once', async () => {
    const { email } = await newMember(['staff']);
    for (const same of [email, email.toUpperCase()]) {
      expect(
        codeOf(await as('company_admin', 'inviteMember', { email: same, name: 'Again', roles: ['staff'] })),
      ).toBe('CONFLICT');
    }
    expect(await rowsOf(world, 'SELECT 1 FROM "Membership" WHERE email = $1', [email])).toHaveLength(1);
  });
});

describe('[R6] from the next request on', () => {
  const name = '{ viewer { user { name } } }';

  it('a change of roles applies', async () => {
    const { token, id } = await newMember(['staff']);
    expect(codeOf(await world.ask('{ employees { totalCount } }', {}, token))).toBe('ok');
    expect(codeOf(await as('company_admin', 'setMemberRoles', { memberId: id, roles: ['client'] }))).toBe(
      'ok',
    );
    expect(codeOf(await world.ask('{ employees { totalCount } }', {}, token))).toBe('FORBIDDEN');
  });

  it('a removed member is out, and is no employee’s user any more', async () => {
    const { token, id, email } = await newMember(['staff']);
    expect(codeOf(await world.ask(name, {}, token))).toBe('ok');
    expect(codeOf(await as('company_admin', 'removeMember', { memberId: id }, ''))).toBe('ok');
    expect(codeOf(await world.ask(name, {}, token))).toBe('UNAUTHENTICATED');
    await expect(signInAs(world.ask, email)).rejects.toThrow('UNAUTHENTICATED');
  });

  it('a suspended member is out', async () => {
    const { token, email } = await newMember(['company_admin']);
    expect(codeOf(await world.ask(name, {}, token))).toBe('ok');
    await suspend(email);
    expect(codeOf(await world.ask(name, {}, token))).toBe('UNAUTHENTICATED');
    await expect(signInAs(world.ask, email)).rejects.toThrow('UNAUTHENTICATED');
  });
});
