import { StartupError } from '../../config/startup-error.ts';
import type { Query } from '../sql.ts';
import { auditLogProblems } from './audit-log.ts';
import { columnProblems } from './columns.ts';
import { eventProblems } from './events.ts';
import { identityVersionProblems } from './identity-versions.ts';
import { placeProblems } from './places.ts';
import { privilegeProblems } from './privileges.ts';
import { roleProblems } from './role.ts';
import { sealedColumnProblems } from './sealed-columns.ts';
import { tableProblems } from './tables.ts';

/** The server must not start: its database does not keep the guarantees. */
export class UnsafeDatabase extends StartupError {
  override readonly name = 'UnsafeDatabase';
}

/**
 * Each reads the catalogs of PostgreSQL, or what the code declares, and returns one sentence a
 * problem.
 */
const CHECKS = [
  roleProblems,
  privilegeProblems,
  tableProblems,
  auditLogProblems,
  columnProblems,
  eventProblems,
  placeProblems,
  sealedColumnProblems,
  identityVersionProblems,
];

/**
 * Verifies that the connected role and the database keep the guarantees (T2, L1, E1, A5). Throws
 * UnsafeDatabase with all problems at once.
 */
export async function verifyDatabase(query: Query): Promise<void> {
  const problems: string[] = [];
  for (const check of CHECKS) problems.push(...(await check(query)));
  if (problems.length > 0)
    throw new UnsafeDatabase(`The database is not safe to serve from:\n  ${problems.join('\n  ')}`);
}
