import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { queryAs } from '../../db/sql.ts';
import { inTime, withDeadline } from '../../deadline.ts';
import type { Services } from '../../services.ts';
import { queues } from '../queue/queues.ts';
import { schedules } from '../run/schedules.ts';

/** The jobs of a queue over all companies. */
export type QueueFigures = {
  queue: string;
  waiting: number;
  running: number;
  failed: number;
  /** How long the first of those that are due has waited; 0 where none is. */
  oldestSeconds: number;
};

/** Figures that are asked for within this time are of one statement. */
const KEPT_MS = 5_000;
/** The other figures must not wait for a database that does not answer. */
const ANSWER_MS = 2_000;

const FIGURES = `SELECT name AS queue, count(*) FILTER (WHERE state IN ('created', 'retry'))::int AS waiting,
    count(*) FILTER (WHERE state = 'active')::int AS running, count(*) FILTER (WHERE state = 'failed')::int AS failed,
    greatest(0, extract(epoch FROM now() - min(start_after) FILTER (WHERE state IN ('created', 'retry'))))::float8 AS "oldestSeconds"
  FROM pgboss.job WHERE state IN ('created', 'retry', 'active', 'failed') GROUP BY name`;

let kept: { at: number; services: Services; figures: Promise<QueueFigures[]> } | undefined;

/** Returns the figures of each queue; of none while the database does not answer. */
export function jobFigures(services: Services): Promise<QueueFigures[]> {
  const now = performance.now();
  if (!kept || kept.services !== services || now - kept.at > KEPT_MS)
    kept = { at: now, services, figures: read(services) };
  return kept.figures;
}

async function read(services: Services): Promise<QueueFigures[]> {
  if (services.watchDatabase.isLost()) return [];
  const query = queryAs(services.pool, { companyId: PLATFORM_ID, userId: null });
  const rows = await inTime(ANSWER_MS, (deadline) =>
    withDeadline(deadline, () => query<QueueFigures>(FIGURES)),
  ).catch(() => null);
  if (!rows) return [];
  return [...Object.keys(queues), ...Object.keys(schedules)].map(
    (queue) => rows.find((row) => row.queue === queue) ?? { queue, ...NONE },
  );
}

const NONE = { waiting: 0, running: 0, failed: 0, oldestSeconds: 0 };
