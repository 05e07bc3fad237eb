import { StartupError } from '../../config/startup-error.ts';
import type { Query } from '../sql.ts';

type Limits = { role: string; database: string; byRole: number; byDatabase: number; byServer: number };

/** -1 is no limit. Connections that are reserved for others are taken off. */
const LIMITS = `SELECT rolname AS role, datname AS database, rolconnlimit AS "byRole", datconnlimit AS "byDatabase",
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - COALESCE(current_setting('reserved_connections', true)::int, 0) AS "byServer"
  FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`;

/** Connections that one server opens: as this role, and all of them. */
export type Needed = { role: number; all: number };

/**
 * Checks that PostgreSQL allows as many connections as one server opens. Whether they are free is
 * not checked, since others come and go.
 * @throws {StartupError} with the variable, the need, the limit and how to raise it
 */
export async function assertCapacity(variable: string, query: Query, needed: Needed): Promise<void> {
  const [limits] = await query<Limits>(LIMITS);
  const problem = limits && problemOf(limits, needed);
  if (problem) throw new StartupError(`${variable}: ${problem} for each server.`);
}

function problemOf({ role, database, ...limits }: Limits, needed: Needed): string | undefined {
  const tooFew = (need: number, allowed: number) => allowed >= 0 && allowed < need;
  const sentence = (need: number, who: string, allowed: number, how: string) =>
    `a server opens ${need} connections and ${who} allows ${allowed}; ${how}`;
  if (tooFew(needed.role, limits.byRole))
    return sentence(
      needed.role,
      `the role "${role}"`,
      limits.byRole,
      `ALTER ROLE "${role}" CONNECTION LIMIT to at least ${needed.role}`,
    );
  if (tooFew(needed.all, limits.byDatabase))
    return sentence(
      needed.all,
      `the database "${database}"`,
      limits.byDatabase,
      `ALTER DATABASE "${database}" CONNECTION LIMIT to at least ${needed.all}`,
    );
  if (tooFew(needed.all, limits.byServer))
    return sentence(
      needed.all,
      'PostgreSQL',
      limits.byServer,
      `raise its max_connections so that ${needed.all} are left`,
    );
  return undefined;
}
