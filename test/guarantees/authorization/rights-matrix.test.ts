import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountSubject } from '../../../src/auth/lockout/limits.ts';
import { setTeamRoles } from '../../../src/domain/access/team.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { mutationOf } from '../../support/documents.ts';
import { type RightsCommand, rightsCommands } from '../../support/rights-commands.ts';
import { openScene, type RoleRow, type Scene, sessionsLike } from '../../support/rights-scene.ts';
import { globalId, openWorld, type World } from '../../support/server/world.ts';
import { codeOf } from '../../support/sign-in/factors.ts';

// Every use case that can change rights, found in the source, × loss and gain × the holder's level
// × the age of the second factor. What is expected follows from the rule of granting alone, never
// from the guard.

const LEVELS = { below: 2, same: 3, above: 4 };
const ADMINISTERS = [
  ...[
    'company.read',
    'structure.read',
    'team.write',
    'member.read',
    'member.write',
    'role.read',
    'role.write',
  ],
  ...['security.read', 'security.write', 'apiKey.read', 'apiKey.write', 'attendance.record'],
];
const ACTOR = [
  { level: LEVELS.same, permissions: ADMINISTERS },
  { level: LEVELS.same, permissions: ['employee.write'], accessScope: 'branch' },
];
/** What is gained or lost, by its relation to the rights of the actor. */
const CHANGES = {
  loss: { permissions: ['attendance.record'] },
  gain: { permissions: ['attendance.record'] },
  'gain of a permission that the actor lacks': {
    ...{ permissions: ['employee.salary.write'], accessScope: 'self' },
  },
  'gain of a wider access scope than the actor’s': { permissions: ['employee.write'] },
  none: { permissions: ['attendance.record'] },
};
type Change = keyof typeof CHANGES;
type Level = keyof typeof LEVELS;
type Cell = { change: Change; level: Level; session: 'fresh' | 'stale' };
type Role = RoleRow & { id: string };
/**
 * Makes the rows before the change and returns the input that changes them. `base` has the holder's
 * level, `extra` what changes.
 */
type Arrange = (base: Role, extra: Role) => Promise<object>;

type Line = {
  name: string;
  of: string;
  ids: string;
  gain?: Arrange;
  loss?: Arrange;
  /** Changes no rights, but an account that others rely on. */
  none?: Arrange;
  /** Taking it away requires no level. */
  revocable?: true;
  /** Gains by self-service sign-up end at level 2. */
  capped?: true;
};

let world: World;
let scene: Scene;
let found: RightsCommand[];
beforeAll(async () => {
  world = await openWorld();
  scene = await openScene(world, ACTOR);
  found = await rightsCommands(scene.owner);
});
afterAll(async () => {
  await scene?.end();
  await world?.end();
});

const slugs = (...roles: Role[]) => roles.map(({ slug }) => slug);
const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
const email = () => `${crypto.randomUUID()}@matrix.example`;
const named = () => crypto.randomUUID();
const member = async (roles: Role[], row?: object) => scene.member(slugs(...roles), row);
const memberId = async (roles: Role[], row?: object) => globalId('Member', (await member(roles, row)).id);
const team = (...roles: Role[]) =>
  scene.add('Team', { departmentId: scene.place.Department, name: named(), roles: slugs(...roles) });
const inTeam = async (teamId: string, membershipId: string) =>
  void (await scene.add('TeamMember', { teamId, membershipId }));
const pair = (teamId: string, id: string) => ({
  teamId: globalId('Team', teamId),
  memberId: globalId('Member', id),
});
const reader = () => scene.role({ readOnly: true });
const account = (...roles: Role[]) =>
  scene.add('ServiceAccount', { name: named(), roles: slugs(...roles), createdById: named() });
const key = async (...roles: Role[]) => {
  const row = { serviceAccountId: await account(...roles), name: 'Key', hash: named(), allowedNetworks: [] };
  return scene.add('ApiKey', { ...row, createdById: named(), expiresAt: ago(-1) });
};
/** A member of whom a second factor has been required for a month. */
const late = async (roles: Role[], row: object = { mfaRequired: true, mfaGraceFrom: ago(30) }) => {
  const { id, userId } = await member(roles, row);
  await scene.owner.query(
    'INSERT INTO "MfaGrace" ("companyId", id, "startedAt") SELECT "companyId", "userId", $2 FROM "Membership" WHERE "userId" = $1',
    [userId, ago(30)],
  );
  return globalId('Member', id);
};
type Given = Pick<RoleRow, 'permissions' | 'accessScope'>;
const definition = ({ level }: Pick<RoleRow, 'level'>, { permissions, accessScope }: Given) => ({
  ...{ name: 'Role', level, accessScope: accessScope.toUpperCase(), isReadOnly: false, permissions },
});
const nothing: Given = { permissions: [], accessScope: 'company' };
/** A role that others hold; it gains or loses a permission and keeps its level. */
const shared = (hold: (role: Role, base: Role) => Promise<unknown>): Pick<Line, 'gain' | 'loss'> => {
  const change = async (before: object, after: Given, base: Role) => {
    const role = await scene.role(before);
    await hold(role, base);
    return { roleId: globalId('Role', role.id), ...definition(role, after) };
  };
  return {
    gain: (base, extra) => change(nothing, extra, base),
    loss: (base, { permissions }) => change({ permissions }, nothing, base),
  };
};

const lines: Line[] = [
  {
    ...{ name: 'inviteMember', of: 'a new member', ids: '[S1]' },
    gain: async (...roles) => ({ email: email(), name: 'New', roles: slugs(...roles) }),
  },
  {
    ...{ name: 'resendInvitation', of: 'an expired invitation', ids: '[S6]' },
    gain: async (...roles) => ({
      memberId: await memberId(roles, { status: 'invited', invitedUntil: ago(1) }),
    }),
  },
  {
    ...{ name: 'approveSignUp', of: 'a new member', ids: '[S1]' },
    gain: async (...roles) => {
      const row = { email: email(), name: 'New', status: 'waiting', expiresAt: ago(-1) };
      const id = await scene.add('SignUpRequest', row);
      return { signUpRequestId: globalId('SignUpRequest', id), roles: slugs(...roles) };
    },
  },
  {
    ...{ name: 'setMemberRoles', of: 'a member who keeps their level', ids: '[S1][S6]' },
    gain: async (base, extra) => ({ memberId: await memberId([base]), roles: slugs(base, extra) }),
    loss: async (base, extra) => ({ memberId: await memberId([base, extra]), roles: slugs(base) }),
  },
  {
    ...{ name: 'setMemberRoles', of: 'a member whose level changes', ids: '[S6][M7]' },
    gain: async (base, extra) => {
      const low = await scene.role({});
      return { memberId: await memberId([low]), roles: slugs(base, extra) };
    },
    loss: async (base, extra) => {
      const low = await scene.role({});
      return { memberId: await memberId([base, extra]), roles: slugs(low) };
    },
  },
  {
    ...{ name: 'suspendMember', of: 'an active member', ids: '[S6]' },
    loss: async (...roles) => ({ memberId: await memberId(roles) }),
  },
  {
    ...{ name: 'restoreMember', of: 'a suspended member', ids: '[S1][S6]' },
    gain: async (...roles) => ({ memberId: await memberId(roles, { status: 'suspended' }) }),
  },
  {
    ...{ name: 'removeMember', of: 'a member of a team', ids: '[S6][M7]' },
    loss: async (base, extra) => {
      const { id } = await member([base]);
      await inTeam(await team(extra), id);
      return { memberId: globalId('Member', id) };
    },
  },
  {
    ...{ name: 'createRole', of: 'a new role', ids: '[S1][M7]' },
    gain: async (base, extra) => ({ slug: `r_${named().slice(0, 8)}`, ...definition(base, extra) }),
  },
  {
    ...{ name: 'updateRole', of: 'a role without members', ids: '[S1][M7]' },
    gain: async ({ id, level }, extra) => ({ roleId: globalId('Role', id), ...definition({ level }, extra) }),
    loss: async ({ level }, { permissions }) => {
      const { id } = await scene.role({ level, permissions });
      return { roleId: globalId('Role', id), ...definition({ level }, nothing) };
    },
  },
  {
    ...{ name: 'updateRole', of: 'a role whose level changes', ids: '[S6][M7]' },
    gain: async (base, extra) => {
      const { id } = await scene.role({});
      return { roleId: globalId('Role', id), ...definition(base, extra) };
    },
    loss: async ({ level }, { permissions }) => {
      const { id } = await scene.role({ level, permissions });
      return { roleId: globalId('Role', id), ...definition({ level: 1 }, nothing) };
    },
  },
  {
    ...{ name: 'updateRole', of: 'a low role of a member of this level', ids: '[S6][M7]' },
    ...shared((role, base) => member([base, role])),
  },
  {
    ...{ name: 'updateRole', of: 'a low role of the team of a member of this level', ids: '[S6][M7]' },
    ...shared(async (role, base) => inTeam(await team(role), (await member([base])).id)),
  },
  {
    ...{ name: 'updateRole', of: 'a role that is given at sign-up', ids: '[S10]', capped: true },
    gain: async (base, extra) => {
      const { id, slug } = await scene.role({});
      await scene.policy({ signUpMode: 'open', signUpRoles: [slug] });
      return { roleId: globalId('Role', id), ...definition(base, extra) };
    },
    loss: async ({ level }, { permissions }) => {
      const { id, slug } = await scene.role({ level, permissions });
      await scene.policy({ signUpMode: 'open', signUpRoles: [slug] });
      return { roleId: globalId('Role', id), ...definition({ level: 1 }, nothing) };
    },
  },
  {
    ...{ name: 'createTeam', of: 'a new team', ids: '[S1]' },
    gain: async (...roles) => ({
      ...{
        departmentId: globalId('Department', scene.place.Department),
        name: named(),
        roles: slugs(...roles),
      },
    }),
  },
  {
    ...{ name: 'setTeamRoles', of: 'a team without members', ids: '[S1][M7]' },
    gain: async (base, extra) => ({ teamId: globalId('Team', await team(base)), roles: slugs(base, extra) }),
    loss: async (base, extra) => ({ teamId: globalId('Team', await team(base, extra)), roles: slugs(base) }),
  },
  {
    ...{ name: 'setTeamRoles', of: 'the team of a member of this level', ids: '[S6][M7]' },
    gain: async (base, extra) => {
      const id = await team();
      await inTeam(id, (await member([base])).id);
      return { teamId: globalId('Team', id), roles: slugs(extra) };
    },
    loss: async (base, extra) => {
      const id = await team(extra);
      await inTeam(id, (await member([base])).id);
      return { teamId: globalId('Team', id), roles: [] };
    },
  },
  {
    ...{ name: 'setTeamRoles', of: 'a read-only team of a member of this level', ids: '[S6]' },
    gain: async (base, extra) => {
      const id = await team(await reader());
      await inTeam(id, (await member([base, extra])).id);
      return { teamId: globalId('Team', id), roles: [] };
    },
  },
  {
    ...{ name: 'addTeamMember', of: 'a member of this level', ids: '[S1][S6]' },
    gain: async (base, extra) => pair(await team(extra), (await member([base])).id),
    loss: async (...roles) => pair(await team(await reader()), (await member(roles)).id),
  },
  {
    ...{ name: 'addTeamMember', of: 'a member who is raised to this level', ids: '[S6][M7]' },
    gain: async (...roles) => pair(await team(...roles), (await member([await scene.role({})])).id),
  },
  {
    ...{ name: 'removeTeamMember', of: 'a member of this level', ids: '[S1][S6]' },
    gain: async (...roles) => {
      const [id, place] = [(await member(roles)).id, await team(await reader())];
      await inTeam(place, id);
      return pair(place, id);
    },
    loss: async (base, extra) => {
      const [id, place] = [(await member([base])).id, await team(extra)];
      await inTeam(place, id);
      return pair(place, id);
    },
  },
  {
    ...{ name: 'createServiceAccount', of: 'a new service account', ids: '[S1]' },
    gain: async (...roles) => ({ name: named(), roles: slugs(...roles) }),
  },
  {
    ...{ name: 'disableServiceAccount', of: 'a service account', ids: '[S6]', revocable: true },
    loss: async (...roles) => ({ serviceAccountId: globalId('ServiceAccount', await account(...roles)) }),
  },
  {
    ...{ name: 'createApiKey', of: 'a new key', ids: '[S1]' },
    gain: async (...roles) => {
      const serviceAccountId = globalId('ServiceAccount', await account(...roles));
      return { serviceAccountId, name: 'Key', allowedNetworks: [], expiresInDays: 1 };
    },
  },
  {
    ...{ name: 'rotateApiKey', of: 'the next key', ids: '[S1]' },
    gain: async (...roles) => ({ apiKeyId: globalId('ApiKey', await key(...roles)), overlapHours: 1 }),
  },
  {
    ...{ name: 'revokeApiKey', of: 'a key', ids: '[S6]', revocable: true },
    loss: async (...roles) => ({ apiKeyId: globalId('ApiKey', await key(...roles)) }),
  },
  {
    ...{ name: 'setSignInPolicy', of: 'future sign-ups', ids: '[S1][S10]', capped: true, revocable: true },
    gain: async (...roles) => {
      await scene.policy({ signUpMode: 'invitation', signUpRoles: slugs(...roles) });
      return { signUpMode: 'OPEN' };
    },
    loss: async (...roles) => {
      await scene.policy({ signUpMode: 'open', signUpRoles: slugs(...roles) });
      return { signUpMode: 'INVITATION' };
    },
  },
  {
    ...{ name: 'setSignInPolicy', of: 'a member after the grace period', ids: '[S1][S6]' },
    gain: async (...roles) => {
      await scene.policy({ mfaGraceDays: 7 });
      await late(roles);
      return { mfaGraceDays: 60 };
    },
    loss: async (...roles) => {
      await scene.policy({ mfaGraceDays: 60 });
      await late(roles);
      return { mfaGraceDays: 7 };
    },
  },
  {
    ...{ name: 'requireMemberFactor', of: 'a member after the grace period', ids: '[S1][S6]' },
    gain: async (...roles) => ({ memberId: await late(roles), isRequired: false }),
    loss: async (...roles) => ({ memberId: await late(roles, {}), isRequired: true }),
  },
  {
    ...{ name: 'resetMemberGrace', of: 'a member after the grace period', ids: '[S1][S6]' },
    gain: async (...roles) => ({ memberId: await late(roles) }),
  },
  {
    ...{ name: 'unlockMember', of: 'a locked member', ids: '[S7]' },
    none: async (...roles) => {
      const { id, email } = await member(roles);
      await scene.owner.query(`INSERT INTO "Throttle" (kind, subject, failures) VALUES ('password', $1, 5)`, [
        accountSubject(email),
      ]);
      return { memberId: globalId('Member', id) };
    },
  },
  {
    ...{ name: 'disableMemberFactors', of: 'a member with a second factor', ids: '[S7]' },
    none: async (...roles) => {
      const { id, userId } = await member(roles);
      await scene.owner.query(
        `INSERT INTO "TotpFactor" (id, "userId", secret, "confirmedAt")
         SELECT gen_random_uuid(), $1, secret, now() FROM "TotpFactor" LIMIT 1`,
        [userId],
      );
      return { memberId: globalId('Member', id) };
    },
  },
];

/** Use cases that the matrix cannot try, with the reason. */
const outside: Record<string, string> = {
  createCompany: 'founds a company: it has no holders yet (the platform’s test below)',
  deleteCompany: 'ends a company with all its rights (the platform’s test below)',
  foundPlatform: 'not in the API',
  removeOldInvitation: 'not in the API: a job, which removes an invitation that has ended',
  acceptInvitation: 'takes the rights that were checked when the member was invited',
  joinCompany: 'takes the rights that were checked when the member was invited',
  verifyEmail: 'takes the rights that were checked when the policy was set',
};

const mutations = buildSchema().getMutationType()?.getFields() ?? {};
const stepsUp = (name: string): boolean => mutations[name]?.extensions.stepUp === true;

/** The rule of granting: the errors of which one is the answer; none, and the change is made. */
function refusalsOf(line: Line, { change, level, session }: Cell): string[] {
  const gains = change.startsWith('gain');
  const refusals = new Set<string>();
  if (level === 'above' && !(line.revocable && change === 'loss')) refusals.add('FORBIDDEN');
  if (gains && change !== 'gain') refusals.add('FORBIDDEN');
  if (gains && line.capped && level !== 'below') refusals.add('CONFLICT');
  if (session === 'stale' && (gains || stepsUp(line.name))) refusals.add('STEP_UP_REQUIRED');
  return [...refusals];
}

/** Each change that a line can make, at each level of its holder. */
const casesOf = (line: Line) =>
  (Object.keys(CHANGES) as Change[]).flatMap((change) => {
    const arrange = change.startsWith('gain') ? line.gain : line[change as 'loss' | 'none'];
    const levels = Object.keys(LEVELS) as Level[];
    return arrange ? levels.map((level) => ({ change, level, arrange })) : [];
  });

/** The answer's code and the tables whose rows differ afterwards. */
async function run(name: string, input: object, token: string) {
  const before = await scene.digest();
  const answer = await world.inside(mutationOf(name, '{ __typename }'), { input }, token);
  const after = await scene.digest();
  return {
    code: codeOf(answer),
    changed: Object.keys(after).filter((table) => after[table] !== before[table]),
  };
}

const writesOf = (command: string): string[] => found.find(({ name }) => name === command)?.writes ?? [];

/** Returns what is wrong with the outcome of one cell. */
function problemOf(line: Line, cell: Cell, { code, changed }: Awaited<ReturnType<typeof run>>): string[] {
  const { change, level, session } = cell;
  const refusals = refusalsOf(line, cell);
  const writes = change === 'none' ? ['Throttle', 'TotpFactor'] : writesOf(line.name);
  const isExpected =
    refusals.length > 0
      ? refusals.includes(code) && changed.length === 0
      : code === 'ok' && changed.some((table) => writes.includes(table));
  const expected = refusals.join(' or ') || `a change of ${writes}`;
  const where = `${change}, holder ${level}, second factor ${session}`;
  return isExpected ? [] : [`${where}: ${code}, changed [${changed}]; expected ${expected}`];
}

/** What the actor may not give at all is tried with the session that may give the most. */
const sessionsFor = (change: Change): Cell['session'][] =>
  change.startsWith('gain of') ? ['fresh'] : ['stale', 'fresh'];

async function problemsOf(
  line: Line,
  { arrange, ...one }: ReturnType<typeof casesOf>[number],
): Promise<string[]> {
  const prepare = async () => {
    await scene.clear();
    const base = await scene.role({ level: LEVELS[one.level], permissions: ['company.read'] });
    return arrange(base, await scene.role(CHANGES[one.change]));
  };
  const problems: string[] = [];
  let input: object | null = null;
  for (const session of sessionsFor(one.change)) {
    input ??= await prepare();
    const outcome = await run(line.name, input, scene.tokens[session]);
    problems.push(...problemOf(line, { ...one, session }, outcome));
    // a refusal leaves the rows as they are for the next session
    if (outcome.code === 'ok') input = null;
  }
  return problems;
}

describe('the matrix of granting', () => {
  it('[S1][S6][R3] has a line for every use case whose code writes a row of rights or compares levels', () => {
    const known = [...new Set([...lines.map(({ name }) => name), ...Object.keys(outside)])];
    expect(found.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
  });

  it.each(lines)('$ids $name changes the rights of $of only as the rule of granting allows', async (line) => {
    const problems: string[] = [];
    for (const one of casesOf(line)) problems.push(...(await problemsOf(line, one)));
    expect(problems).toEqual([]);
  });

  it('[S1] demands a recent second factor of a gain by a command that does not demand one itself', async () => {
    const { stepUp } = setTeamRoles;
    delete setTeamRoles.stepUp;
    try {
      await scene.clear();
      const role = await scene.role({ permissions: ['company.read'] });
      const set = async (...roles: Role[]) =>
        run('setTeamRoles', { teamId: globalId('Team', id), roles: slugs(...roles) }, scene.tokens.stale);
      const id = await team();
      expect(await set(role)).toEqual({ code: 'STEP_UP_REQUIRED', changed: [] });
      await scene.owner.query('UPDATE "Team" SET roles = $1 WHERE id = $2', [slugs(role), id]);
      expect(await set()).toEqual({ code: 'ok', changed: ['Team'] });
    } finally {
      Object.assign(setTeamRoles, { stepUp });
    }
  });

  it('[S1] founds and deletes a company for the platform with a recent second factor alone', async () => {
    const platform = await sessionsLike(world, 'platform@bulwark.example');
    const name = named();
    const membersOf = async () => {
      const sql = `SELECT m.roles, m.status FROM "Membership" m JOIN "Company" c ON c.id = m."companyId" WHERE c.name = $1`;
      return (await scene.owner.query(sql, [name])).rows;
    };
    const founding = { name, currency: 'EUR', administrator: { email: email(), name: 'First' } };
    const refused = { code: 'STEP_UP_REQUIRED', changed: [] };
    expect(await run('createCompany', founding, platform.stale)).toEqual(refused);
    expect(await run('createCompany', founding, scene.tokens.fresh)).toEqual({
      ...refused,
      code: 'FORBIDDEN',
    });
    expect((await run('createCompany', founding, platform.fresh)).code).toBe('ok');
    expect(await membersOf()).toEqual([{ roles: ['company_admin'], status: 'invited' }]);
    const [{ id }] = (await scene.owner.query('SELECT id FROM "Company" WHERE name = $1', [name])).rows;
    const deletion = { companyId: globalId('ManagedCompany', id) };
    expect(await run('deleteCompany', deletion, platform.stale)).toEqual(refused);
    expect(await run('deleteCompany', deletion, scene.tokens.fresh)).toEqual({
      ...refused,
      code: 'FORBIDDEN',
    });
    expect((await run('deleteCompany', deletion, platform.fresh)).code).toBe('ok');
    expect(await membersOf()).toEqual([]);
  });

  it('[S6] changes only the status of a membership when its invitation is accepted', async () => {
    await scene.clear();
    const role = await scene.role({ level: LEVELS.above, permissions: ['company.read'] });
    const guest = 'client@globex.example';
    const [user] = (await scene.owner.query('SELECT id FROM "User" WHERE email = $1', [guest])).rows;
    const row = { userId: user.id, email: guest, name: 'Guest', roles: slugs(role), status: 'invited' };
    const id = await scene.add('Membership', { ...row, invitedUntil: ago(-1) });
    const stored = async () =>
      (await scene.owner.query('SELECT * FROM "Membership" WHERE id = $1', [id])).rows[0];
    const before = await stored();
    const input = { invitationId: globalId('Invitation', scene.companyId) };
    expect((await run('joinCompany', input, await world.signIn('client', 'globex'))).code).toBe('ok');
    expect(await stored()).toEqual({ ...before, status: 'active', invitedUntil: null });
  });
});
