import type { Origin } from '../../audit/record/body.ts';
import { apiKey } from '../api-keys/strategy.ts';
import type { CredentialKind, Means, Proven } from '../authentication-strategy.ts';
import { sessionToken } from '../session/strategy.ts';
import { accessToken } from '../tokens/access-token.ts';

/** Every kind of credential, in the order in which they are asked. A new kind goes here. */
const kinds: CredentialKind[] = [sessionToken, accessToken, apiKey];

/** Who the credential proves, in one round trip for each kind; `null` when it doesn't hold, or is of no kind. */
export async function prove(
  means: Means,
  token: string,
  origin: Origin,
  company: string | undefined,
): Promise<Proven | null> {
  for (const kind of kinds) {
    const verdict = await kind(means, token, origin, company);
    if (verdict !== undefined) return verdict;
  }
  return null;
}
