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
  /** Subscriptions that are open now. */
  subscriptions: 0,
  /** Spans that the collector took, and that it did not. */
  spans: { exported: 0, lost: 0 },
};
