import { type Reason as ReasonOf, reasonsOf } from '../../shortcuts.ts';

type Reason = ReasonOf<'queryPlan'>;

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
const sentinels = Object.fromEntries(
  reasonsOf('queryPlan').map((reason) => [reason, new Unsupported(reason)]),
) as Record<Reason, Unsupported>;

/** Ends the execution of a plan: the executor executes the operation from its beginning. */
export function unsupported(reason: Reason): never {
  throw sentinels[reason];
}
