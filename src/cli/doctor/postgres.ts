import { isUnverified } from '../../config/postgres-url.ts';
import { measureClockSkew } from '../../db/clock.ts';
import { isLoopback } from '../../network-address.ts';
import type { Deployment } from './deployment.ts';
import { type Finding, finding, notChecked, ok } from './finding.ts';

/**
 * The releases of 13 August 2026, the last that are known here to fix vulnerabilities
 * (https://www.postgresql.org/support/security/), by major version. 18.5 was never released.
 */
export const FIXED = { on: '2026-08-13', minor: { 15: 19, 16: 15, 17: 11, 18: 6 } as Record<number, number> };

/** Judges `server_version_num`, such as 180006. */
export function judgeVersion(number: number): Finding {
  const [major, minor] = [Math.floor(number / 10_000), number % 10_000];
  const fixed = FIXED.minor[major];
  if (fixed === undefined)
    return notChecked(`PostgreSQL ${major} is not in the table of releases of ${FIXED.on}`);
  if (minor < fixed) return finding(`${major}.${minor} lacks the security fixes of ${major}.${fixed}`);
  return ok(`${major}.${minor}; ${major}.${fixed} or newer has the security fixes known on ${FIXED.on}`);
}

export async function version({ query }: Deployment): Promise<Finding> {
  const [row] = await query()<{ number: number }>(
    `SELECT current_setting('server_version_num')::int AS number`,
  );
  return judgeVersion((row as { number: number }).number);
}

export async function tls({ query, url }: Deployment): Promise<Finding> {
  const { hostname, searchParams } = new URL(url);
  const [row] = await query()<{ ssl: boolean; version: string }>(
    'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
  );
  if (row?.ssl && isUnverified(url)) return finding(`${row.version}, but the server is not verified`);
  if (row?.ssl) return ok(`${row.version}, verified by sslmode ${searchParams.get('sslmode')}`);
  if (isLoopback(hostname)) return ok('not encrypted, on this machine');
  return finding(`connections to ${hostname} are not encrypted`);
}

const CONNECTIONS = `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - COALESCE(current_setting('reserved_connections', true)::int, 0) AS "byServer",
  (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS "byRole",
  (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS "byDatabase"`;

/** A rolling restart runs one instance more for a while. */
const INSTANCES = 2;

/** @param perProcess connections that one server process opens */
export const connections =
  (perProcess: number) =>
  async ({ query, config }: Deployment): Promise<Finding> => {
    if (config.databasePooler)
      return notChecked('a pooler is between; compare its pool with max_connections');
    const [row] = await query()<{ byServer: number; byRole: number; byDatabase: number }>(CONNECTIONS);
    const limits = Object.values(row ?? {}).filter((limit) => limit >= 0);
    const processes = Math.floor(Math.min(...limits) / perProcess);
    const detail = `room for ${processes} server processes with ${perProcess} connections each`;
    return processes < INSTANCES * config.workers ? finding(detail) : ok(detail);
  };

/** Sessions, tokens and codes expire by the database's clock. Milliseconds. */
const TOLERATED = 2_000;

export async function clock({ query }: Deployment): Promise<Finding> {
  const skew = Math.round(Math.abs(await measureClockSkew(query())));
  const detail = `${skew} ms between this machine and the database`;
  return skew > TOLERATED ? finding(detail) : ok(detail);
}
