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
    ARRAY(SELECT other.rolname::text FROM pg_roles other WHERE other.rolname IN ('bulwark_platform', 'bulwark_identity', 'bulwark_audit')
          AND pg_has_role(current_user, other.oid, 'MEMBER')) AS groups
  FROM pg_roles me WHERE rolname = current_user`;

/** The server's role has no attribute, no ownership and no membership by which it could pass row-level security. */
export async function roleProblems(query: Query): Promise<string[]> {
  const [role] = await query<Role>(ROLE);
  if (!role) return ['DATABASE_URL: the role does not exist'];
  const subject = `DATABASE_URL: the role ${role.name}`;
  return [
    role.superuser && `${subject} is a superuser`,
    role.bypass && `${subject} has BYPASSRLS`,
    role.creator && `${subject} has CREATEROLE, so it could become any other`,
    role.powerful.length > 0 &&
      `${subject} may become ${role.powerful.join(', ')}, which has SUPERUSER, BYPASSRLS or CREATEROLE`,
    role.owned.length > 0 &&
      `${subject} owns tables (${role.owned.slice(0, 3).join(', ')}…): owners can switch protections off`,
    role.groups.length > 0 &&
      `${subject} is a member of ${role.groups.join(', ')}; it must be a member of bulwark_app alone`,
  ].filter((problem) => problem !== false);
}
