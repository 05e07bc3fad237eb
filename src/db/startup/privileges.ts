import type { Query } from '../sql.ts';

/**
 * The functions that the server calls, and those that policies, CHECK constraints and triggers call
 * as its role.
 */
const CALLED = [
  ...['context_company', 'context_user', 'is_sealed', 'audit_body_is_valid', 'count_name'],
  ...['audit_changes', 'audit_shown', 'audit_source', 'due_failure_bursts'],
  ...['authenticate', 'authenticate_access_token_if_changed', 'authenticate_api_key'],
  ...['authenticate_if_changed', 'authenticate_rotated', 'consume_webauthn_challenge', 'disable_factors'],
  ...['exchange_refresh_token', 'factor_adoption', 'limit_company_sessions', 'master_keys_in_use'],
  ...['own_invitations', 'own_sign_in_policies', 'purge_expired', 'record_attempt', 'same_humans'],
  ...['require_identity', 'require_session_rotation', 'revoke_company_sessions'],
  ...['sign_up_of_token', 'sign_up_rules'],
  ...['store_webauthn_challenge', 'user_for_invitation', 'user_for_sign_in', 'user_of_email_token'],
  ...['create_queue', 'job_now', 'old_invitations'],
  ...['user_of_mfa_challenge', 'user_of_passkey', 'user_of_refresh_token', 'user_of_trusted_device'],
];

/** What the server may not do to tables whose rows nothing may rewrite. */
const REFUSED: Record<string, string> = {
  audit_event: 'INSERT, UPDATE, DELETE',
  audit_head: 'INSERT, UPDATE, DELETE',
  audit_pending: 'INSERT, UPDATE, DELETE',
  identity_version: 'SELECT, INSERT, UPDATE, DELETE',
  DataKey: 'UPDATE, DELETE',
  SigningKey: 'DELETE',
  MasterKeyCheck: 'UPDATE, DELETE',
};

type Found = {
  role: string;
  database: string;
  temporary: boolean;
  creates: boolean;
  schemas: string[];
  path: string;
  timeZone: string;
  functions: string[];
  tables: string[];
};

const PRIVILEGES = `SELECT current_user AS role, current_database() AS database,
    has_database_privilege(current_database(), 'TEMPORARY') AS temporary,
    has_database_privilege(current_database(), 'CREATE') AS creates,
    ARRAY(SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_' AND has_schema_privilege(oid, 'CREATE')) AS schemas,
    current_setting('search_path') AS path, current_setting('TimeZone') AS "timeZone",
    ARRAY(SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, to_regnamespace('pgboss'))
          AND has_function_privilege(oid, 'EXECUTE') AND proname <> ALL ($1) ORDER BY 1) AS functions,
    ARRAY(SELECT oid::regclass::text FROM pg_class c WHERE relnamespace IN ('public'::regnamespace, to_regnamespace('pgboss')) AND relkind IN ('r', 'p')
          AND (has_table_privilege(oid, 'TRUNCATE, TRIGGER, REFERENCES')
               OR EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS refused (name, privileges)
                          WHERE name = relname AND has_table_privilege(c.oid, privileges))) ORDER BY 1) AS tables`;

/**
 * The server's role can create nothing, calls only the functions that it needs, and rewrites no key
 * and no audit event (S12, K1).
 */
export async function privilegeProblems(query: Query): Promise<string[]> {
  const values = [CALLED, Object.keys(REFUSED), Object.values(REFUSED)];
  const [found] = await query<Found>(PRIVILEGES, values);
  if (!found) return [];
  const { role, database, temporary, creates, schemas, path, timeZone, functions, tables } = found;
  return [
    temporary &&
      `the role ${role} may create temporary tables, which shadow others: CALL protect_database() in "${database}" as its owner`,
    path !== 'public, pg_temp' &&
      `search_path is ${path} and not public, pg_temp: CALL protect_database() in "${database}" as its owner`,
    timeZone !== 'UTC' &&
      `TimeZone is ${timeZone} and not UTC: CALL protect_database() in "${database}" as its owner`,
    creates &&
      `the role ${role} may create schemas: REVOKE CREATE ON DATABASE "${database}" FROM it and PUBLIC`,
    schemas.length > 0 &&
      `the role ${role} may create objects: REVOKE CREATE ON SCHEMA ${schemas.join(', ')} FROM it and PUBLIC`,
    functions.length > 0 &&
      `the role ${role} may execute functions that the server does not call: REVOKE EXECUTE ON FUNCTION ${functions.join(', ')} FROM it and PUBLIC`,
    tables.length > 0 &&
      `the role ${role} has more rights than migrations give: REVOKE them on ${tables.join(', ')}, as in chapters 8, 14 and 17`,
  ].filter((problem) => problem !== false);
}
