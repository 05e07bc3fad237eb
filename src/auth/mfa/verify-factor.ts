import { z } from 'zod';
import { anonymous } from '../../audit/record/body.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import { type AppError, invalidInput } from '../../errors.ts';
import { notifyDeferred } from '../../notifications/notify.ts';
import { auditLocks } from '../account/locks.ts';
import { type Factor, factorKinds, isProtected } from '../authorization/factor.ts';
import { readBackupCode } from '../codes/backup-code.ts';
import { type Channel, useCode } from '../codes/one-time-code.ts';
import { totpStep } from '../codes/totp.ts';
import type { IdentityWork } from '../identity-command.ts';
import { countAttempt, locksAccount, refuseLocked, tooManyAttempts } from '../lockout/attempts.ts';
import type { AttemptResult } from '../lockout/limits.ts';
import { codeHash } from '../secrets/code-hash.ts';
import { openSecret } from '../secrets/sealed-secret.ts';
import { publicIdOf, publicSessionId } from '../session/public-id.ts';

/**
 * The user, the company whose audit log has the attempt, and the purpose that a sent code is bound
 * to.
 */
export type FactorUser = { userId: string; email: string; companyId: string; purpose: string };

export const signInPurpose = (challengeToken: string): string => `sign in ${publicIdOf(challengeToken)}`;
export const stepUpPurpose = ({ sessionId }: { sessionId: string }): string =>
  `step up ${publicSessionId(sessionId)}`;

/** Factors that are verified by a code; passkeys have their own ceremony. */
export const codeMethods = ['totp', 'email', 'sms', 'backupCode'] as const satisfies Factor[];
export type CodeMethod = (typeof codeMethods)[number];
/**
 * A code as users type it: white space and invisible characters are removed, full-width digits
 * become digits.
 */
export const code = z
  .string()
  .max(200, 'expected a code')
  .transform((typed) => typed.normalize('NFKC').replace(/[\s\p{Cf}]/gu, ''))
  .pipe(z.string().min(1, 'expected a code').max(64, 'expected a code'));

const CONFIRMED = '"confirmedAt" IS NOT NULL';

/** Returns the factors that the context's user can verify; none if there are only backup codes. */
export async function usableFactors(query: Query): Promise<Factor[]> {
  const [row] = await query<{ factors: Factor[] }>(
    `SELECT array_remove(ARRAY[
       CASE WHEN EXISTS (SELECT FROM "TotpFactor" WHERE ${CONFIRMED}) THEN 'totp' END,
       CASE WHEN EXISTS (SELECT FROM "Passkey") THEN 'passkey' END,
       CASE WHEN EXISTS (SELECT FROM "ContactFactor" WHERE channel = 'email' AND ${CONFIRMED}) THEN 'email' END,
       CASE WHEN EXISTS (SELECT FROM "ContactFactor" WHERE channel = 'sms' AND ${CONFIRMED}) THEN 'sms' END,
       CASE WHEN EXISTS (SELECT FROM "BackupCode" WHERE "usedAt" IS NULL) THEN 'backupCode' END], NULL) AS factors`,
  );
  const factors = row?.factors ?? [];
  return isProtected(factors) ? factors : [];
}

type Verify = (work: IdentityWork, user: FactorUser, code: string) => Promise<boolean>;

/** Each consumes the code: of concurrent requests with one code, one gets `true`. */
const verify: Record<CodeMethod, Verify> = {
  totp: useTotp,
  backupCode: useBackupCode,
  email: useSentCode('email'),
  sms: useSentCode('sms'),
};

/**
 * Verifies a second factor by its code. Errors: RATE_LIMITED while attempts of this kind are locked
 * for the account or the network, even for a correct code; one INVALID_INPUT for a code that is
 * wrong, used, expired or of another user.
 */
export async function verifyFactor(
  work: IdentityWork,
  user: FactorUser,
  method: CodeMethod,
  code: string,
): Promise<void> {
  const { services, origin } = work;
  const attempt = { kind: factorKinds[method].attempts, account: user.email, ip: origin.ip };
  await refuseLocked(services, attempt);
  const correct = await verify[method](work, user, code);
  const result = await countAttempt(services, attempt, correct);
  if (result.accepted && correct) return;
  await auditFailure(work, user, method, result);
  throw result.accepted ? wrongCode() : tooManyAttempts(result.waitSeconds);
}

async function auditFailure(
  work: IdentityWork,
  user: FactorUser,
  method: CodeMethod,
  result: AttemptResult,
): Promise<void> {
  const { userId, companyId, email } = user;
  await work.transaction({ companyId, userId }, async (tx) => {
    await tx.append({ action: 'signIn.secondFactorFailed', data: { userId, method } }, anonymous);
    const minutes = Math.ceil(result.waitSeconds / 60);
    if (locksAccount(result, email))
      tx.afterCommit(() => notifyDeferred(work.services, user, 'secondFactorLocked', { minutes }));
  });
  await auditLocks(work, factorKinds[method].attempts, result, { userId, companyId });
}

export const wrongCode = (): AppError =>
  invalidInput({ 'input.code': 'expected a code that is right, unused and not expired' });

export const notEnrolled = (): AppError =>
  invalidInput({ 'input.method': 'expected a second factor that you have' });

type Totp = { id: string; secret: string };

/**
 * Rejects a time step that is not later than the last accepted one, in one statement: concurrent
 * requests with one code are a replay.
 */
async function useTotp(
  { services: { pool, keyring } }: IdentityWork,
  { userId }: FactorUser,
  code: string,
): Promise<boolean> {
  const query = queryAs(pool, { companyId: null, userId });
  const factors = await query<Totp>(
    `SELECT id, secret FROM "TotpFactor" WHERE "userId" = $1 AND ${CONFIRMED} ORDER BY id`,
    [userId],
  );
  for (const { id, secret } of factors) {
    const step = totpStep(await openSecret(keyring, 'totp', id, secret), code);
    if (step === null) continue;
    const used = await query(
      `UPDATE "TotpFactor" SET "lastStep" = $2
       WHERE id = $1 AND ${CONFIRMED} AND ("lastStep" IS NULL OR "lastStep" < $2) RETURNING 1`,
      [id, step],
    );
    return used.length === 1;
  }
  return false;
}

async function useBackupCode(
  { services: { keyring }, transaction }: IdentityWork,
  { userId, companyId }: FactorUser,
  typed: string,
): Promise<boolean> {
  const code = readBackupCode(typed);
  if (code === null) return false;
  const hash = await codeHash(keyring, 'backup code', userId, code);
  return transaction({ companyId, userId }, async (tx) => {
    const used = await tx(
      'UPDATE "BackupCode" SET "usedAt" = now() WHERE "userId" = $1 AND hash = $2 AND "usedAt" IS NULL RETURNING 1',
      [userId, hash],
    );
    if (used.length === 0) return false;
    await tx.append({ action: 'factor.backupCodeUsed' }, { kind: 'user', userId });
    return true;
  });
}

/** A function declaration, because the table above refers to it. */
function useSentCode(channel: Channel): Verify {
  return ({ services: { pool, keyring } }, { userId, purpose }, code) =>
    useCode(queryAs(pool, { companyId: null, userId }), keyring, { userId, channel, purpose }, code);
}
