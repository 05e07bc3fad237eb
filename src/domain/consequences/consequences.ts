import type { RecordedChange } from '../../audit/record/declaration.ts';
import type { TransactionClient } from '../../db/transaction.ts';
import type { Consequence } from './consequence.ts';
import { mfaGrace } from './mfa-grace.ts';
import { sessionRotation } from './session-rotation.ts';

/** Every consequence, in the order in which they are applied. A new one is a line here. */
const consequences: Consequence[] = [mfaGrace, sessionRotation];

/** Applies all consequences of a command's changes and adds theirs to `changes`. */
export async function consequencesOf(
  tx: TransactionClient,
  companyId: string,
  changes: RecordedChange[],
): Promise<void> {
  for (const { apply } of consequences) changes.push(...(await apply(tx, companyId, changes)));
}
