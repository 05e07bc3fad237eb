import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { reading } from '../../auth/reading.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** A job as the platform sees it: what it is about, and no data of a company. */
export type ListedJob = {
  id: string;
  queue: string;
  state: JobState;
  attempts: number;
  companyId: string | null;
  failureCode: string | null;
  createdAt: Date;
  startedAt: Date | null;
  settledAt: Date | null;
};

/** Which jobs; null is any. */
export type JobFilter = { state: JobState | null; queue: string | null };
/** A place in the list: of jobs created at the same moment, the id decides. */
export type JobPlace = { createdAt: string; id: string };
/** Rows to read: `take` of them between `after` and `before`, from the end if `backward`. */
export type JobWindow = JobFilter & {
  take: number;
  backward: boolean;
  after: JobPlace | null;
  before: JobPlace | null;
};

/** Without the queue that pg-boss has for itself. */
const JOBS = `SELECT id, name AS queue, data ->> 'companyId' AS "companyId",
    CASE state WHEN 'created' THEN 'waiting' WHEN 'retry' THEN 'waiting' WHEN 'active' THEN 'running' WHEN 'completed' THEN 'done'
      ELSE state::text END AS state,
    CASE WHEN started_on IS NULL THEN 0 ELSE retry_count + 1 END AS attempts,
    CASE WHEN state IN ('failed', 'retry') THEN COALESCE(output ->> 'code', 'LOST') END AS "failureCode",
    date_trunc('milliseconds', created_on) AS "createdAt", started_on AS "startedAt", completed_on AS "settledAt"
  FROM pgboss.job WHERE name NOT LIKE '\\_\\_%'`;

const LISTED = `SELECT * FROM (${JOBS}) job WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR queue = $2)`;

const PAGE = (direction: 'ASC' | 'DESC') => `${LISTED}
  AND ($3::timestamptz IS NULL OR ("createdAt", id) < ($3, $4::uuid)) AND ($5::timestamptz IS NULL OR ("createdAt", id) > ($5, $6::uuid))
  ORDER BY "createdAt" ${direction}, id ${direction} LIMIT $7`;

const ofPlatform = ({ pool }: Services): Query => queryAs(pool, { companyId: PLATFORM_ID, userId: null });

/** Returns a page of the jobs of all companies, newest first. */
export const jobPage = reading({
  caller: 'actor',
  permission: 'platform.jobs.read',
  run: ({ services }, { state, queue, take, backward, after, before }: JobWindow): Promise<ListedJob[]> =>
    ofPlatform(services)(PAGE(backward ? 'ASC' : 'DESC'), [
      ...[state, queue, after?.createdAt, after?.id, before?.createdAt, before?.id, take],
    ]),
});

/** Returns the number of these jobs. */
export const jobCount = reading({
  caller: 'actor',
  permission: 'platform.jobs.read',
  run: async ({ services }, { state, queue }: JobFilter): Promise<number> => {
    const [row] = await ofPlatform(services)<{ count: number }>(
      `SELECT count(*)::int AS count FROM (${LISTED}) counted`,
      [state, queue],
    );
    return row?.count ?? 0;
  },
});

/** Returns the jobs with these ids, in no order. */
export const jobsById = reading({
  caller: 'actor',
  permission: 'platform.jobs.read',
  run: ({ services }, ids: readonly string[]): Promise<ListedJob[]> => findJobs(ofPlatform(services), ids),
});

export const findJobs = (query: Query, ids: readonly string[]): Promise<ListedJob[]> =>
  query(`SELECT * FROM (${JOBS}) job WHERE id = ANY ($1::uuid[])`, [ids]);
