import { append } from '../audit/record/append.ts';
import { type Origin, performerOf } from '../audit/record/body.ts';
import { declarationStatement, recordChanges } from '../audit/record/declaration.ts';
import type { Action } from '../audit/record/events.ts';
import type { AuditedWrite, Transaction } from '../audit/record/transaction.ts';
import type { Actor } from '../auth/authorization/actor.ts';
import { guardRights, mayChangeRights } from '../auth/rights/guard.ts';
import type { ModelName } from '../db/guarantees.gen.ts';
import type { TransactionClient } from '../db/transaction.ts';
import { consequencesOf } from './consequences/consequences.ts';

type Recorded = {
  definition: { event: Action; entity?: ModelName };
  actor: Actor;
  origin: Origin;
  companyId: string;
  lock: (name: string) => Promise<void>;
};

/**
 * Has the events of a command's changes written. The command's event names the first change of its
 * entity; a command that changed no row of it is an event without one, and one whose updates all
 * left their rows as they were has none.
 */
export async function recordCommand(
  transaction: Transaction<TransactionClient>,
  recorded: Recorded,
): Promise<void> {
  const { actor, companyId } = recorded;
  const { event: action, entity } = recorded.definition;
  const { writes, atCommit } = transaction;
  if (transaction.isDeclared) return;
  const { names, ...by } = declarationOf(recorded);
  const appendOwn = async () => {
    for (const chain of new Set([companyId, actor.companyId]))
      await append(transaction, chain, [{ action, ...by }]);
  };
  if (writes.length === 0) return appendOwn();
  if (!isAlone(writes, entity)) {
    const changes = await decided(transaction, { ...by, names }, recorded);
    if (changes.length > 0 && !changes.some((change) => change.entity === entity)) await appendOwn();
    return;
  }
  atCommit.push(declarationStatement({ ...by, names }));
}

/**
 * Runs a command's last write, whose event is declared beforehand where nothing follows from the
 * write: it then commits by itself, and with it all that the command does is one round trip.
 */
export async function runLast<Result>(
  transaction: Transaction<TransactionClient>,
  recorded: Recorded,
  write: () => PromiseLike<Result>,
): Promise<Result> {
  const { entity } = recorded.definition;
  transaction.declareLast = (one) =>
    isAlone([one], entity) ? declarationStatement(declarationOf(recorded)) : null;
  try {
    return await write();
  } finally {
    transaction.declareLast = undefined;
  }
}

const declarationOf = ({ definition: { event, entity }, actor, origin, companyId }: Recorded) => ({
  ...{ performer: performerOf(actor), origin, onPlatform: companyId !== actor.companyId },
  names: entity ? [{ action: event, entity }] : [],
});

/** Whether the one write is the entity's own, and nothing follows from it. */
const isAlone = ([write, ...others]: AuditedWrite[], entity: ModelName | undefined): boolean =>
  others.length === 0 && write !== undefined && write.model === entity && !mayChangeRights(write);

/**
 * Records the changes, applies what follows from them, and decides on the rights that they give.
 * Returns all changes.
 */
async function decided(
  { tx, atCommit }: Transaction<TransactionClient>,
  declaration: Parameters<typeof recordChanges>[1],
  { actor, companyId, lock }: Recorded,
) {
  const changes = await recordChanges((sql, values) => tx.$queryRawUnsafe(sql, ...values), declaration);
  const own = changes.length;
  await consequencesOf(tx, companyId, changes);
  await guardRights({ tx, actor, companyId, lock }, changes, own);
  if (changes.length > own)
    atCommit.push(declarationStatement({ ...declaration, names: changes.slice(own) }));
  return changes;
}
