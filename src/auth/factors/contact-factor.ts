import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { queryAs } from '../../db/sql.ts';
import { email } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { type Channel, useCode } from '../codes/one-time-code.ts';
import { identityCommand } from '../identity-command.ts';
import { needChannel, sendCode } from '../mfa/send-code.ts';
import { code, wrongCode } from '../mfa/verify-factor.ts';
import { sealSecret } from '../secrets/sealed-secret.ts';
import { addFactor } from './add-factor.ts';

const number = z
  .string()
  .transform((typed) => typed.replaceAll(/[ ().-]/g, ''))
  .pipe(z.string().regex(/^\+[1-9]\d{6,14}$/, 'expected a number such as +15550100'));
const destination = z.discriminatedUnion('channel', [
  z.object({ channel: z.literal('email'), destination: email }),
  z.object({ channel: z.literal('sms'), destination: number }),
]);

/** Returns a recognizable but unusable form: `a•••@example.com`, `•••• 0100`. */
const hintOf = (channel: Channel, to: string): string =>
  channel === 'sms' ? `•••• ${to.slice(-4)}` : `${to[0]}•••@${to.split('@')[1]}`;

/**
 * Sends a code to an address or number, which takes effect with `confirmContactFactor`.
 * Errors: STEP_UP_REQUIRED, INVALID_INPUT, UNAVAILABLE, RATE_LIMITED, CONFLICT with a confirmed
 * factor of this kind.
 */
export const addContactFactor = identityCommand({
  caller: 'enrolling',
  stepUp: true,
  input: destination,
  run: async (work) => {
    const { services, actor, input } = work;
    const { channel, destination: to } = input;
    needChannel(services, channel);
    const { userId } = actor;
    const id = uuidv7();
    const sealed = await sealSecret(services.keyring, 'contact', id, to);
    const query = queryAs(services.pool, { companyId: null, userId });
    await query(
      'DELETE FROM "ContactFactor" WHERE "userId" = $1 AND channel::text = $2 AND "confirmedAt" IS NULL',
      [userId, channel],
    );
    const added = await query(
      `INSERT INTO "ContactFactor" (id, "userId", channel, destination, hint) VALUES ($1, $2, $3::text::"CodeChannel", $4, $5)
       ON CONFLICT ("userId", channel) DO NOTHING RETURNING 1`,
      [id, userId, channel, sealed, hintOf(channel, to)],
    );
    if (added.length === 0)
      throw new AppError('CONFLICT', 'This kind of second factor is already enrolled; remove it first.');
    return sendCode(work, { ...actor, purpose: confirmPurpose(id) }, channel, to);
  },
});

const confirmPurpose = (id: string) => `confirm ${id}`;
const confirmation = z.object({ channel: z.enum(['email', 'sms']), code });

/**
 * Confirms the factor by its code, as `confirmTotp` does. Errors: STEP_UP_REQUIRED, INVALID_INPUT
 * for a wrong, used or expired code.
 */
export const confirmContactFactor = identityCommand({
  caller: 'enrolling',
  stepUp: true,
  input: confirmation,
  run: async (work) => {
    const { services, identity, actor, input } = work;
    const { channel, code } = input;
    const { userId } = actor;
    const query = queryAs(services.pool, { companyId: null, userId });
    const [waiting] = await query<{ id: string }>(
      'SELECT id FROM "ContactFactor" WHERE "userId" = $1 AND channel::text = $2 AND "confirmedAt" IS NULL',
      [userId, channel],
    );
    if (!waiting) throw wrongCode();
    const purpose = { userId, channel, purpose: confirmPurpose(waiting.id) };
    if (!(await useCode(query, services.keyring, purpose, code))) throw wrongCode();
    return addFactor(work, identity, actor, channel, async (tx) => {
      const confirmed = await tx(
        'UPDATE "ContactFactor" SET "confirmedAt" = now() WHERE id = $1 AND "confirmedAt" IS NULL RETURNING 1',
        [waiting.id],
      );
      if (confirmed.length === 0) throw wrongCode();
    });
  },
});
