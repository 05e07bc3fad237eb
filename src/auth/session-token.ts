import { authenticate, isSessionToken } from './session.ts';
import type { CredentialKind } from './verdict.ts';

export const sessionToken: CredentialKind = async ({ pool }, token) => {
  if (!isSessionToken(token)) return undefined;
  const found = await authenticate(pool, token);
  return found && { identity: found, renewed: found.renewed, session: found };
};
