import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, rowsOf, uuidOf, type World } from '../support/server/world.ts';

let world: World;
let admin: string;
beforeAll(async () => {
  world = await openWorld();
  admin = await world.signIn('company_admin');
});
afterAll(() => world?.end());

const ask = async (query: string, variables: object = {}) => {
  const { data, errors } = await world.ask(query, variables, admin);
  expect(errors).toBeUndefined();
  return data;
};
const events = async () =>
  Number((await rowsOf(world, 'SELECT count(*) AS count FROM audit_event'))[0].count);
const identityVersions = () => rowsOf(world, 'SELECT owner, made_in FROM identity_version ORDER BY 1, 2');

type Update = { document: string; input: () => Promise<object> };
const update = (name: string, selection: string): string =>
  `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${selection} } }`;
const first = async (list: string, selection: string) =>
  (await ask(`{ ${list}(first: 1) { edges { node { id ${selection} } } } }`))[list].edges[0].node;

/** Updates whose input is made of what the row holds already. */
const updates: Record<string, Update> = {
  updateEmployee: {
    document: update('updateEmployee', 'employee { id name email jobTitle startedOn }'),
    input: async () => {
      const { id, ...fields } = await first('employees', 'name email jobTitle startedOn');
      return { employeeId: id, ...fields };
    },
  },
  setEmployeeMember: {
    document: update('setEmployeeMember', 'employee { id }'),
    input: async () => {
      const [row] = await rowsOf(
        world,
        `SELECT e.id AS employee, m.id AS member FROM "Employee" e JOIN "Membership" m USING ("companyId", "userId")
         JOIN "Company" c ON c.id = e."companyId" WHERE c.name = 'Acme' AND m.email = 'client@acme.example'`,
      );
      const id = (type: string, key: string) => Buffer.from(`${type}:${key}`).toString('base64');
      return { employeeId: id('Employee', row.employee), memberId: id('Member', row.member) };
    },
  },
  setTeamRoles: {
    document: update('setTeamRoles', 'team { id roles }'),
    input: async () => {
      const { id, roles } = await first('teams', 'roles');
      return { teamId: id, roles };
    },
  },
  updateRole: {
    document: update('updateRole', 'role { id name level accessScope isReadOnly permissions }'),
    input: async () => {
      const definition = { name: 'Reader', level: 1, accessScope: 'COMPANY', permissions: ['company.read'] };
      const { createRole } = await ask(update('createRole', 'role { id }'), {
        input: { slug: 'reader_b22', ...definition },
      });
      return { roleId: createRole.role.id, ...definition };
    },
  },
  setMemberRoles: {
    document: update('setMemberRoles', 'member { id roles }'),
    input: async () => {
      const { members } = await ask('{ members(first: 100) { edges { node { id email roles } } } }');
      const { node } = members.edges.find(
        (edge: { node: { email: string } }) => edge.node.email === 'client@acme.example',
      );
      return { memberId: node.id, roles: node.roles };
    },
  },
  setSignInPolicy: {
    document: update('setSignInPolicy', 'signInPolicy { stepUpMinutes }'),
    input: async () => {
      await ask(update('setSignInPolicy', 'signInPolicy { stepUpMinutes }'), {
        input: { stepUpMinutes: 11 },
      });
      return { stepUpMinutes: 11 };
    },
  },
  setLanguage: {
    document: update('setLanguage', 'user { id language }'),
    input: async () => {
      const { viewer } = await ask('{ viewer { user { language } } }');
      return { language: viewer.user.language };
    },
  },
};

describe.each(Object.entries(updates))(
  '%s with the values that the row has',
  (_name, { document, input }) => {
    it('answers with the row, appends no event and renews no identity version [B22]', async () => {
      const given = await input();
      const [before, versions] = [await events(), await identityVersions()];
      const data = await ask(document, { input: given });
      expect(JSON.stringify(Object.values(Object.values(data)[0] as object)[0])).toContain('"');
      expect(await events()).toBe(before);
      expect(await identityVersions()).toEqual(versions);
    });
  },
);

describe('updateEmployee with one other value', () => {
  it('appends one event with that value alone [B22]', async () => {
    const { id, name } = await first('employees', 'name');
    const before = await events();
    await ask(updates.updateEmployee?.document as string, {
      input: { employeeId: id, name, jobTitle: 'Baker' },
    });
    expect(await events()).toBe(before + 1);
    const [event] = await rowsOf(
      world,
      'SELECT body::jsonb AS body FROM audit_event WHERE entity_id = $1 ORDER BY pos DESC LIMIT 1',
      [uuidOf(id)],
    );
    expect(event.body.after).toEqual({ id: uuidOf(id), jobTitle: 'Baker' });
  });
});

describe('an UPDATE past the server', () => {
  const change = (sql: string) => rowsOf(world, sql);

  it('that changes an audited row without its event is refused at COMMIT [L1] [B22]', async () => {
    await expect(change(`UPDATE "Branch" SET name = name || ' x'`)).rejects.toThrow(
      'without its audit event',
    );
  });

  it('that leaves an audited row as it was needs no event [B22]', async () => {
    await expect(change('UPDATE "Branch" SET name = name')).resolves.toEqual([]);
  });

  it('that changes an audited row and changes it back is refused without events [L1] [B22]', async () => {
    const twice = `DO $$ BEGIN UPDATE "Branch" SET name = name || ' x'; UPDATE "Branch" SET name = left(name, -2); END $$`;
    await expect(change(twice)).rejects.toThrow('without its audit event');
  });
});
