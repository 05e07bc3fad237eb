import { hashToken } from '../../crypto/token.ts';
import { queryAs } from '../../db/sql.ts';
import { CHAIN_HEAD, type RequiredState } from '../../db/tenant/required-state.ts';
import type { Services } from '../../services.ts';
import { type Asked, type AuthenticatedCaller, actorAsked } from './caller.ts';

/**
 * Starts to read what a replica must have replayed to answer for this credential, beside its
 * authentication. Returns what completes it by the authenticated caller: to null for one without a
 * cached identity or in another company than expected, whom the primary answers.
 */
export function requiredState(
  { identities, pool }: Pick<Services, 'identities' | 'pool'>,
  token: string,
  { company }: Asked,
): (caller: AuthenticatedCaller) => RequiredState | null {
  const key = hashToken(token);
  const cached = identities.cached(key)?.identity;
  const expected = cached && actorAsked(cached, company);
  if (!expected) return () => null;
  const { companyId } = expected;
  const head = queryAs(pool, { companyId, userId: null })<{ link: string }>(CHAIN_HEAD, [companyId]).then(
    ([row]) => row?.link ?? null,
    () => null,
  );
  return ({ actor, identity }) => {
    // the version that the primary verified in this request, or in one that is still later
    const verified = identities.cached(key);
    if (!verified || verified.identity !== identity || actor.companyId !== companyId) return null;
    return { identity: { key: verified.identity.session.id, version: verified.version }, head };
  };
}
