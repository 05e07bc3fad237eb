-- Chapter 7. Roles and the context of a statement (T2).
--   bulwark_app       the server. A deployment's login is a member of this role and of no other one.
--   bulwark_platform  lists companies and reads nothing else.
--   bulwark_identity  owns the functions that run before a user or company is known (chapters 9 to 13). Without login.
--   bulwark_audit     owns the audit log (chapters 14 and 15). Without login.
DO $$
DECLARE role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['bulwark_app', 'bulwark_platform', 'bulwark_identity', 'bulwark_audit'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB', role);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;   -- another database of this cluster migrates at the same time
    END;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO bulwark_app, bulwark_platform, bulwark_identity, bulwark_audit;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Protects the database itself. A temporary table would shadow one of the same name for later statements of its connection; `public, pg_temp`
-- searches temporary objects last. Neither is part of a dump, or of a copy by CREATE DATABASE … TEMPLATE: call it there again.
CREATE PROCEDURE protect_database() LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_temp', current_database());
  EXECUTE format('ALTER DATABASE %I SET TimeZone = ''UTC''', current_database());   -- connections through a pooler set nothing themselves
END $$;
REVOKE ALL ON PROCEDURE protect_database FROM PUBLIC;
CALL protect_database();

-- The server reads which migrations ran (start-up, health). `prisma migrate` creates the same table.
CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
  logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
GRANT SELECT ON _prisma_migrations TO bulwark_app;

-- The company and the user that the server's pool sets for each statement. Absent and '' are NULL, and NULL equals no row's.
-- Policies call them in a sub-select, so that PostgreSQL evaluates them once a statement and not once a row.
CREATE FUNCTION context_company() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(pg_catalog.current_setting('app.company_id', true), '')::pg_catalog.uuid $$;
CREATE FUNCTION context_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(pg_catalog.current_setting('app.user_id', true), '')::pg_catalog.uuid $$;

REVOKE ALL ON FUNCTION context_company, context_user FROM PUBLIC;
GRANT EXECUTE ON FUNCTION context_company, context_user TO bulwark_app, bulwark_platform, bulwark_identity, bulwark_audit;

-- Hands a function to bulwark_identity and lets `caller` execute it; NULL for a function that only other ones of bulwark_identity call.
-- Changing an owner takes membership in the new one, and the new one's right to create. Both end with the call.
CREATE PROCEDURE protect_identity_function(target regprocedure, caller name DEFAULT 'bulwark_app') LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  -- PostgreSQL 16 separates being a member from acting as the role.
  member boolean := pg_has_role(current_user, 'bulwark_identity',
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END);
BEGIN
  IF NOT member THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
  EXECUTE format('ALTER FUNCTION %s OWNER TO bulwark_identity', target);
  EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
  IF caller IS NOT NULL THEN EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', target, caller); END IF;
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT member THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
REVOKE ALL ON PROCEDURE protect_identity_function FROM PUBLIC;
