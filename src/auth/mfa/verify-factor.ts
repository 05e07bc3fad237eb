import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { anonymous, type Origin } from '../../audit/record/body.ts';
import { queryAs, transactionAs } from '../../db/sql.ts';
import { type AppError, invalidInput } from '../../errors.ts';
import { notifyDeferred } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import type { Factor } from '../authorization/factor.ts';
import { readBackupCode } from '../codes/backup-code.ts';
import { type Channel, useCode } from '../codes/one-time-code.ts';
import { totpStep } from '../codes/totp.ts';
import {
  auditLocks,
  countAttempt,
  locksAccount,
  refuseLocked,
  tooManyAttempts,
} from '../lockout/attempts.ts';
import { codeHash } from '../secrets/code-hash.ts';
import { openSecret } from '../secrets/sealed-secret.ts';
import { publicIdOf, publicSessionId } from '../session/public-id.ts';
import { factorKinds } from './usable-factors.ts';

/** The user, the company whose audit log records the attempt, and the purpose that a sent code is bound to. */
export type FactorUser = { userId: string; email: string; companyId: string; purpose: string };

export const signInPurpose = (challengeToken: string): string => `sign in ${publicIdOf(challengeToken)}`;
export const stepUpPurpose = ({ sessionId }: { sessionId: string }): string =>
  `step up ${publicSessionId(sessionId)}`;

/** Factors that are verified by a code; passkeys have their own ceremony. */
export const codeMethods = ['totp', 'email', 'sms', 'backupCode'] as const satisfies Factor[];
export type CodeMethod = (typeof codeMethods)[number];
/** A code as it is typed: blanks, invisible ones too, are no part of it, and full-width digits are digits. */
export const code = z
  .string()
  .max(200, 'expected a code')
  .transform((typed) => typed.normalize('NFKC').replace(/[\s\p{Cf}]/gu, ''))
  .pipe(z.string().min(1, 'expected a code').max(64, 'expected a code'));

type Verify = (services: Services, origin: Origin, user: FactorUser, code: string) => Promise<boolean>;

/** Each uses the code up: of any number of requests with the same one, one gets `true`. */
const verify: Record<CodeMethod, Verify> = {
  totp: useTotp,
  backupCode: useBackupCode,
  email: useSentCode('email'),
  sms: useSentCode('sms'),
};

/**
 * Takes a code as proof. Errors: RATE_LIMITED while the account's or the network's tries of this kind are locked, right or wrong; one
 * INVALID_INPUT for a code that is wrong, used, expired or somebody else's.
 */
export async function verifyFactor(
  services: Services,
  origin: Origin,
  user: FactorUser,
  method: CodeMethod,
  code: string,
): Promise<void> {
  const tried = { kind: factorKinds[method].attempts, account: user.email, ip: origin.ip };
  await refuseLocked(services, tried);
  const right = await verify[method](services, origin, user, code);
  const settled = await countAttempt(services, tried, right);
  if (settled.accepted && right) return;
  const { userId, companyId, email } = user;
  const facts = { action: 'signIn.secondFactorFailed' as const, data: { userId, method } };
  await append(services.pool, companyId, [{ ...facts, performer: anonymous, origin }]);
  await auditLocks(services, origin, tried.kind, settled, { userId, companyId });
  if (locksAccount(settled, email))
    notifyDeferred(services, user, 'secondFactorLocked', { minutes: Math.ceil(settled.waitSeconds / 60) });
  throw settled.accepted ? wrongCode() : tooManyAttempts(settled.waitSeconds);
}

export const wrongCode = (): AppError =>
  invalidInput({ 'input.code': 'expected a code that is right, unused and not expired' });

export const notEnrolled = (): AppError =>
  invalidInput({ 'input.method': 'expected a second factor that you have' });

type Totp = { id: string; secret: string };

/** A step that is not later than the last one taken is refused in one statement: two requests in the same millisecond are one too many. */
async function useTotp(
  { pool, keyring }: Services,
  _origin: Origin,
  { userId }: FactorUser,
  code: string,
): Promise<boolean> {
  const query = queryAs(pool, { companyId: null, userId });
  const factors = await query<Totp>(
    'SELECT id, secret FROM "TotpFactor" WHERE "userId" = $1 AND "confirmedAt" IS NOT NULL ORDER BY id',
    [userId],
  );
  for (const { id, secret } of factors) {
    const step = totpStep(await openSecret(keyring, 'totp', id, secret), code);
    if (step === null) continue;
    const taken = await query(
      'UPDATE "TotpFactor" SET "lastStep" = $2 WHERE id = $1 AND "confirmedAt" IS NOT NULL AND ("lastStep" IS NULL OR "lastStep" < $2) RETURNING 1',
      [id, step],
    );
    return taken.length === 1;
  }
  return false;
}

async function useBackupCode(
  { pool, keyring }: Services,
  origin: Origin,
  { userId, companyId }: FactorUser,
  typed: string,
): Promise<boolean> {
  const code = readBackupCode(typed);
  if (code === null) return false;
  const hash = await codeHash(keyring, 'backup code', userId, code);
  return transactionAs(pool, { companyId, userId }, async (query) => {
    const used = await query(
      'UPDATE "BackupCode" SET "usedAt" = now() WHERE "userId" = $1 AND hash = $2 AND "usedAt" IS NULL RETURNING 1',
      [userId, hash],
    );
    if (used.length === 0) return false;
    await append(query, companyId, [
      { action: 'factor.backupCodeUsed', performer: { kind: 'user', userId }, origin },
    ]);
    return true;
  });
}

/** A function declaration, because the table above refers to it. */
function useSentCode(channel: Channel): Verify {
  return ({ pool, keyring }, _origin, { userId, purpose }, code) =>
    useCode(queryAs(pool, { companyId: null, userId }), keyring, { userId, channel, purpose }, code);
}
