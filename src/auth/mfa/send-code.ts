import { z } from 'zod';
import { queryAs } from '../../db/sql.ts';
import { token } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { languageOf } from '../../notifications/notify.ts';
import { renderTemplate } from '../../notifications/templates.ts';
import type { Services } from '../../services.ts';
import { type Channel, CODE_MINUTES, createCode } from '../codes/one-time-code.ts';
import { type IdentityWork, identityCommand } from '../identity-command.ts';
import { countMessage, tooManyAttempts } from '../lockout/attempts.ts';
import { openSecret } from '../secrets/sealed-secret.ts';
import { userOfChallenge } from './mfa-challenge.ts';
import { type FactorUser, notEnrolled, signInPurpose, stepUpPurpose } from './verify-factor.ts';

const wish = z.object({ channel: z.enum(['email', 'sms']), challengeToken: token.nullish() });

/**
 * Sends a code to a confirmed address, for an MFA challenge or for step-up. Earlier codes for the
 * same purpose are void.
 * Errors: UNAUTHENTICATED, INVALID_INPUT for a method that the user lacks, RATE_LIMITED,
 * UNAVAILABLE.
 */
export const requestCode = identityCommand({
  caller: 'anyone',
  input: wish,
  run: async (work) => {
    const { services, actor, input } = work;
    const { channel, challengeToken } = input;
    if (challengeToken) {
      const challenged = await userOfChallenge(services.pool, challengeToken, channel);
      const [companyId] = challenged.companies as [string, ...string[]];
      return sendTo(work, { ...challenged, companyId, purpose: signInPurpose(challengeToken) }, channel);
    }
    if (!actor) throw new AppError('UNAUTHENTICATED', 'Sign in first.');
    if (!actor.assurance?.factors.includes(channel)) throw notEnrolled();
    return sendTo(work, { ...actor, purpose: stepUpPurpose(actor) }, channel);
  },
});

/** The expiry of a sent code. */
export type SentCode = { expiresAt: Date };

async function sendTo(work: IdentityWork, user: FactorUser, channel: Channel): Promise<SentCode> {
  const { services } = work;
  const query = queryAs(services.pool, { companyId: null, userId: user.userId });
  const [factor] = await query<{ id: string; destination: string }>(
    'SELECT id, destination FROM "ContactFactor" WHERE "userId" = $1 AND channel::text = $2 AND "confirmedAt" IS NOT NULL',
    [user.userId, channel],
  );
  if (!factor) throw notEnrolled();
  const to = await openSecret(services.keyring, 'contact', factor.id, factor.destination);
  return sendCode(work, user, channel, to);
}

/** Creates a code and queues it for delivery. Errors: UNAVAILABLE, RATE_LIMITED. */
export async function sendCode(
  { services, origin, transaction }: IdentityWork,
  { userId, companyId, purpose }: FactorUser,
  channel: Channel,
  to: string,
): Promise<SentCode> {
  needChannel(services, channel);
  // counted separately: requests of strangers for an address must not block its owner's codes
  const result = await countMessage(services, `code ${userId}`, origin.ip);
  if (!result.accepted) throw tooManyAttempts(result.waitSeconds);
  const language = await languageOf(services, userId);
  await transaction({ companyId, userId }, async (tx) => {
    await tx.append({ action: 'factor.codeSent', data: { channel } }, { kind: 'user', userId });
    const code = await createCode(tx, services.keyring, { userId, channel, purpose });
    const data = { code, minutes: CODE_MINUTES };
    tx.afterCommit(() =>
      services.mailer.send(renderTemplate({ channel, to, language }, 'oneTimeCode', data)),
    );
  });
  return { expiresAt: new Date(Date.now() + CODE_MINUTES * 60_000) };
}

/** Rejects with UNAVAILABLE when the channel is not configured, independent of the user. */
export function needChannel({ mailer }: Services, channel: Channel): void {
  if (!mailer.canSend(channel))
    throw new AppError('UNAVAILABLE', `This server sends no ${channel === 'sms' ? 'texts' : 'mail'}.`);
}
