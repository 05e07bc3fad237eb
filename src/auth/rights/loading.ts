import type { RecordedChange } from '../../audit/record/declaration.ts';
import type { CommandClient } from '../../db/transaction.ts';
import type { Structure } from './check.ts';
import type { RightsModel, RightsRows } from './rows.ts';

/** The rows that a command's changes touch, directly and through dependent rows. */
type Touched = { ids: (model: RightsModel) => string[]; slugs: string[]; everyMember: boolean };

/**
 * Loads the rows of every holder of rights whom the changes touch, as they are after the changes.
 */
export async function touchedRows(
  tx: CommandClient,
  changes: readonly RecordedChange[],
): Promise<RightsRows> {
  const roles = byId(await tx.role.findMany());
  const touched = touchedBy(changes, roles);
  const members = await membersOf(tx, touched, changes);
  const teamIds = [
    ...new Set([
      ...touched.ids('Team'),
      ...teamsNamed(changes),
      ...members.links.map(({ teamId }) => teamId),
    ]),
  ];
  return {
    Membership: byId(members.rows),
    TeamMember: byId(members.links),
    Team: byId(await tx.team.findMany({ where: { id: { in: teamIds } } })),
    Role: roles,
    ...(await machinesOf(tx, touched, changes)),
    SignInPolicy: byId(await tx.signInPolicy.findMany()),
  } as RightsRows;
}

function touchedBy(changes: readonly RecordedChange[], roles: Map<string, { slug: string }>): Touched {
  const ids = (model: RightsModel) =>
    changes.filter(({ entity }) => entity === model).map(({ entityId }) => entityId);
  const slugs = changes
    .filter(({ entity }) => entity === 'Role')
    .map(({ entityId, before }) => (roles.get(entityId)?.slug ?? before?.slug) as string);
  return { ids, slugs, everyMember: ids('SignInPolicy').length > 0 };
}

const named = (changes: readonly RecordedChange[], column: string): string[] =>
  changes.flatMap(({ before, after }) =>
    [before?.[column], after?.[column]].filter((id) => typeof id === 'string'),
  );
const teamsNamed = (changes: readonly RecordedChange[]) => named(changes, 'teamId');

async function membersOf(tx: CommandClient, touched: Touched, changes: readonly RecordedChange[]) {
  const holding = { hasSome: touched.slugs };
  const rows = await tx.membership.findMany({
    where: touched.everyMember
      ? {}
      : {
          OR: [
            { id: { in: [...touched.ids('Membership'), ...named(changes, 'membershipId')] } },
            { teams: { some: { id: { in: touched.ids('TeamMember') } } } },
            { teams: { some: { teamId: { in: touched.ids('Team') } } } },
            { roles: holding },
            { teams: { some: { team: { roles: holding } } } },
          ],
        },
    include: { teams: { select: { id: true, teamId: true, membershipId: true } } },
  });
  return { rows, links: rows.flatMap(({ teams }) => teams) };
}

async function machinesOf(tx: CommandClient, touched: Touched, changes: readonly RecordedChange[]) {
  const keys = await tx.apiKey.findMany({ where: { id: { in: touched.ids('ApiKey') } } });
  const accounts = await tx.serviceAccount.findMany({
    where: {
      OR: [
        { id: { in: [...touched.ids('ServiceAccount'), ...keys.map((key) => key.serviceAccountId)] } },
        { id: { in: named(changes, 'serviceAccountId') } },
        { roles: { hasSome: touched.slugs } },
      ],
    },
  });
  return { ServiceAccount: byId(accounts), ApiKey: byId(keys) };
}

/** Loads the parents of departments and teams. */
export async function structureOf(tx: CommandClient): Promise<Structure> {
  const departments = await tx.department.findMany({ select: { id: true, branchId: true } });
  const teams = await tx.team.findMany({ select: { id: true, departmentId: true } });
  return {
    branchOf: new Map(departments.map(({ id, branchId }) => [id, branchId])),
    departmentOf: new Map(teams.map(({ id, departmentId }) => [id, departmentId])),
  };
}

const byId = <Row extends { id: string }>(rows: Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [row.id, row]));
