import type { Actor } from '../auth/authorization/actor.ts';
import { countAttempt, tooManyAttempts } from '../auth/lockout/attempts.ts';
import type { AttemptKind } from '../auth/lockout/limits.ts';
import type { Services } from '../services.ts';

/** Returns the limit that counts an actor's use of a command; null for an actor without one. */
export type UseLimit = (actor: Actor) => AttemptKind | null;

/**
 * Counts a use of a command by its actor, in the command's transaction once all else is decided:
 * what is refused before counts for nothing, and of concurrent uses none beyond the limit commits.
 * Error: RATE_LIMITED.
 */
export async function countUse(services: Services, actor: Actor, limit: UseLimit | undefined): Promise<void> {
  const kind = actor.kind === 'system' ? null : limit?.(actor);
  if (!kind) return;
  const result = await countAttempt(services, { kind, account: actor.userId, ip: null }, false);
  if (!result.accepted) throw tooManyAttempts(result.waitSeconds);
}
