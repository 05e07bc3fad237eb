/** Why a query plan leaves an operation to the executor. */
const reasons = [
  'operation',
  'directive',
  'fragment',
  'type',
  'authorization option',
  'variables',
  'value',
  'null',
  'unloaded row',
  'denial',
] as const;
export type Reason = (typeof reasons)[number];

/** Operations that the query plan executed, and those that it left to the executor, by reason. */
export type Usage = { executed: number; fallbacks: Record<Reason, number> };

export const newUsage = (): Usage => ({
  executed: 0,
  fallbacks: Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<Reason, number>,
});

/** The only error that leads to a fallback. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`the query plan does not support this ${reason}`);
    this.reason = reason;
  }
}

// one instance a reason: a denied row would cost a stack trace otherwise
const sentinels = Object.fromEntries(reasons.map((reason) => [reason, new Unsupported(reason)])) as Record<
  Reason,
  Unsupported
>;

/** Ends the execution of a plan: the executor executes the operation from its beginning. */
export function unsupported(reason: Reason): never {
  throw sentinels[reason];
}
