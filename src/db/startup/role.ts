import { StartupError } from '../../config/startup-error.ts';
import type { Query } from '../sql.ts';

type Role = {
  name: string;
  superuser: boolean;
  bypass: boolean;
  creator: boolean;
  powerful: string[];
  owned: string[];
  groups: string[];
};

const ROLE = `SELECT rolname AS name, rolsuper AS superuser, rolbypassrls AS bypass, rolcreaterole AS creator,
    ARRAY(SELECT other.rolname::text FROM pg_roles other WHERE (other.rolsuper OR other.rolbypassrls OR other.rolcreaterole)
          AND other.oid <> me.oid AND NOT me.rolsuper AND pg_has_role(current_user, other.oid, 'MEMBER')) AS powerful,
    ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND pg_has_role(current_user, relowner, 'MEMBER')) AS owned,
    ARRAY(SELECT other.rolname::text FROM pg_roles other WHERE other.rolname IN ('bulwark_app', 'bulwark_platform', 'bulwark_identity', 'bulwark_audit')
          AND pg_has_role(current_user, other.oid, 'MEMBER')) AS groups
  FROM pg_roles me WHERE rolname = current_user`;

/**
 * The server's role has no attribute, no ownership and no membership by which it could pass
 * row-level security.
 */
export const roleProblems = (query: Query): Promise<string[]> =>
  problemsOf(query, 'DATABASE_URL', 'bulwark_app');

/** The same of the lister's role. */
const listerProblems = (query: Query): Promise<string[]> =>
  problemsOf(query, 'PLATFORM_DATABASE_URL', 'bulwark_platform');

async function problemsOf(query: Query, variable: string, group: string): Promise<string[]> {
  const [role] = await query<Role>(ROLE);
  if (!role) return [`${variable}: the role does not exist`];
  const subject = `${variable}: the role ${role.name}`;
  const others = role.groups.filter((other) => other !== group);
  return [
    role.superuser && `${subject} is a superuser`,
    role.bypass && `${subject} has BYPASSRLS`,
    role.creator && `${subject} has CREATEROLE, so it could become any other`,
    role.powerful.length > 0 &&
      `${subject} may become ${role.powerful.join(', ')}, which has SUPERUSER, BYPASSRLS or CREATEROLE`,
    role.owned.length > 0 &&
      `${subject} owns tables (${role.owned.slice(0, 3).join(', ')}…): owners can switch protections off`,
    others.length > 0 &&
      `${subject} is a member of ${others.join(', ')}; it must be a member of ${group} alone`,
  ].filter((problem) => problem !== false);
}

type Place = { cluster: string; database: string; role: string; member: boolean };

const PLACE = `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS cluster, current_database() AS database, current_user AS role,
  COALESCE(pg_has_role(current_user, to_regrole('bulwark_platform'), 'USAGE'), false) AS member`;

/**
 * Checks that PLATFORM_DATABASE_URL leads to the server's database, with a role that can list
 * companies and nothing else.
 * @throws {StartupError} with the first reason why it does not
 */
export async function assertLister(server: Query, lister: Query): Promise<void> {
  const [[here], [there]] = await Promise.all([server<Place>(PLACE), lister<Place>(PLACE)]);
  if (here?.cluster !== there?.cluster || here?.database !== there?.database)
    throw new StartupError(
      `PLATFORM_DATABASE_URL: leads to the database "${there?.database}" and DATABASE_URL to "${here?.database}"; give the same database.`,
    );
  const problems = await listerProblems(lister);
  if (!there?.member)
    problems.push(
      `PLATFORM_DATABASE_URL: the role "${there?.role}" has no rights of bulwark_platform; grant them`,
    );
  if (problems.length > 0) throw new StartupError(`${problems.join('\n')}.`);
}
