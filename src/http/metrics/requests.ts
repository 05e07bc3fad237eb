import { Counter, Histogram, type Registry } from 'prom-client';
import type { Answered } from '../../graphql/request/settings.ts';

/** Upper bounds in seconds, up to the default of REQUEST_TIMEOUT. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Registers the figures of requests, and returns what counts one. */
export function countRequests(registers: Registry[]): (answered: Answered) => void {
  const total = new Counter({
    name: 'bulwark_requests_total',
    help: 'Requests to /graphql by operation type and outcome: OK, CLOSED by the client, or the first error code.',
    labelNames: ['operation', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'bulwark_request_duration_seconds',
    help: 'Time from the request to the end of its answer, without subscriptions.',
    labelNames: ['operation'],
    buckets: BUCKETS,
    registers,
  });
  return ({ operation, outcome, seconds }) => {
    total.inc({ operation, outcome });
    if (operation !== 'subscription') duration.observe({ operation }, seconds);
  };
}
