import type { Origin } from '../../audit/record/body.ts';
import type { Services } from '../../services.ts';
import { apiKey } from '../api-keys/strategy.ts';
import type { Authentication, AuthenticationStrategy } from '../authentication-strategy.ts';
import { sessionToken } from '../session/strategy.ts';
import { accessToken } from '../tokens/access-token.ts';

/**
 * Every authentication strategy, in the order in which they are tried. A new one is a line here.
 */
const strategies: AuthenticationStrategy[] = [sessionToken, accessToken, apiKey];

/**
 * Authenticates a credential, in one round trip for each kind. Returns null for an invalid one and
 * for one of no known kind.
 */
export async function authenticate(
  services: Services,
  token: string,
  origin: Origin,
  company: string | undefined,
): Promise<Authentication | null> {
  for (const strategy of strategies) {
    const result = await strategy(services, token, origin, company);
    if (result !== undefined) return result;
  }
  return null;
}
