import { v7 as uuidv7 } from 'uuid';
import { append } from '../../audit/record/append.ts';
import { performerOf } from '../../audit/record/body.ts';
import { transactionAs } from '../../db/sql.ts';
import { nothing } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import { newBackupCodes, readBackupCode } from '../codes/backup-code.ts';
import { identityCommand } from '../identity-command.ts';
import { codeHash } from '../secrets/code-hash.ts';

/**
 * Creates ten codes, shown once; earlier ones are void. They replace a factor, so one is required.
 * Errors: CONFLICT without a factor, STEP_UP_REQUIRED.
 */
export const makeBackupCodes = identityCommand({
  caller: 'user',
  stepUp: true,
  input: nothing,
  run: async ({ services, origin, actor }) => {
    if (!actor.assurance?.factors.length)
      throw new AppError('CONFLICT', 'Backup codes require a second factor; enrol one first.');
    const { userId, companyId } = actor;
    const codes = newBackupCodes();
    const hashes = await Promise.all(
      codes.map((code) => codeHash(services.keyring, 'backup code', userId, readBackupCode(code) as string)),
    );
    await transactionAs(services.pool, { companyId, userId }, async (query) => {
      await query('DELETE FROM "BackupCode" WHERE "userId" = $1', [userId]);
      await query(
        'INSERT INTO "BackupCode" (id, "userId", hash) SELECT id, $1, hash FROM unnest($2::uuid[], $3::text[]) AS made (id, hash)',
        [userId, hashes.map(() => uuidv7()), hashes],
      );
      await append(query, companyId, [
        { action: 'factor.backupCodesMade', performer: performerOf(actor), origin },
      ]);
    });
    notify(services, actor, 'backupCodesMade', { when: now() });
    return codes;
  },
});
