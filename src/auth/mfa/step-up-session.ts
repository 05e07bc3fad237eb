import { z } from 'zod';
import { databaseTime } from '../../db/clock.ts';
import type { Actor } from '../authorization/actor.ts';
import { type Factor, methodsWith } from '../authorization/factor.ts';
import type { Identity } from '../authorization/identity.ts';
import { type IdentityWork, identityCommand } from '../identity-command.ts';
import { rotateSession } from '../session/session-rows.ts';
import { type Started, startSession } from '../session/store.ts';
import { code, codeMethods, notEnrolled, stepUpPurpose, verifyFactor } from './verify-factor.ts';

const proof = z.object({ method: z.enum(codeMethods), code });

/**
 * Verifies a second factor in a valid session. Errors: INVALID_INPUT, also for a method that the
 * user lacks; RATE_LIMITED.
 */
export const stepUp = identityCommand({
  caller: 'user',
  input: proof,
  run: async (work) => {
    const { identity, actor, input } = work;
    const { method, code } = input;
    if (!actor.assurance?.factors.includes(method)) throw notEnrolled();
    await verifyFactor(work, { ...actor, purpose: stepUpPurpose(actor) }, method, code);
    return steppedUp(work, identity, actor, method);
  },
});

/**
 * Rotates the session's token and marks a second factor as verified now (OWASP ASVS 5.0, 7.2.4).
 */
export const steppedUp = (
  work: IdentityWork,
  { user, session }: Identity,
  { companyId }: Actor,
  factor: Factor,
): Promise<Started> =>
  startSession(
    work,
    { companyId, userId: user.id },
    { action: 'signIn.secondFactorPassed', data: { method: factor } },
    (tx) =>
      rotateSession(tx, session.id, {
        methods: methodsWith(factor, session.methods),
        mfaAt: databaseTime(),
      }),
  );
