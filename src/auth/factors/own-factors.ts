import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { performerOf } from '../../audit/record/body.ts';
import { type Query, queryAs, transactionAs } from '../../db/sql.ts';
import { AppError } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Actor } from '../authorization/actor.ts';
import type { Factor } from '../authorization/factor.ts';
import { identityCommand } from '../identity-command.ts';
import { usableFactors } from '../mfa/usable-factors.ts';
import { notEnrolled } from '../mfa/verify-factor.ts';
import { reading } from '../reading.ts';

export type OwnFactor = { method: Factor; hint: string | null; addedAt: Date };
export type OwnFactors = { factors: OwnFactor[]; backupCodesLeft: number };

/** Returns the user's factors, with a hint of each address. */
export const ownFactors = reading({
  caller: 'enrolling',
  run: async ({ services, actor: { userId } }): Promise<OwnFactors> => {
    const query = queryAs(services.pool, { companyId: null, userId });
    const factors = await query<OwnFactor>(
      `SELECT 'totp' AS method, NULL AS hint, "confirmedAt" AS "addedAt" FROM "TotpFactor" WHERE "userId" = $1 AND "confirmedAt" IS NOT NULL
       UNION ALL SELECT channel::text, hint, "confirmedAt" FROM "ContactFactor" WHERE "userId" = $1 AND "confirmedAt" IS NOT NULL
       UNION ALL SELECT 'passkey', name, "createdAt" FROM "Passkey" WHERE "userId" = $1 ORDER BY 3, 1`,
      [userId],
    );
    const [left] = await query<{ count: number }>(
      'SELECT count(*)::int AS count FROM "BackupCode" WHERE "userId" = $1 AND "usedAt" IS NULL',
      [userId],
    );
    return { factors, backupCodesLeft: left?.count ?? 0 };
  },
});

/** Removes each kind of factor; passkeys are revoked one by one by their own operation. */
const removal: Record<'totp' | 'email' | 'sms', string> = {
  totp: 'DELETE FROM "TotpFactor" WHERE "userId" = $1 AND "confirmedAt" IS NOT NULL RETURNING 1',
  email: `DELETE FROM "ContactFactor" WHERE "userId" = $1 AND channel = 'email' AND "confirmedAt" IS NOT NULL RETURNING 1`,
  sms: `DELETE FROM "ContactFactor" WHERE "userId" = $1 AND channel = 'sms' AND "confirmedAt" IS NOT NULL RETURNING 1`,
};
const choice = z.object({ method: z.enum(['totp', 'email', 'sms']) });

/**
 * Removes one's own factor. With the last one go backup codes and trusted devices, which stand in for it.
 * Errors: STEP_UP_REQUIRED, INVALID_INPUT for one that they don't have, CONFLICT for the last one while one is required.
 */
export const removeFactor = identityCommand({
  caller: 'user',
  stepUp: true,
  input: choice,
  run: async ({ services, origin, actor, input }) => {
    const { method } = input;
    const { companyId, userId } = actor;
    await transactionAs(services.pool, { companyId, userId }, async (query) => {
      if ((await query(removal[method], [userId])).length === 0) throw notEnrolled();
      await settleLast(query, actor);
      await append(query, companyId, [
        { action: 'factor.removed', data: { method }, performer: performerOf(actor), origin },
      ]);
    });
    notify(services, actor, 'factorRemoved', { factor: method, when: now() });
    return { method };
  },
});

/** After a factor has gone, in the same transaction. Error: CONFLICT when it was the last one and one is required. */
export async function settleLast(query: Query, { userId, assurance }: Actor): Promise<void> {
  // two that go at the same time are each the last but one to the other
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`factors ${userId}`]);
  if ((await usableFactors(query)).length > 0) return;
  if (assurance?.demand.required)
    throw new AppError('CONFLICT', 'A second factor is required; enrol another one first.');
  for (const table of ['BackupCode', 'TrustedDevice'])
    await query(`DELETE FROM "${table}" WHERE "userId" = $1`, [userId]);
}
