import { z } from 'zod';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { identityCommand } from '../identity-command.ts';
import { reading } from '../reading.ts';
import { listSigningKeys, rotate, type SigningKeyListed } from '../secrets/signing-keys.ts';

// Signing keys belong to no company, so they are an identity use case and not a command.

/** Errors: UNAUTHENTICATED, FORBIDDEN. */
export const signingKeys = reading({
  caller: 'actor',
  permission: 'platform.signingKeys.write',
  run: ({ services }): Promise<SigningKeyListed[]> => listSigningKeys(services.pool),
});

/**
 * Rotates the signing key, audited on the platform. Errors: UNAUTHENTICATED, FORBIDDEN,
 * STEP_UP_REQUIRED.
 */
export const rotateSigningKeys = identityCommand({
  caller: 'user',
  permission: 'platform.signingKeys.write',
  stepUp: true,
  input: z.object({ immediately: z.boolean() }),
  run: async ({ services, input, transaction }) => {
    await transaction({ companyId: PLATFORM_ID, userId: null }, (tx) =>
      rotate(tx, services.keyring, tx.append, input.immediately),
    );
    await services.signingKeys.reload();
    return listSigningKeys(services.pool);
  },
});
