import { type Origin, performerOf } from '../../audit/record/body.ts';
import { permitted } from '../../domain/command.ts';
import type { Services } from '../../services.ts';
import type { Actor } from '../authorization/actor.ts';
import { listSigningKeys, rotate, type SigningKeyListed } from './signing-keys.ts';

// They belong to no company, so no command's database reaches them.
const rule = { permission: 'platform.signingKeys.write' } as const;

/** Errors: UNAUTHENTICATED, FORBIDDEN. */
export async function signingKeys({ pool }: Services, actor: Actor | null): Promise<SigningKeyListed[]> {
  permitted(actor, rule);
  return listSigningKeys(pool);
}

/** On the platform's record, as who did it. Errors: UNAUTHENTICATED, FORBIDDEN, STEP_UP_REQUIRED. */
export async function rotateSigningKeys(
  services: Services,
  actor: Actor | null,
  origin: Origin,
  immediately: boolean,
): Promise<SigningKeyListed[]> {
  const performer = performerOf(permitted(actor, { ...rule, stepUp: true }));
  await rotate(services.pool, services.keyring, { performer, origin }, immediately);
  await services.signingKeys.reload();
  return listSigningKeys(services.pool);
}
