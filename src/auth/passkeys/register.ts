import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { performerOf } from '../../audit/record/body.ts';
import { databaseTime } from '../../db/clock.ts';
import type { Query } from '../../db/sql.ts';
import { nothing, text } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Actor } from '../authorization/actor.ts';
import { methodsWith } from '../authorization/factor.ts';
import { type IdentityWork, identityCommand } from '../identity-command.ts';
import { revokeAllSessions, rotateSession } from '../session/session-rows.ts';
import { startSession } from '../session/store.ts';
import { refusal, site } from './ceremony.ts';
import { askForNewPasskey } from './options.ts';
import { type PasskeyRefusal, registrationResponse } from './response.ts';
import { type NewPasskey, verifyNewPasskey } from './verify-registration.ts';

/** The limit for one user. */
const MOST = 20;
const registration = z.object({
  name: text(80),
  challengeId: z.uuid('expected the id of a challenge'),
  response: registrationResponse,
});

/** Starts the registration of a passkey. Errors: STEP_UP_REQUIRED, UNAVAILABLE. */
export const startPasskeyRegistration = identityCommand({
  caller: 'enrolling',
  stepUp: true,
  input: nothing,
  run: async ({ services, identity }) => {
    const { user } = identity;
    return askForNewPasskey(services.pool, site(services), user);
  },
});

/**
 * Registers a passkey. Its creation verifies a second factor, so this session's token rotates. With
 * the user's first factor all other sessions are revoked, which began without it. Errors:
 * INVALID_INPUT, STEP_UP_REQUIRED, PASSKEY_REFUSED, RATE_LIMITED; CONFLICT at the limit of
 * passkeys.
 */
export const finishPasskeyRegistration = identityCommand({
  caller: 'enrolling',
  stepUp: true,
  input: registration,
  run: async (work) => {
    const { services, identity, actor, input } = work;
    const { user, session } = identity;
    const { name, ...answer } = input;
    const place = { companyId: actor.companyId, userId: user.id };
    const outcome = await verifyNewPasskey(services.pool, site(services), { userId: user.id, ...answer });
    if (!outcome.ok) throw await refused(work, actor, outcome.refusal);
    const id = uuidv7();
    const facts = { action: 'passkey.registered' as const, data: { passkeyId: id, name } };
    return startSession(work, place, facts, async (tx) => {
      await insert(tx, { id, userId: user.id, name }, outcome.passkey);
      if (actor.assurance?.factors.length === 0) await revokeAllSessions(tx, user.id, session.id);
      const methods = methodsWith('passkey', session.methods);
      tx.afterCommit(() => notify(services, user, 'passkeyAdded', { when: now() }));
      return rotateSession(tx, session.id, { methods, mfaAt: databaseTime() });
    });
  },
});

const refused = (work: IdentityWork, actor: Actor, reason: PasskeyRefusal) =>
  refusal(
    work,
    'register',
    { userId: actor.userId, companyId: actor.companyId, performer: performerOf(actor) },
    { refusal: reason, holder: null },
  );

/**
 * Reports a registered credential as CONFLICT, by its unique key (WebAuthn Level 3, 7.1: not yet
 * registered for any user).
 */
async function insert(
  query: Query,
  { id, userId, name }: { id: string; userId: string; name: string },
  { credentialId, publicKey, counter, transports, deviceType, backedUp }: NewPasskey,
): Promise<void> {
  const [owned] = await query<{ count: number }>(
    'SELECT count(*)::int AS count FROM "Passkey" WHERE "userId" = $1',
    [userId],
  );
  if (owned && owned.count >= MOST)
    throw new AppError('CONFLICT', 'The limit of passkeys is reached; revoke one first.');
  await query(
    `INSERT INTO "Passkey" (id, "userId", "credentialId", "publicKey", counter, transports, "deviceType", "backedUp", name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, userId, credentialId, publicKey, counter, transports, deviceType, backedUp, name],
  );
}
