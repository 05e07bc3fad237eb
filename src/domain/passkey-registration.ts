import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { type Origin, performerOf } from '../audit/body.ts';
import type { Actor, Identity } from '../auth/actor.ts';
import { methodsWith } from '../auth/factor.ts';
import { askForNewPasskey } from '../auth/passkey-options.ts';
import { type NewPasskey, verifyNewPasskey } from '../auth/passkey-registration.ts';
import { type PasskeyRefusal, registrationResponse } from '../auth/passkey-response.ts';
import { revokeAllSessions, rotateSession } from '../auth/session.ts';
import type { Query } from '../db/sql.ts';
import { AppError } from '../errors.ts';
import { validated } from './command.ts';
import { text } from './input.ts';
import { notify, now } from './notify.ts';
import { refusal, site } from './passkey-ceremony.ts';
import type { Services } from './services.ts';
import { type Started, start } from './session.ts';
import { demandStepUp } from './step-up.ts';

/** Of one person: enough for every device, and no table to fill. */
const MOST = 20;
const registration = z.object({
  name: text(80),
  challengeId: z.uuid('expected the id of a challenge'),
  response: registrationResponse,
});

/** Errors: STEP_UP_REQUIRED, UNAVAILABLE. */
export async function startPasskeyRegistration(services: Services, { person }: Identity, actor: Actor) {
  demandStepUp(actor);
  return askForNewPasskey(services.pool, site(services), person);
}

/**
 * A new passkey, which has proven a second factor by being made: this session gets a new token. With the first factor of a person all their
 * other sessions end, since they were begun without it. Errors: INVALID_INPUT, STEP_UP_REQUIRED, PASSKEY_REFUSED, RATE_LIMITED; CONFLICT
 * for one too many.
 */
export async function finishPasskeyRegistration(
  services: Services,
  origin: Origin,
  { person, session }: Identity,
  actor: Actor,
  input: unknown,
): Promise<Started> {
  const { name, ...answer } = validated(registration, input);
  demandStepUp(actor);
  const place = { companyId: actor.companyId, personId: person.id };
  const outcome = await verifyNewPasskey(services.pool, site(services), { personId: person.id, ...answer });
  if (!outcome.ok) throw await refused(services, origin, actor, outcome.refusal);
  const id = uuidv7();
  const facts = { action: 'passkey.registered' as const, data: { passkeyId: id, name } };
  const started = await start(services, origin, place, facts, async (query) => {
    await insert(query, { id, personId: person.id, name }, outcome.passkey);
    if (actor.assurance?.factors.length === 0) await revokeAllSessions(query, person.id, session.id);
    const methods = methodsWith('passkey', session.methods);
    return rotateSession(query, session.id, { methods, mfaAt: new Date() });
  });
  notify(services, person, 'passkeyAdded', { when: now() });
  return started;
}

const refused = (services: Services, origin: Origin, actor: Actor, reason: PasskeyRefusal) =>
  refusal(
    services,
    origin,
    'register',
    { personId: actor.personId, companyId: actor.companyId, performer: performerOf(actor) },
    { refusal: reason, holder: null },
  );

/** A credential that somebody has already is a CONFLICT by its unique key (WebAuthn Level 3, 7.1, step 27). */
async function insert(
  query: Query,
  { id, personId, name }: { id: string; personId: string; name: string },
  { credentialId, publicKey, counter, transports, deviceType, backedUp }: NewPasskey,
): Promise<void> {
  const [owned] = await query<{ count: number }>(
    'SELECT count(*)::int AS count FROM "Passkey" WHERE "personId" = $1',
    [personId],
  );
  if (owned && owned.count >= MOST)
    throw new AppError('CONFLICT', 'You have as many passkeys as can be: remove one first.');
  await query(
    `INSERT INTO "Passkey" (id, "personId", "credentialId", "publicKey", counter, transports, "deviceType", "backedUp", name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, personId, credentialId, publicKey, counter, transports, deviceType, backedUp, name],
  );
}
