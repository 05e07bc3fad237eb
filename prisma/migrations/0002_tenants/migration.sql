-- Who may touch which rows. Four roles without login; a deployment's login is a member of bulwark_app and of nothing else.
--   bulwark_app       the server: reads and writes the rows of the company that the statement's context names
--   bulwark_platform  lists companies, reads nothing else of theirs
--   bulwark_identity  owns the functions that sign-in needs before a company is known
--   bulwark_audit     owns the record; nobody logs in as it
DO $$
DECLARE role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['bulwark_app', 'bulwark_platform', 'bulwark_identity', 'bulwark_audit'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB', role);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this cluster migrates at the same time
    END;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO bulwark_app, bulwark_platform, bulwark_identity, bulwark_audit;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- The context that the server's pool sets for each statement. '' and absent are NULL, and NULL matches no row.
-- Policies call these in a sub-select, so that PostgreSQL evaluates them once per statement (an InitPlan), not once per row.
CREATE FUNCTION context_company() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(current_setting('app.company_id', true), '')::uuid $$;
CREATE FUNCTION context_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(current_setting('app.user_id', true), '')::uuid $$;

-- Every tenant table gets the same wall from this one procedure; `npm run new:model` writes the call.
CREATE PROCEDURE protect_tenant_table(target regclass, tenant_column name DEFAULT 'companyId') LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY company_rows ON %s TO bulwark_app USING (%I = (SELECT context_company())) WITH CHECK (%I = (SELECT context_company()))',
                 target, tenant_column, tenant_column);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO bulwark_app', target);
END $$;
REVOKE ALL ON PROCEDURE protect_tenant_table FROM PUBLIC;

CALL protect_tenant_table('"Company"', 'id');
CALL protect_tenant_table('"DataKey"');
CALL protect_tenant_table('"Membership"');
CALL protect_tenant_table('"Role"');
CALL protect_tenant_table('"Branch"');
CALL protect_tenant_table('"Department"');
CALL protect_tenant_table('"Team"');
CALL protect_tenant_table('"TeamMember"');
CALL protect_tenant_table('"Employee"');
CALL protect_tenant_table('"Attendance"');
CALL protect_tenant_table('"PayrollRun"');
CALL protect_tenant_table('"PayrollItem"');

-- A key is written once: rotation adds rows, shredding deletes them, nothing rewrites one.
REVOKE UPDATE ON "DataKey" FROM bulwark_app;

-- The platform's own list: names, never contents.
CREATE POLICY platform_list ON "Company" FOR SELECT TO bulwark_platform USING (true);
GRANT SELECT (id, name, currency, "createdAt") ON "Company" TO bulwark_platform;

-- A user's own rows, across companies. What happens before the user is known goes through 0003_identity's functions.
CREATE PROCEDURE protect_user_table(target regclass, user_column name) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY own_rows ON %s TO bulwark_app USING (%I = (SELECT context_user())) WITH CHECK (%I = (SELECT context_user()))',
                 target, user_column, user_column);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO bulwark_app', target);
END $$;
REVOKE ALL ON PROCEDURE protect_user_table FROM PUBLIC;

CALL protect_user_table('"User"', 'id');
CALL protect_user_table('"Credential"', 'userId');
CALL protect_user_table('"Session"', 'userId');

-- Holds no secret: an encrypted constant for each master key. Written by the server when a master key is first used.
REVOKE ALL ON "MasterKeyCheck" FROM PUBLIC;
GRANT SELECT, INSERT ON "MasterKeyCheck" TO bulwark_app;

-- The server may look up which migrations ran (health, start-up), nothing more.
CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
  logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
GRANT SELECT ON _prisma_migrations TO bulwark_app;
