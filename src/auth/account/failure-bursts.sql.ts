/**
 * Counts a failure. Of those beyond the first `$3` it also counts the user and the address. Returns
 * the count. All failures of a company wait for this row, so that its COMMIT does not wait for the
 * disk.
 */
export const COUNT = `INSERT INTO failure_burst AS b (company_id, action, users, addresses)
  SELECT $1::uuid, $2, CASE WHEN $3::int = 0 THEN count_name('{}', $4) ELSE '{}' END,
    CASE WHEN $3::int = 0 THEN count_name('{}', $5) ELSE '{}' END
  FROM set_config('synchronous_commit', 'off', true)
  ON CONFLICT (company_id, action) DO UPDATE SET count = b.count + 1, last_at = now(),
    users = CASE WHEN b.count >= $3::int THEN count_name(b.users, $4) ELSE b.users END,
    addresses = CASE WHEN b.count >= $3::int THEN count_name(b.addresses, $5) ELSE b.addresses END
  RETURNING count`;

export const DUE = 'SELECT company_id AS "companyId", action FROM due_failure_bursts($1)';

/** Takes a burst whose span is over: of several instances, one gets it. */
export const TAKE = `DELETE FROM failure_burst
  WHERE company_id = $1 AND action = $2 AND started_at < now() - $3::int * interval '1 second'
  RETURNING count, started_at AS "startedAt", last_at AS "lastAt", users, addresses`;
