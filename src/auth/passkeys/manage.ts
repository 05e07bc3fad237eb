import { z } from 'zod';
import type { EventFacts } from '../../audit/record/body.ts';
import { queryAs } from '../../db/sql.ts';
import { id, text } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import { requireFactorLeft } from '../factors/own-factors.ts';
import { type IdentityTools, type IdentityTransaction, identityCommand } from '../identity-command.ts';
import { reading } from '../reading.ts';

/**
 * A passkey as its user sees it. `backedUp`: it is synchronised, so that losing a device does not
 * lose it.
 */
export type ListedPasskey = {
  id: string;
  name: string;
  backedUp: boolean;
  createdAt: Date;
  lastUsedAt: Date | null;
};
const COLUMNS = 'id, name, "backedUp", "createdAt", "lastUsedAt"';

/** Returns the user's passkeys, oldest first. */
export const listPasskeys = reading({
  caller: 'enrolling',
  run: ({ services, actor: { userId } }): Promise<ListedPasskey[]> =>
    queryAs(services.pool, { companyId: null, userId })(
      `SELECT ${COLUMNS} FROM "Passkey" WHERE "userId" = $1 ORDER BY "createdAt", id`,
      [userId],
    ),
});

/** Renames a passkey. Errors: INVALID_INPUT, NOT_FOUND. */
export const renamePasskey = identityCommand({
  caller: 'user',
  input: z.object({ passkeyId: id, name: text(80) }),
  run: async (tools) => {
    const { actor, input } = tools;
    const sql = `WITH before AS (SELECT name FROM "Passkey" WHERE "userId" = $1 AND id = $2 FOR UPDATE)
      UPDATE "Passkey" SET name = $3 WHERE "userId" = $1 AND id = $2
      RETURNING ${COLUMNS}, (SELECT before.name = $3 FROM before) AS "isUnchanged"`;
    return change(tools, 'passkey.renamed', (query) =>
      query<Changed>(sql, [actor.userId, input.passkeyId, input.name]),
    );
  },
});

/**
 * Revokes a passkey. Sessions that it began continue; see `revokeSession`. Errors: NOT_FOUND,
 * STEP_UP_REQUIRED; CONFLICT for the last second factor while one is required.
 */
export const revokePasskey = identityCommand({
  caller: 'user',
  stepUp: true,
  input: z.object({ passkeyId: id }),
  run: async (tools) => {
    const { actor, identity, input, services } = tools;
    const sql = `DELETE FROM "Passkey" WHERE "userId" = $1 AND id = $2 RETURNING ${COLUMNS}`;
    return change(tools, 'passkey.removed', async (tx) => {
      const removed = await tx<ListedPasskey>(sql, [actor.userId, input.passkeyId]);
      if (removed.length > 0) await requireFactorLeft(tx, actor);
      tx.afterCommit(() => notify(services, identity.user, 'passkeyRemoved', { when: now() }));
      return removed;
    });
  },
});

type Changed = ListedPasskey & { isUnchanged?: boolean };
type Change = Pick<IdentityTools<'user', unknown>, 'actor' | 'transaction'>;

/**
 * Changes one of the user's passkeys, with its event in the same transaction if it changed. Error:
 * NOT_FOUND when none was changed.
 */
const change = (
  { actor: { companyId, userId }, transaction }: Change,
  action: EventFacts['action'],
  run: (tx: IdentityTransaction) => Promise<Changed[]>,
): Promise<ListedPasskey> =>
  transaction({ companyId, userId }, async (tx) => {
    const [passkey] = await run(tx);
    if (!passkey) throw notFound();
    if (!passkey.isUnchanged)
      await tx.append({ action, data: { passkeyId: passkey.id, name: passkey.name } });
    return passkey;
  });
