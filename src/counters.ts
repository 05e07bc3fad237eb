/**
 * What this process has done since its start, counted where it happens and read by /metrics.
 * Increments only: none of them costs more than that.
 */
export const counters = {
  /** Evaluations of authorization rules of types, fields and use cases. */
  decisions: { allowed: 0, denied: 0 },
  /** Audit events of no row that were handed to PostgreSQL, by severity. */
  auditEvents: { LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 0 },
  /** Transactions that declared the events of the rows they changed. */
  auditDeclarations: 0,
  /** Requests and operations that passed a limit, and that it refused, by limit. */
  limits: {
    requests: { passed: 0, refused: 0 },
    operations: { passed: 0, refused: 0 },
    cost: { passed: 0, refused: 0 },
    budget: { passed: 0, refused: 0 },
  },
  /** Cost of answers, as debited. */
  cost: 0,
  /** Subscriptions that are open now. */
  subscriptions: 0,
  /** Spans that the collector took, and that it did not. */
  spans: { exported: 0, lost: 0 },
};

/** Counts what a limit decided. */
export function noteOutcome(limit: keyof typeof counters.limits, passed: boolean): void {
  counters.limits[limit][passed ? 'passed' : 'refused'] += 1;
}
