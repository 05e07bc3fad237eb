import { z } from 'zod';
import type { Origin } from '../../audit/record/body.ts';
import { databaseTime } from '../../db/clock.ts';
import type { Services } from '../../services.ts';
import type { Actor } from '../authorization/actor.ts';
import type { Factor } from '../authorization/factor.ts';
import type { Identity } from '../authorization/identity.ts';
import { identityCommand } from '../identity-command.ts';
import { rotateSession } from '../session/store.ts';
import { type Started, start } from '../session/use-cases.ts';
import { methodsWith } from './usable-factors.ts';
import { code, codeMethods, notEnrolled, stepUpPurpose, verifyFactor } from './verify-factor.ts';

const proof = z.object({ method: z.enum(codeMethods), code });

/** Verifies a second factor in a valid session. Errors: INVALID_INPUT, also for a method that the user lacks; RATE_LIMITED. */
export const stepUp = identityCommand({
  caller: 'user',
  input: proof,
  run: async ({ services, origin, identity, actor, input }) => {
    const { method, code } = input;
    if (!actor.assurance?.factors.includes(method)) throw notEnrolled();
    await verifyFactor(services, origin, { ...actor, purpose: stepUpPurpose(actor) }, method, code);
    return steppedUp(services, origin, identity, actor, method);
  },
});

/** Rotates the session's token and marks a second factor as verified now (OWASP ASVS 5.0, 7.2.4). */
export const steppedUp = (
  services: Services,
  origin: Origin,
  { user, session }: Identity,
  { companyId }: Actor,
  factor: Factor,
): Promise<Started> =>
  start(
    services,
    origin,
    { companyId, userId: user.id },
    { action: 'signIn.secondFactorPassed', data: { method: factor } },
    (query) =>
      rotateSession(query, session.id, {
        methods: methodsWith(factor, session.methods),
        mfaAt: databaseTime(),
      }),
  );
