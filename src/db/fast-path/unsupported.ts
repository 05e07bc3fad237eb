/** What the fast path does not support, by the part of the call that it met first. */
const reasons = [
  'operation',
  'argument',
  'name',
  'value',
  'filter',
  'selection',
  'order',
  'page',
  'write',
] as const;
export type Reason = (typeof reasons)[number];

/** How often this process answered by the fast path, and how often it fell back to Prisma, by reason. */
export const fastPathUse = {
  answered: 0,
  fallbacks: Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<Reason, number>,
};

class Unsupported extends Error {
  override readonly name = 'Unsupported';
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`the fast path does not support this ${reason}`);
    this.reason = reason;
  }
}

// one instance a reason: a stack trace for each fallback would cost more than the compilation
const sentinels = Object.fromEntries(reasons.map((reason) => [reason, new Unsupported(reason)])) as Record<
  Reason,
  Unsupported
>;

/** Ends the compilation: Prisma answers, with its own words for what is wrong with the arguments. */
export function unsupported(reason: Reason): never {
  throw sentinels[reason];
}

/** Returns what `compile` makes, or null when it is unsupported, which is counted. Every other error is thrown on. */
export function orUnsupported<Compiled>(compile: () => Compiled): Compiled | null {
  try {
    const compiled = compile();
    fastPathUse.answered += 1;
    return compiled;
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    fastPathUse.fallbacks[error.reason] += 1;
    return null;
  }
}
