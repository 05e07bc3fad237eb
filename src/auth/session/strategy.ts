import { isToken } from '../../crypto/token.ts';
import type { AuthenticationStrategy } from '../authentication-strategy.ts';
import { authenticate } from './store.ts';

export const sessionToken: AuthenticationStrategy = async (services, token, _origin, company) => {
  if (!isToken(token)) return undefined;
  const found = await authenticate(services, token, company);
  if (!found) return null;
  // one that is about to get another token is this request's own, to be changed
  const due = found.former !== undefined || found.session.rotateDue;
  const session = due ? { ...found, session: { ...found.session } } : found;
  return { identity: session, renewed: session.renewed, session };
};
