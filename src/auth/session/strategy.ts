import { isToken } from '../../crypto/token.ts';
import type { AuthenticationStrategy } from '../authentication-strategy.ts';
import { authenticateSession } from './store.ts';

export const sessionToken: AuthenticationStrategy = async (services, token, _origin, company) => {
  if (!isToken(token)) return undefined;
  const found = await authenticateSession(services, token, company);
  if (!found) return null;
  // rotation changes the session's id, so it gets a copy: the cached object is shared
  const due = found.former !== undefined || found.session.rotateDue;
  const session = due ? { ...found, session: { ...found.session } } : found;
  return { identity: session, renewed: session.renewed, session };
};
