import { type Reason as ReasonOf, reasonsOf, type Use } from '../../shortcuts.ts';

type Reason = ReasonOf<'fastPath'>;

class Unsupported extends Error {
  override readonly name = 'Unsupported';
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`the fast path does not support this ${reason}`);
    this.reason = reason;
  }
}

// one instance a reason: a stack trace for each fallback would cost more than the compilation
const sentinels = Object.fromEntries(
  reasonsOf('fastPath').map((reason) => [reason, new Unsupported(reason)]),
) as Record<Reason, Unsupported>;

/**
 * Ends the compilation: Prisma answers, with its own words for what is wrong with the arguments.
 */
export function unsupported(reason: Reason): never {
  throw sentinels[reason];
}

/**
 * Returns what `compile` makes, or null when it is unsupported, which is counted. Every other error
 * is thrown on.
 */
export function orUnsupported<Compiled>(use: Use<'fastPath'>, compile: () => Compiled): Compiled | null {
  try {
    const compiled = compile();
    use.used += 1;
    return compiled;
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    use.fallbacks[error.reason] += 1;
    return null;
  }
}
