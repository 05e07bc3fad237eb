import { z } from 'zod';
import { type Query, queryAs } from '../../db/sql.ts';
import { AppError } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Actor } from '../authorization/actor.ts';
import type { Factor } from '../authorization/factor.ts';
import { identityCommand } from '../identity-command.ts';
import { notEnrolled, usableFactors } from '../mfa/verify-factor.ts';
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
 * Removes a factor of the caller. Backup codes and trusted devices, which replace a factor, are
 * removed with the last one.
 * Errors: STEP_UP_REQUIRED, INVALID_INPUT for a factor that the user lacks, CONFLICT for the last
 * one while one is required.
 */
export const removeFactor = identityCommand({
  caller: 'user',
  stepUp: true,
  input: choice,
  run: ({ services, actor, input: { method }, transaction }) => {
    const { companyId, userId } = actor;
    return transaction({ companyId, userId }, async (tx) => {
      if ((await tx(removal[method], [userId])).length === 0) throw notEnrolled();
      await requireFactorLeft(tx, actor);
      await tx.append({ action: 'factor.removed', data: { method } });
      tx.afterCommit(() => notify(services, actor, 'factorRemoved', { factor: method, when: now() }));
      return { method };
    });
  },
});

/**
 * Removes backup codes and trusted devices once no factor is left, in the transaction that removed
 * one. Error: CONFLICT when one is required.
 */
export async function requireFactorLeft(query: Query, { userId, assurance }: Actor): Promise<void> {
  // of two concurrent removals each would see the other's factor as left
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`factors ${userId}`]);
  if ((await usableFactors(query)).length > 0) return;
  if (assurance?.demand.required)
    throw new AppError('CONFLICT', 'A second factor is required; enrol another one first.');
  for (const table of ['BackupCode', 'TrustedDevice'])
    await query(`DELETE FROM "${table}" WHERE "userId" = $1`, [userId]);
}
