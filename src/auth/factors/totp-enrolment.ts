import { toDataURL } from 'qrcode';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { queryAs } from '../../db/sql.ts';
import { nothing } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { newTotpSecret, totpStep, totpUri } from '../codes/totp.ts';
import { identityCommand } from '../identity-command.ts';
import { code, wrongCode } from '../mfa/verify-factor.ts';
import { openSecret, sealSecret } from '../secrets/sealed-secret.ts';
import { addFactor } from './add-factor.ts';

/** Lifetime of an unconfirmed enrolment. */
const MINUTES = 15;

/** The secret, shown once: in Base32, as otpauth URI, and as QR code (PNG, data URL). */
export type Enrolment = { secret: string; uri: string; qrCode: string };

/**
 * Creates a secret, which takes effect when a code confirms it. Earlier unconfirmed ones are void.
 * Error: STEP_UP_REQUIRED.
 */
export const enrolTotp = identityCommand({
  caller: 'enrolling',
  stepUp: true,
  input: nothing,
  run: async ({ services, identity, transaction }) => {
    const { user } = identity;
    const id = uuidv7();
    const secret = newTotpSecret();
    const uri = totpUri(secret, user.email);
    const sealed = await sealSecret(services.keyring, 'totp', id, secret);
    await transaction({ companyId: null, userId: user.id }, async (tx) => {
      await tx('DELETE FROM "TotpFactor" WHERE "userId" = $1 AND "confirmedAt" IS NULL', [user.id]);
      await tx('INSERT INTO "TotpFactor" (id, "userId", secret) VALUES ($1, $2, $3)', [id, user.id, sealed]);
    });
    return { secret, uri, qrCode: await toDataURL(uri) };
  },
});

const confirmation = z.object({ code });

/**
 * Confirms an authenticator app by its first code; it replaces an earlier app. Revokes all other
 * sessions, which started without the factor, and rotates this one, with the factor verified.
 * Errors: STEP_UP_REQUIRED, INVALID_INPUT, CONFLICT without an enrolment of the last 15 minutes.
 */
export const confirmTotp = identityCommand({
  caller: 'enrolling',
  stepUp: true,
  input: confirmation,
  run: async (work) => {
    const { services, identity, actor, input } = work;
    const { id, step } = await firstStep(services, actor.userId, input.code);
    return addFactor(work, identity, actor, 'totp', async (tx) => {
      const confirmed = await tx(
        'UPDATE "TotpFactor" SET "confirmedAt" = now(), "lastStep" = $2 WHERE id = $1 AND "confirmedAt" IS NULL RETURNING 1',
        [id, step],
      );
      if (confirmed.length === 0) throw nothingToConfirm();
      await tx('DELETE FROM "TotpFactor" WHERE "userId" = $1 AND id <> $2', [actor.userId, id]);
    });
  },
});

async function firstStep({ pool, keyring }: Services, userId: string, code: string) {
  const [waiting] = await queryAs(pool, { companyId: null, userId })<{ id: string; secret: string }>(
    `SELECT id, secret FROM "TotpFactor" WHERE "userId" = $1 AND "confirmedAt" IS NULL AND "createdAt" > now() - $2 * interval '1 minute'`,
    [userId, MINUTES],
  );
  if (!waiting) throw nothingToConfirm();
  const step = totpStep(await openSecret(keyring, 'totp', waiting.id, waiting.secret), code);
  if (step === null) throw wrongCode();
  return { id: waiting.id, step };
}

const nothingToConfirm = () =>
  new AppError('CONFLICT', 'No enrolment of an authenticator app is pending; start again.');
