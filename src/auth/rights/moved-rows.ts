import type { RecordedChange } from '../../audit/record/declaration.ts';
import { delegateOf } from '../../audit/record/transaction.ts';
import type { ModelName } from '../../db/guarantees.gen.ts';
import { namesReachedPlace, placeColumns, type Where } from '../../db/tenant/visibility.ts';
import { AppError } from '../../errors.ts';
import type { Actor } from '../authorization/actor.ts';
import { isNarrowed, type Permission } from '../authorization/permissions.ts';

/**
 * Rejects a command that moved a row to another branch, department or team, when the actor holds a
 * permission there that does not cover the row's earlier place: members must not open a record to
 * themselves by moving it. Error: FORBIDDEN.
 */
export async function guardMovedRows(actor: Actor, changes: readonly RecordedChange[]): Promise<void> {
  const permissions = [...actor.permissions].filter(
    (permission) => isNarrowed(permission) && actor.accessScope(permission) !== 'company',
  );
  if (permissions.length === 0) return;
  for (const { entity, entityId, earlier } of movedRows(changes)) {
    const columns = Object.fromEntries(placeColumns(entity).map((column) => [column, true]));
    const [row] = (await delegateOf(entity).findMany({ where: { id: entityId }, select: columns })) as [
      Where,
    ];
    for (const permission of permissions) {
      const reached = (place: Where) => namesReachedPlace(entity, place, scopeOf(actor, permission));
      if (reached(row) && !reached({ ...row, ...earlier }))
        throw new AppError('FORBIDDEN', `This gives ${permission} for rows outside your access scope.`);
    }
  }
}

const scopeOf = (actor: Actor, permission: Permission) => ({
  companyId: actor.companyId,
  userId: actor.userId,
  accessScope: () => actor.accessScope(permission),
});

type Moved = { entity: ModelName; entityId: string; earlier: Where };

/**
 * Returns the rows that exist before and after and whose place changed, with the columns that were
 * otherwise before.
 */
function movedRows(changes: readonly RecordedChange[]): Moved[] {
  const rows = new Map<string, Moved>();
  for (const { entity, entityId, before, after } of changes) {
    if (!before || !after || !placeColumns(entity).some((column) => column in before)) continue;
    const { earlier } = rows.get(entityId) ?? { earlier: {} };
    rows.set(entityId, { entity, entityId, earlier: { ...before, ...earlier } });
  }
  return [...rows.values()];
}
