import type pg from 'pg';
import {
  type AccessScopeName,
  roles as builtIn,
  fitsAccessScope,
  isForServices,
  isPermission,
  type Permission,
  permissions,
  type RoleDefinition,
} from '../../../src/auth/authorization/permissions.ts';
import { mutationOf } from '../documents.ts';
import { globalId, newcomer, uuidOf, type World } from '../server/world.ts';
import { newKey } from '../sign-in/credentials.ts';
import type { Place } from './rows.ts';

type Grant = { permissions: readonly string[]; scope: AccessScopeName; teams: string[] };

/** A member or service account of Acme, with what their rows say that they may do. */
export type Attacker = {
  name: string;
  token: string;
  isKey: boolean;
  userId: string;
  branch: string | null;
  department: string | null;
  teams: string[];
  grants: Grant[];
};

/**
 * Whether the attacker holds the permission for a row of this place. `byPlace`: being one's own row
 * does not count.
 */
export const reaches = (
  { userId, branch, department, grants }: Attacker,
  permission: string,
  place: Place,
  byPlace = false,
): boolean =>
  grants
    .filter((grant) => grant.permissions.includes(permission))
    .some(
      ({ scope, teams }) =>
        ({
          company: true,
          branch: place.branch !== null && place.branch === branch,
          department: place.department !== null && place.department === department,
          team: place.team !== null && teams.includes(place.team),
          self: false,
        })[scope] ||
        (!byPlace && place.user === userId),
    );

export const holds = ({ grants }: Attacker, permission: string): boolean =>
  grants.some((grant) => grant.permissions.includes(permission));
export const holdsEverywhere = ({ grants }: Attacker, permission: string): boolean =>
  grants.some((grant) => grant.scope === 'company' && grant.permissions.includes(permission));

type Definition = { scope: AccessScopeName; permissions: readonly string[] };

/** Every permission that a role of less than the whole company can have. */
const narrowed = (Object.keys(permissions) as Permission[]).filter((name) => fitsAccessScope(name, 'branch'));
const read = (names: readonly string[]) => names.filter((name) => name.endsWith('.read'));

/** Members whose permissions differ in their access scopes, which no built-in role's do. */
const MIXED: Record<string, Definition[]> = {
  'reads all, writes in a branch': [
    { scope: 'company', permissions: read(narrowed) },
    { scope: 'branch', permissions: narrowed },
  ],
  'sees all employees, salaries of a department': [
    { scope: 'company', permissions: ['company.read', 'structure.read', 'employee.read', 'payroll.read'] },
    { scope: 'department', permissions: ['employee.salary.read', 'employee.salary.write'] },
  ],
  'sees attendance of a branch, employees of a team': [
    { scope: 'branch', permissions: ['structure.read', 'attendance.read', 'attendance.approve'] },
    { scope: 'team', permissions: ['employee.read', 'employee.write'] },
  ],
};
const NARROW: Record<string, Definition[]> = Object.fromEntries(
  (['branch', 'department', 'team', 'self'] as const).map((scope) => [
    `all of a ${scope}`,
    [{ scope, permissions: narrowed }],
  ]),
);

/** Where the attackers work, and a second team of the same department. */
export type Home = { branch: string; department: string; team: string; secondTeam: string };

type Made = { name: string; token: string; email: string };
type Maker = Awaited<ReturnType<typeof makerOf>>;

/** Signs in a member with each built-in role, members with custom roles, and API keys. */
export async function makeAttackers(world: World, db: pg.Client, home: Home): Promise<Attacker[]> {
  const maker = await makerOf(world);
  const branchRole = await maker.role({ scope: 'branch', permissions: narrowed });
  const made = [
    ...(await builtInMembers(world)),
    ...(await customMembers(maker, home)),
    ...(await unusualMembers(maker, home, branchRole)),
  ];
  const attackers: Attacker[] = [];
  for (const one of made) attackers.push({ ...one, ...(await memberRows(db, one.email)) });
  for (const role of [branchRole, 'hr_admin']) {
    const { key, accountId } = await newKey(world, maker.admin, [role]);
    attackers.push(await keyOf(db, `key of ${role}`, key, uuidOf(accountId), role));
  }
  return attackers;
}

/** Makes roles and members as an administrator. */
async function makerOf(world: World) {
  const admin = await world.signIn('company_admin');
  const run = async (name: string, input: object) => {
    const { errors } = await world.ask(mutationOf(name, '{ __typename }'), { input }, admin);
    if (errors) throw new Error(`${name}: ${JSON.stringify(errors)}`);
  };
  const role = async ({ scope, permissions }: Definition) => {
    const slug = `own_${crypto.randomUUID().slice(0, 8)}`;
    const definition = { slug, name: slug, level: 3, accessScope: scope.toUpperCase(), permissions };
    await run('createRole', definition);
    return slug;
  };
  const member = async (roles: string[], teams: string[], home?: Home) => {
    const { id, email, token } = await newcomer(world, ['client']);
    const place = home && {
      branchId: globalId('Branch', home.branch),
      departmentId: globalId('Department', home.department),
    };
    await run('setMemberRoles', { memberId: id, roles, ...place });
    for (const team of teams) await run('addTeamMember', { teamId: globalId('Team', team), memberId: id });
    return { token, email };
  };
  return { admin, run, role, member };
}

async function builtInMembers(world: World): Promise<Made[]> {
  const made: Made[] = [];
  for (const [name, { level }] of Object.entries(builtIn))
    if (level < 5) made.push({ name, token: await world.signIn(name), email: `${name}@acme.example` });
  return made;
}

async function customMembers({ role, member }: Maker, home: Home): Promise<Made[]> {
  const made: Made[] = [];
  for (const [name, definitions] of Object.entries({ ...NARROW, ...MIXED })) {
    const roles: string[] = [];
    for (const definition of definitions) roles.push(await role(definition));
    made.push({ name, ...(await member(roles, [home.team], home)) });
  }
  return made;
}

/** Members whose scope covers nothing, only one of their teams, or is for reading alone. */
async function unusualMembers({ role, member, run }: Maker, home: Home, branchRole: string): Promise<Made[]> {
  const teamRole = await role({ scope: 'team', permissions: narrowed });
  await run('setTeamRoles', { teamId: globalId('Team', home.secondTeam), roles: [teamRole] });
  return [
    { name: 'all of a branch, without one', ...(await member([branchRole], [])) },
    {
      name: 'all of a team, by its role',
      ...(await member(['client'], [home.team, home.secondTeam], home)),
    },
    {
      name: 'all of a branch, read-only',
      ...(await member([branchRole, 'view_only'], [home.team], home)),
    },
  ];
}

async function memberRows(db: pg.Client, email: string): Promise<Omit<Attacker, 'name' | 'token'>> {
  const { rows } = await db.query(
    `SELECT m."userId", m."branchId" AS branch, m."departmentId" AS department, m.roles,
       COALESCE(jsonb_agg(jsonb_build_object('id', t.id, 'roles', t.roles)) FILTER (WHERE t.id IS NOT NULL), '[]') AS teams
     FROM "Membership" m JOIN "Company" c ON c.id = m."companyId" AND c.name = 'Acme'
     LEFT JOIN "TeamMember" tm ON tm."companyId" = m."companyId" AND tm."membershipId" = m.id
     LEFT JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
     WHERE m.email = $1 GROUP BY m."companyId", m.id`,
    [email],
  );
  const [{ roles, teams, ...place }] = rows;
  const all: string[] = teams.map(({ id }: { id: string }) => id);
  const named = [
    ...roles.map((role: string) => ({ role, teams: all })),
    ...teams.flatMap(({ id, roles }: { id: string; roles: string[] }) =>
      roles.map((role) => ({ role, teams: [id] })),
    ),
  ];
  return { ...place, teams: all, isKey: false, grants: grantsOf(await definitions(db), named) };
}

async function keyOf(
  db: pg.Client,
  name: string,
  token: string,
  userId: string,
  role: string,
): Promise<Attacker> {
  const grants = grantsOf(await definitions(db), [{ role, teams: [] }]);
  const forServices = grants.map((grant) => ({
    ...grant,
    permissions: grant.permissions.filter((one) => isPermission(one) && isForServices(one)),
  }));
  return { name, token, isKey: true, userId, branch: null, department: null, teams: [], grants: forServices };
}

type Named = { role: string; teams: string[] };

function grantsOf(definitions: Map<string, RoleDefinition>, named: Named[]): Grant[] {
  const held = named.flatMap(({ role, teams }) => {
    const definition = definitions.get(role);
    return definition ? [{ ...definition, teams }] : [];
  });
  const readOnly = held.some((role) => role.readOnly);
  return held.map(({ permissions: all, accessScope, teams }) => ({
    permissions: all.filter((name) => !readOnly || !permissions[name].writes),
    scope: accessScope,
    teams,
  }));
}

async function definitions(db: pg.Client): Promise<Map<string, RoleDefinition>> {
  const own = await db.query(
    `SELECT slug, r.* FROM "Role" r JOIN "Company" c ON c.id = r."companyId" WHERE c.name = 'Acme'`,
  );
  return new Map<string, RoleDefinition>([
    ...own.rows.map((row): [string, RoleDefinition] => [row.slug, row]),
    ...Object.entries(builtIn),
  ]);
}

/** The place of a row, to an attacker: how near the row is to them, from the farthest on. */
export function distance({ branch, department, teams }: Attacker, place: Place): string {
  if (place.branch !== branch) return 'branch';
  if (place.department !== department) return 'department';
  return place.team === null || !teams.includes(place.team) ? 'team' : 'person';
}
