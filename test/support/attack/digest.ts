import type pg from 'pg';

/**
 * A digest of all rows, by table: without the audit log and the counts of denials, what says how a
 * credential is used, and the columns that reading and signing in change.
 */
export async function digestOf(owner: pg.Client): Promise<Record<string, string>> {
  const tables = await owner.query(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name !~ '^audit|^ApiKey(Use|Anomaly)$' ORDER BY 1`,
  );
  const volatile = `'{lastUsedAt,expiresAt,addresses,rotateDue}'::text[]`;
  const counts = `to_jsonb(t) ->> 'kind' = 'denial' OR to_jsonb(t) ->> 'action' = 'access.denied'`;
  const parts = tables.rows.map(
    ({ name }) => `SELECT '${name}' AS name, COALESCE(md5(string_agg(r, E'\\n' ORDER BY r)), '') AS digest
      FROM (SELECT (to_jsonb(t) - ${volatile})::text AS r FROM "${name}" t WHERE (${counts}) IS NOT TRUE) all_rows`,
  );
  const { rows } = await owner.query(parts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

/** Returns the tables in which a run has changed a row. */
export async function changedBy(owner: pg.Client, run: () => Promise<void>): Promise<string[]> {
  const before = await digestOf(owner);
  await run();
  const after = await digestOf(owner);
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}
