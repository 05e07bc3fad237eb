-- Chapter 8. Row-level security (T2, T3): which rows the server reaches, for every table that a model stands for.

-- Limits a table to the rows of the context's company. `npm run new:model` writes the call.
CREATE PROCEDURE protect_tenant_table(target regclass, tenant_column name DEFAULT 'companyId') LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY company_rows ON %s TO bulwark_app USING (%I = (SELECT context_company())) WITH CHECK (%I = (SELECT context_company()))',
                 target, tenant_column, tenant_column);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO bulwark_app', target);
END $$;

-- Limits a table to the rows of the context's user, across companies.
CREATE PROCEDURE protect_user_table(target regclass, user_column name) LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY own_rows ON %s TO bulwark_app USING (%I = (SELECT context_user())) WITH CHECK (%I = (SELECT context_user()))',
                 target, user_column, user_column);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO bulwark_app', target);
END $$;
REVOKE ALL ON PROCEDURE protect_tenant_table, protect_user_table FROM PUBLIC;

-- The rows of a company.
CALL protect_tenant_table('"Company"', 'id');
CALL protect_tenant_table('"Branch"');
CALL protect_tenant_table('"Department"');
CALL protect_tenant_table('"Team"');
CALL protect_tenant_table('"Membership"');
CALL protect_tenant_table('"Role"');
CALL protect_tenant_table('"TeamMember"');
CALL protect_tenant_table('"SignInPolicy"');
CALL protect_tenant_table('"SignUpRequest"');
CALL protect_tenant_table('"ServiceAccount"');
CALL protect_tenant_table('"ApiKey"');
CALL protect_tenant_table('"ApiKeyUse"');
CALL protect_tenant_table('"ApiKeyAnomaly"');
CALL protect_tenant_table('"Employee"');
CALL protect_tenant_table('"Attendance"');
CALL protect_tenant_table('"PayrollRun"');
CALL protect_tenant_table('"PayrollItem"');
CALL protect_tenant_table('"DataKey"');
CALL protect_tenant_table('"IdempotencyKey"');
CALL protect_tenant_table('"MfaGrace"');

-- The rows of a user.
CALL protect_user_table('"User"', 'id');
CALL protect_user_table('"Credential"', 'userId');
CALL protect_user_table('"PasswordHistory"', 'userId');
CALL protect_user_table('"Session"', 'userId');
CALL protect_user_table('"RotatedSessionToken"', 'userId');
CALL protect_user_table('"RefreshToken"', 'userId');
CALL protect_user_table('"RevokedToken"', 'userId');
CALL protect_user_table('"EmailToken"', 'userId');
-- An email token is used up, and never becomes another one: its basis stays.
REVOKE UPDATE ON "EmailToken" FROM bulwark_app;
GRANT UPDATE ("usedAt") ON "EmailToken" TO bulwark_app;
CALL protect_user_table('"MfaChallenge"', 'userId');
CALL protect_user_table('"TotpFactor"', 'userId');
CALL protect_user_table('"ContactFactor"', 'userId');
CALL protect_user_table('"OneTimeCode"', 'userId');
CALL protect_user_table('"BackupCode"', 'userId');
CALL protect_user_table('"Passkey"', 'userId');
CALL protect_user_table('"TrustedDevice"', 'userId');

-- The rows of neither. WebAuthn challenges are reached through functions only (chapter 11).
REVOKE ALL ON "Throttle", "WebAuthnChallenge", "SigningKey", "MasterKeyCheck" FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON "Throttle" TO bulwark_app;

-- Keys are written once, and the server deletes none: what a deleted key encrypted is lost. Rotation adds a key and retires a signing key.
-- A deleted company's data keys go with it: PostgreSQL cascades a delete as the table's owner.
REVOKE UPDATE, DELETE ON "DataKey" FROM bulwark_app;
GRANT SELECT, INSERT, UPDATE ("retiredAt") ON "SigningKey" TO bulwark_app;
GRANT SELECT, INSERT ON "MasterKeyCheck" TO bulwark_app;

-- The platform lists companies.
CREATE POLICY platform_list ON "Company" FOR SELECT TO bulwark_platform USING (true);
GRANT SELECT (id, name, currency, "createdAt") ON "Company" TO bulwark_platform;
