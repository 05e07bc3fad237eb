import type { RecordedChange } from '../../audit/record/declaration.ts';
import type { AuditedWrite } from '../../audit/record/transaction.ts';
import { placeColumns } from '../../db/tenant/visibility.ts';
import type { CommandClient } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { Actor } from '../authorization/actor.ts';
import { builtInRoleNames } from '../authorization/permissions.ts';
import { administers, isAdministrator, type RoleCatalogue } from '../authorization/roles.ts';
import { demandStepUp } from '../authorization/step-up.ts';
import { checkRights } from './check.ts';
import { structureOf, touchedRows } from './loading.ts';
import { guardMovedRows } from './moved-rows.ts';
import type { Rights } from './rights.ts';
import {
  catalogueIn,
  holdersIn,
  type MembershipRow,
  type RightsRows,
  rightsModels,
  rowsBefore,
} from './rows.ts';

type Guarded = {
  tx: CommandClient;
  actor: Actor;
  companyId: string;
  /** Takes a lock on this name in this company until commit. */
  lock: (name: string) => Promise<void>;
};

/** Returns whether any of the changes can affect permissions. */
const changeRights = (changes: readonly RecordedChange[]): boolean =>
  changes.some(({ entity }) => rightsModels.includes(entity));

/**
 * Returns whether `guardRights` may find something in the changes of this call. Other rows may be
 * deleted with a deleted one.
 */
export const mayChangeRights = ({ model, change, columns }: AuditedWrite): boolean =>
  change === 'deleted' ||
  rightsModels.includes(model) ||
  placeColumns(model).some((column) => columns.includes(column));

/**
 * Decides on every change of rights, whichever command made it: the rights of everyone whom its
 * changes touch are compared before and after. One such command of a company at a time, so that two
 * cannot remove each other. `own` counts the changes that the command made itself; what follows
 * from them comes after.
 * Errors: FORBIDDEN, STEP_UP_REQUIRED when anything was gained, CONFLICT without an administrator.
 */
export async function guardRights(
  { tx, actor, companyId, lock }: Guarded,
  changes: readonly RecordedChange[],
  own: number,
): Promise<void> {
  await guardMovedRows(actor, changes);
  if (!changeRights(changes) || founds(companyId, changes)) return;
  await lock('rights');
  const now = new Date();
  const rows = await touchedRows(tx, changes);
  const earlier = rowsBefore(rows, changes);
  const { gained } = checkRights(actor, {
    before: regranted(holdersIn(companyId, earlier, now), changes),
    after: holdersIn(companyId, rows, now),
    direct: new Set(changes.slice(0, own).map(({ entity, entityId }) => `${entity} ${entityId}`)),
    structure: await structureOf(tx),
  });
  if (gained) demandStepUp(actor);
  if (losesAdministrator(earlier, rows)) await requireAdministrator(tx, catalogueIn(rows));
}

/**
 * Returns the rights from which gains count: an invitation with another inviter is granted again,
 * as a whole.
 */
function regranted(before: Map<string, Rights>, changes: readonly RecordedChange[]): Map<string, Rights> {
  for (const { entity, entityId, before: snapshot } of changes) {
    const rights = before.get(`${entity} ${entityId}`);
    if (rights && snapshot && 'invitedById' in snapshot)
      before.set(`${entity} ${entityId}`, { ...rights, usable: false });
  }
  return before;
}

/**
 * Lets one command of a company at a time change rows of rights: called before it runs, so that two
 * never wait for each other's rows. A command of another entity takes the same lock once it has
 * changed such a row.
 */
export async function lockRights({ lock }: Pick<Guarded, 'lock'>, entity: string | undefined): Promise<void> {
  if (entity && rightsModels.includes(entity)) await lock('rights');
}

/** Creating a company appoints its first administrator. */
const founds = (companyId: string, changes: readonly RecordedChange[]): boolean =>
  changes.some(({ entity, entityId, before }) => entity === 'Company' && entityId === companyId && !before);

function losesAdministrator(before: RightsRows, after: RightsRows): boolean {
  const [earlier, later] = [administratorsIn(before), administratorsIn(after)];
  return earlier.some((id) => !later.includes(id));
}

function administratorsIn(rows: RightsRows): string[] {
  const catalogue = catalogueIn(rows);
  const teamRoles = (id: string) =>
    [...rows.TeamMember.values()]
      .filter(({ membershipId }) => membershipId === id)
      .flatMap(({ teamId }) => rows.Team.get(teamId)?.roles ?? []);
  return [...rows.Membership]
    .filter(([id, row]) => isActiveAdministrator(row, teamRoles(id), catalogue))
    .map(([id]) => id);
}

const isActiveAdministrator = (
  { status, roles }: Pick<MembershipRow, 'status' | 'roles'>,
  teamRoles: string[],
  catalogue: RoleCatalogue,
): boolean => status === 'active' && administers([...roles, ...teamRoles], catalogue);

/** Rejects with CONFLICT without an active administrator, because none could be appointed again. */
async function requireAdministrator(tx: CommandClient, catalogue: RoleCatalogue): Promise<void> {
  const administrative = { hasSome: builtInRoleNames.filter(isAdministrator) };
  const candidates = await tx.membership.findMany({
    where: {
      status: 'active',
      OR: [{ roles: administrative }, { teams: { some: { team: { roles: administrative } } } }],
    },
    select: { status: true, roles: true, teams: { select: { team: { select: { roles: true } } } } },
  });
  const remains = candidates.some(({ teams, ...row }) =>
    isActiveAdministrator(
      row,
      teams.flatMap(({ team }) => team.roles),
      catalogue,
    ),
  );
  if (remains) return;
  throw new AppError(
    'CONFLICT',
    'This would leave the company without an administrator; appoint another one first.',
  );
}
