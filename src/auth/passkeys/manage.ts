import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { type EventFacts, type Origin, performerOf } from '../../audit/record/body.ts';
import { type Query, queryAs, transactionAs } from '../../db/sql.ts';
import { text, validated } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import type { Actor, Identity } from '../authorization/actor.ts';
import { demandStepUp } from '../authorization/step-up.ts';
import { settleLast } from '../mfa/own-factors.ts';

/** As its user sees it. `backedUp`: it is synchronised, so that losing a device does not lose it. */
export type ListedPasskey = {
  id: string;
  name: string;
  backedUp: boolean;
  createdAt: Date;
  lastUsedAt: Date | null;
};
const COLUMNS = 'id, name, "backedUp", "createdAt", "lastUsedAt"';

/** The user's passkeys, oldest first. */
export const listPasskeys = ({ pool }: Services, userId: string): Promise<ListedPasskey[]> =>
  queryAs(pool, { companyId: null, userId })(
    `SELECT ${COLUMNS} FROM "Passkey" WHERE "userId" = $1 ORDER BY "createdAt", id`,
    [userId],
  );

const named = z.object({ name: text(80) });

/** Errors: INVALID_INPUT, NOT_FOUND. */
export async function renamePasskey(
  services: Services,
  origin: Origin,
  actor: Actor,
  passkeyId: string,
  input: unknown,
): Promise<ListedPasskey> {
  const { name } = validated(named, input);
  const sql = `UPDATE "Passkey" SET name = $3 WHERE "userId" = $1 AND id = $2 RETURNING ${COLUMNS}`;
  return change(services, origin, actor, 'passkey.renamed', (query) =>
    query<ListedPasskey>(sql, [actor.userId, passkeyId, name]),
  );
}

/**
 * It opens nothing from now on; sessions that it began go on until they are ended. Errors: NOT_FOUND, STEP_UP_REQUIRED; CONFLICT for the last
 * second factor while one is required.
 */
export async function revokePasskey(
  services: Services,
  origin: Origin,
  { user }: Identity,
  actor: Actor,
  passkeyId: string,
): Promise<void> {
  demandStepUp(actor);
  const sql = `DELETE FROM "Passkey" WHERE "userId" = $1 AND id = $2 RETURNING ${COLUMNS}`;
  await change(services, origin, actor, 'passkey.removed', async (query) => {
    const removed = await query<ListedPasskey>(sql, [actor.userId, passkeyId]);
    if (removed.length > 0) await settleLast(query, actor);
    return removed;
  });
  notify(services, user, 'passkeyRemoved', { when: now() });
}

/** A change of one of the user's own passkeys commits with its event. Error: NOT_FOUND when it changed none. */
const change = (
  { pool }: Services,
  origin: Origin,
  actor: Actor,
  action: EventFacts['action'],
  run: (query: Query) => Promise<ListedPasskey[]>,
): Promise<ListedPasskey> =>
  transactionAs(pool, { companyId: actor.companyId, userId: actor.userId }, async (query) => {
    const [passkey] = await run(query);
    if (!passkey) throw notFound();
    const data = { passkeyId: passkey.id, name: passkey.name };
    await append(query, actor.companyId, [{ action, data, performer: performerOf(actor), origin }]);
    return passkey;
  });
