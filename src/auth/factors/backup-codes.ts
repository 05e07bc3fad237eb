import { v7 as uuidv7 } from 'uuid';
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
  run: async ({ services, actor, transaction }) => {
    if (!actor.assurance?.factors.length)
      throw new AppError('CONFLICT', 'Backup codes require a second factor; enrol one first.');
    const { userId, companyId } = actor;
    const codes = newBackupCodes();
    const hashes = await Promise.all(
      codes.map((code) => codeHash(services.keyring, 'backup code', userId, readBackupCode(code) as string)),
    );
    await transaction({ companyId, userId }, async (tx) => {
      await tx('DELETE FROM "BackupCode" WHERE "userId" = $1', [userId]);
      await tx(
        'INSERT INTO "BackupCode" (id, "userId", hash) SELECT id, $1, hash FROM unnest($2::uuid[], $3::text[]) AS made (id, hash)',
        [userId, hashes.map(() => uuidv7()), hashes],
      );
      await tx.append({ action: 'factor.backupCodesMade' });
      tx.afterCommit(() => notify(services, actor, 'backupCodesMade', { when: now() }));
    });
    return codes;
  },
});
