-- The structure of a migrated database, read from its catalogs. Written by `npm run structure`; do not edit.
-- The role that migrates is called "owner"; what it owns and may do is not listed.

CREATE ROLE bulwark_app NOLOGIN;
CREATE ROLE bulwark_audit NOLOGIN;
CREATE ROLE bulwark_identity NOLOGIN;
CREATE ROLE bulwark_platform NOLOGIN;

GRANT USAGE ON SCHEMA pgboss TO bulwark_app;
GRANT USAGE ON SCHEMA public TO PUBLIC;
GRANT USAGE ON SCHEMA public TO bulwark_app;
GRANT USAGE ON SCHEMA public TO bulwark_audit;
GRANT USAGE ON SCHEMA public TO bulwark_identity;
GRANT USAGE ON SCHEMA public TO bulwark_platform;

CREATE TYPE "AccessScope" AS ENUM ('company', 'branch', 'department', 'team', 'self');
CREATE TYPE "AttendanceStatus" AS ENUM ('recorded', 'approved');
CREATE TYPE "CodeChannel" AS ENUM ('email', 'sms');
CREATE TYPE "EmailTokenKind" AS ENUM ('invitation', 'resetPassword', 'unlock', 'recoverMfa', 'verifyRecoveryEmail');
CREATE TYPE "MembershipStatus" AS ENUM ('invited', 'active', 'suspended');
CREATE TYPE "PasswordPreset" AS ENUM ('classic', 'nist');
CREATE TYPE "PayrollStatus" AS ENUM ('draft', 'submitted', 'approved', 'paid');
CREATE TYPE "SignUpMode" AS ENUM ('open', 'domain', 'invitation', 'approval');
CREATE TYPE "SignUpStatus" AS ENUM ('unverified', 'waiting');
CREATE DOMAIN sealed AS text CONSTRAINT sealed CHECK (is_sealed(VALUE));

CREATE TABLE "ApiKey" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "serviceAccountId" uuid NOT NULL,
  name text NOT NULL,
  hash text NOT NULL,
  "allowedNetworks" text[],
  "createdById" uuid NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  "revokedAt" timestamp(3) with time zone,
  "rotatedToId" uuid,
  CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "ApiKey_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "ApiKey_companyId_serviceAccountId_fkey" FOREIGN KEY ("companyId", "serviceAccountId") REFERENCES "ServiceAccount"("companyId", id) ON UPDATE CASCADE
);
CREATE INDEX "ApiKey_companyId_serviceAccountId_idx" ON public."ApiKey" USING btree ("companyId", "serviceAccountId");
CREATE INDEX "ApiKey_id_idx" ON public."ApiKey" USING btree (id);
ALTER TABLE "ApiKey" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "ApiKey" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "ApiKey" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "ApiKey" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "ApiKey" TO bulwark_app;
GRANT SELECT ("allowedNetworks", "companyId", "createdById", "expiresAt", hash, id, name, "revokedAt", "rotatedToId", "serviceAccountId") ON "ApiKey" TO bulwark_identity;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."ApiKey" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."ApiKey" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_ApiKey"();

CREATE TABLE "ApiKeyAnomaly" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "apiKeyId" uuid NOT NULL,
  kind text NOT NULL,
  day date NOT NULL,
  count integer NOT NULL,
  CONSTRAINT "ApiKeyAnomaly_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "ApiKeyAnomaly_companyId_apiKeyId_fkey" FOREIGN KEY ("companyId", "apiKeyId") REFERENCES "ApiKey"("companyId", id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "ApiKeyAnomaly_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "ApiKeyAnomaly_companyId_apiKeyId_kind_key" ON public."ApiKeyAnomaly" USING btree ("companyId", "apiKeyId", kind);
ALTER TABLE "ApiKeyAnomaly" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "ApiKeyAnomaly" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "ApiKeyAnomaly" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "ApiKeyAnomaly" TO bulwark_app;

CREATE TABLE "ApiKeyUse" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "lastUsedAt" timestamp(3) with time zone NOT NULL,
  addresses text[],
  CONSTRAINT "ApiKeyUse_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "ApiKeyUse_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "ApiKeyUse_companyId_id_fkey" FOREIGN KEY ("companyId", id) REFERENCES "ApiKey"("companyId", id) ON UPDATE CASCADE ON DELETE CASCADE
);
ALTER TABLE "ApiKeyUse" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "ApiKeyUse" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "ApiKeyUse" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "ApiKeyUse" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "ApiKeyUse" TO bulwark_app;
GRANT SELECT (addresses, "companyId", id, "lastUsedAt") ON "ApiKeyUse" TO bulwark_identity;

CREATE TABLE "Attendance" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "employeeId" uuid NOT NULL,
  day date NOT NULL,
  minutes integer NOT NULL,
  status "AttendanceStatus" NOT NULL DEFAULT 'recorded'::"AttendanceStatus",
  "recordedById" uuid NOT NULL,
  "approvedById" uuid,
  "approvedAt" timestamp(3) with time zone,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Attendance_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "Attendance_companyId_employeeId_fkey" FOREIGN KEY ("companyId", "employeeId") REFERENCES "Employee"("companyId", id) ON UPDATE CASCADE,
  CONSTRAINT "Attendance_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "Attendance_companyId_employeeId_day_key" ON public."Attendance" USING btree ("companyId", "employeeId", day);
ALTER TABLE "Attendance" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Attendance" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "Attendance" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "Attendance" TO bulwark_app;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."Attendance" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."Attendance" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_Attendance"();

CREATE TABLE "BackupCode" (
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  hash text NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "usedAt" timestamp(3) with time zone,
  CONSTRAINT "BackupCode_pkey" PRIMARY KEY (id),
  CONSTRAINT "BackupCode_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "BackupCode_userId_hash_key" ON public."BackupCode" USING btree ("userId", hash);
ALTER TABLE "BackupCode" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "BackupCode" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_disables ON "BackupCode" FOR DELETE TO bulwark_identity
  USING (((EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "BackupCode"."userId") AND (m."companyId" = ( SELECT context_company() AS context_company)) AND (m.status <> 'invited'::"MembershipStatus")))) AND (NOT (EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "BackupCode"."userId") AND (m."companyId" <> ( SELECT context_company() AS context_company)) AND (m.status = 'active'::"MembershipStatus")))))));
CREATE POLICY identity_reads ON "BackupCode" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "BackupCode" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "BackupCode" TO bulwark_app;
GRANT DELETE ON "BackupCode" TO bulwark_identity;
GRANT SELECT ("usedAt", "userId") ON "BackupCode" TO bulwark_identity;
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."BackupCode" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "BackupCode" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."BackupCode" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('userId');
ALTER TABLE "BackupCode" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "Branch" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  name text COLLATE "und-x-icu" NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Branch_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "Branch_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "Branch_companyId_name_key" ON public."Branch" USING btree ("companyId", name);
ALTER TABLE "Branch" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Branch" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "Branch" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "Branch" TO bulwark_app;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."Branch" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."Branch" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_Branch"();

CREATE TABLE "Company" (
  id uuid NOT NULL,
  name text NOT NULL,
  currency character(3) NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Company_pkey" PRIMARY KEY (id)
);
ALTER TABLE "Company" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Company" FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_reads ON "Company" FOR SELECT TO bulwark_audit
  USING (true);
CREATE POLICY company_rows ON "Company" FOR ALL TO bulwark_app
  USING ((id = ( SELECT context_company() AS context_company)))
  WITH CHECK ((id = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "Company" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY platform_list ON "Company" FOR SELECT TO bulwark_platform
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "Company" TO bulwark_app;
GRANT SELECT (id) ON "Company" TO bulwark_audit;
GRANT SELECT (currency, id, name) ON "Company" TO bulwark_identity;
GRANT SELECT ("createdAt", currency, id, name) ON "Company" TO bulwark_platform;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."Company" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."Company" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_Company"();
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."Company" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "Company" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."Company" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('id');
ALTER TABLE "Company" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "ContactFactor" (
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  channel "CodeChannel" NOT NULL,
  destination sealed NOT NULL,
  hint text NOT NULL,
  "confirmedAt" timestamp(3) with time zone,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "ContactFactor_pkey" PRIMARY KEY (id),
  CONSTRAINT "ContactFactor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "ContactFactor_userId_channel_key" ON public."ContactFactor" USING btree ("userId", channel);
ALTER TABLE "ContactFactor" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "ContactFactor" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_disables ON "ContactFactor" FOR DELETE TO bulwark_identity
  USING (((EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "ContactFactor"."userId") AND (m."companyId" = ( SELECT context_company() AS context_company)) AND (m.status <> 'invited'::"MembershipStatus")))) AND (NOT (EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "ContactFactor"."userId") AND (m."companyId" <> ( SELECT context_company() AS context_company)) AND (m.status = 'active'::"MembershipStatus")))))));
CREATE POLICY identity_cleans ON "ContactFactor" FOR DELETE TO bulwark_identity
  USING ((("confirmedAt" IS NULL) AND ("createdAt" < (now() - '1 day'::interval))));
CREATE POLICY identity_reads ON "ContactFactor" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "ContactFactor" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "ContactFactor" TO bulwark_app;
GRANT DELETE ON "ContactFactor" TO bulwark_identity;
GRANT SELECT (channel, "confirmedAt", "createdAt", "userId") ON "ContactFactor" TO bulwark_identity;
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."ContactFactor" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "ContactFactor" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."ContactFactor" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('userId');
ALTER TABLE "ContactFactor" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "Credential" (
  "userId" uuid NOT NULL,
  "passwordHash" text NOT NULL,
  "changedAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Credential_pkey" PRIMARY KEY ("userId"),
  CONSTRAINT "Credential_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
ALTER TABLE "Credential" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Credential" FORCE ROW LEVEL SECURITY;
CREATE POLICY identity_reads ON "Credential" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "Credential" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "Credential" TO bulwark_app;
GRANT SELECT ("changedAt", "passwordHash", "userId") ON "Credential" TO bulwark_identity;

CREATE TABLE "DataKey" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  scope text NOT NULL,
  purpose text NOT NULL,
  version integer NOT NULL,
  "masterKey" text NOT NULL,
  wrapped text NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "DataKey_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "DataKey_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "DataKey_companyId_scope_purpose_version_key" ON public."DataKey" USING btree ("companyId", scope, purpose, version);
ALTER TABLE "DataKey" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "DataKey" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "DataKey" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_counts_master_keys ON "DataKey" FOR SELECT TO bulwark_identity
  USING (true);
GRANT INSERT, SELECT ON "DataKey" TO bulwark_app;
GRANT SELECT ("masterKey") ON "DataKey" TO bulwark_identity;

CREATE TABLE "Department" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "branchId" uuid NOT NULL,
  name text COLLATE "und-x-icu" NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Department_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "Department_companyId_branchId_fkey" FOREIGN KEY ("companyId", "branchId") REFERENCES "Branch"("companyId", id) ON UPDATE CASCADE,
  CONSTRAINT "Department_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "Department_companyId_branchId_id_key" ON public."Department" USING btree ("companyId", "branchId", id);
CREATE UNIQUE INDEX "Department_companyId_name_key" ON public."Department" USING btree ("companyId", name);
ALTER TABLE "Department" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Department" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "Department" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "Department" TO bulwark_app;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."Department" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."Department" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_Department"();

CREATE TABLE "EmailToken" (
  hash text NOT NULL,
  "userId" uuid NOT NULL,
  kind "EmailTokenKind" NOT NULL,
  "companyId" uuid,
  basis text NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  "usedAt" timestamp(3) with time zone,
  CONSTRAINT "EmailToken_pkey" PRIMARY KEY (hash),
  CONSTRAINT "EmailToken_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "EmailToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "EmailToken_companyId_idx" ON public."EmailToken" USING btree ("companyId");
CREATE INDEX "EmailToken_expiresAt_idx" ON public."EmailToken" USING btree ("expiresAt");
CREATE INDEX "EmailToken_userId_kind_idx" ON public."EmailToken" USING btree ("userId", kind);
ALTER TABLE "EmailToken" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "EmailToken" FORCE ROW LEVEL SECURITY;
CREATE POLICY identity_cleans ON "EmailToken" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_reads ON "EmailToken" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "EmailToken" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT ON "EmailToken" TO bulwark_app;
GRANT DELETE ON "EmailToken" TO bulwark_identity;
GRANT UPDATE ("usedAt") ON "EmailToken" TO bulwark_app;
GRANT SELECT (basis, "companyId", "expiresAt", hash, kind, "usedAt", "userId") ON "EmailToken" TO bulwark_identity;
CREATE TRIGGER basis BEFORE INSERT ON public."EmailToken" FOR EACH ROW EXECUTE FUNCTION set_email_token_basis();

CREATE TABLE "Employee" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "branchId" uuid NOT NULL,
  "departmentId" uuid NOT NULL,
  "teamId" uuid,
  "userId" uuid,
  name text COLLATE "und-x-icu" NOT NULL,
  email text NOT NULL,
  "jobTitle" text,
  "startedOn" date NOT NULL,
  salary sealed,
  iban sealed,
  "ibanIndex" text,
  "ibanLast4" text,
  "civilId" sealed,
  "civilIdIndex" text,
  "civilIdLast4" text,
  passport sealed,
  "passportLast4" text,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Employee_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "Employee_companyId_branchId_departmentId_fkey" FOREIGN KEY ("companyId", "branchId", "departmentId") REFERENCES "Department"("companyId", "branchId", id),
  CONSTRAINT "Employee_companyId_branchId_fkey" FOREIGN KEY ("companyId", "branchId") REFERENCES "Branch"("companyId", id) ON UPDATE CASCADE,
  CONSTRAINT "Employee_companyId_departmentId_teamId_fkey" FOREIGN KEY ("companyId", "departmentId", "teamId") REFERENCES "Team"("companyId", "departmentId", id),
  CONSTRAINT "Employee_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "Employee_companyId_userId_fkey" FOREIGN KEY ("companyId", "userId") REFERENCES "Membership"("companyId", "userId") ON UPDATE CASCADE
);
CREATE INDEX "Employee_companyId_branchId_departmentId_idx" ON public."Employee" USING btree ("companyId", "branchId", "departmentId");
CREATE UNIQUE INDEX "Employee_companyId_civilIdIndex_key" ON public."Employee" USING btree ("companyId", "civilIdIndex");
CREATE INDEX "Employee_companyId_departmentId_teamId_idx" ON public."Employee" USING btree ("companyId", "departmentId", "teamId");
CREATE UNIQUE INDEX "Employee_companyId_email_key" ON public."Employee" USING btree ("companyId", email);
CREATE INDEX "Employee_companyId_ibanIndex_idx" ON public."Employee" USING btree ("companyId", "ibanIndex");
CREATE INDEX "Employee_companyId_name_id_idx" ON public."Employee" USING btree ("companyId", name, id);
CREATE INDEX "Employee_companyId_teamId_idx" ON public."Employee" USING btree ("companyId", "teamId");
CREATE UNIQUE INDEX "Employee_companyId_userId_key" ON public."Employee" USING btree ("companyId", "userId");
ALTER TABLE "Employee" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Employee" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "Employee" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "Employee" TO bulwark_app;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."Employee" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."Employee" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_Employee"();

CREATE TABLE "IdempotencyKey" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  "keyHash" text NOT NULL,
  "sealedRequest" sealed NOT NULL,
  "sealedAnswer" sealed,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  CONSTRAINT "IdempotencyKey_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "IdempotencyKey_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "IdempotencyKey_companyId_userId_keyHash_key" ON public."IdempotencyKey" USING btree ("companyId", "userId", "keyHash");
CREATE INDEX "IdempotencyKey_expiresAt_idx" ON public."IdempotencyKey" USING btree ("expiresAt");
ALTER TABLE "IdempotencyKey" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "IdempotencyKey" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "IdempotencyKey" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_cleans ON "IdempotencyKey" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_reads ON "IdempotencyKey" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "IdempotencyKey" TO bulwark_app;
GRANT DELETE ON "IdempotencyKey" TO bulwark_identity;
GRANT SELECT ("expiresAt") ON "IdempotencyKey" TO bulwark_identity;

CREATE TABLE "MasterKeyCheck" (
  "masterKey" text NOT NULL,
  proof text NOT NULL,
  CONSTRAINT "MasterKeyCheck_pkey" PRIMARY KEY ("masterKey")
);
GRANT INSERT, SELECT ON "MasterKeyCheck" TO bulwark_app;

CREATE TABLE "Membership" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  email text NOT NULL,
  name text COLLATE "und-x-icu" NOT NULL,
  status "MembershipStatus" NOT NULL DEFAULT 'active'::"MembershipStatus",
  roles text[],
  "branchId" uuid,
  "departmentId" uuid,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "mfaRequired" boolean NOT NULL DEFAULT false,
  "mfaGraceFrom" timestamp(3) with time zone,
  "invitedUntil" timestamp(3) with time zone,
  "invitedById" uuid,
  CONSTRAINT "Membership_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "Membership_companyId_branchId_departmentId_fkey" FOREIGN KEY ("companyId", "branchId", "departmentId") REFERENCES "Department"("companyId", "branchId", id),
  CONSTRAINT "Membership_companyId_branchId_fkey" FOREIGN KEY ("companyId", "branchId") REFERENCES "Branch"("companyId", id) ON UPDATE CASCADE,
  CONSTRAINT "Membership_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "Membership_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "Membership_invited_check" CHECK (((status = 'invited'::"MembershipStatus") = ("invitedUntil" IS NOT NULL))),
  CONSTRAINT "Membership_place_check" CHECK ((("departmentId" IS NULL) OR ("branchId" IS NOT NULL)))
);
CREATE INDEX "Membership_companyId_branchId_departmentId_idx" ON public."Membership" USING btree ("companyId", "branchId", "departmentId");
CREATE UNIQUE INDEX "Membership_companyId_email_key" ON public."Membership" USING btree ("companyId", email);
CREATE UNIQUE INDEX "Membership_companyId_userId_key" ON public."Membership" USING btree ("companyId", "userId");
CREATE INDEX "Membership_userId_idx" ON public."Membership" USING btree ("userId");
ALTER TABLE "Membership" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Membership" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "Membership" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "Membership" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "Membership" TO bulwark_app;
GRANT SELECT ("branchId", "companyId", "createdAt", "departmentId", id, "invitedUntil", "mfaGraceFrom", "mfaRequired", roles, status, "userId") ON "Membership" TO bulwark_identity;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."Membership" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."Membership" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_Membership"();
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."Membership" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "Membership" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."Membership" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('companyId');
ALTER TABLE "Membership" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "MfaChallenge" (
  hash text NOT NULL,
  "userId" uuid NOT NULL,
  ip text,
  "userAgent" text,
  methods text[] NOT NULL DEFAULT ARRAY[]::text[],
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  CONSTRAINT "MfaChallenge_pkey" PRIMARY KEY (hash),
  CONSTRAINT "MfaChallenge_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "MfaChallenge_expiresAt_idx" ON public."MfaChallenge" USING btree ("expiresAt");
CREATE INDEX "MfaChallenge_userId_idx" ON public."MfaChallenge" USING btree ("userId");
ALTER TABLE "MfaChallenge" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "MfaChallenge" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_disables ON "MfaChallenge" FOR DELETE TO bulwark_identity
  USING (((EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "MfaChallenge"."userId") AND (m."companyId" = ( SELECT context_company() AS context_company)) AND (m.status <> 'invited'::"MembershipStatus")))) AND (NOT (EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "MfaChallenge"."userId") AND (m."companyId" <> ( SELECT context_company() AS context_company)) AND (m.status = 'active'::"MembershipStatus")))))));
CREATE POLICY identity_cleans ON "MfaChallenge" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_reads ON "MfaChallenge" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "MfaChallenge" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "MfaChallenge" TO bulwark_app;
GRANT DELETE ON "MfaChallenge" TO bulwark_identity;
GRANT SELECT ("expiresAt", hash, methods, "userId") ON "MfaChallenge" TO bulwark_identity;

CREATE TABLE "MfaGrace" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "startedAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "MfaGrace_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "MfaGrace_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "MfaGrace_id_fkey" FOREIGN KEY (id) REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "MfaGrace_id_idx" ON public."MfaGrace" USING btree (id);
ALTER TABLE "MfaGrace" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "MfaGrace" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "MfaGrace" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "MfaGrace" TO bulwark_app;

CREATE TABLE "OneTimeCode" (
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  channel "CodeChannel" NOT NULL,
  purpose text NOT NULL,
  "codeHash" text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  "usedAt" timestamp(3) with time zone,
  CONSTRAINT "OneTimeCode_pkey" PRIMARY KEY (id),
  CONSTRAINT "OneTimeCode_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "OneTimeCode_expiresAt_idx" ON public."OneTimeCode" USING btree ("expiresAt");
CREATE INDEX "OneTimeCode_userId_purpose_idx" ON public."OneTimeCode" USING btree ("userId", purpose);
ALTER TABLE "OneTimeCode" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "OneTimeCode" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_disables ON "OneTimeCode" FOR DELETE TO bulwark_identity
  USING (((EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "OneTimeCode"."userId") AND (m."companyId" = ( SELECT context_company() AS context_company)) AND (m.status <> 'invited'::"MembershipStatus")))) AND (NOT (EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "OneTimeCode"."userId") AND (m."companyId" <> ( SELECT context_company() AS context_company)) AND (m.status = 'active'::"MembershipStatus")))))));
CREATE POLICY identity_cleans ON "OneTimeCode" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_reads ON "OneTimeCode" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "OneTimeCode" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "OneTimeCode" TO bulwark_app;
GRANT DELETE ON "OneTimeCode" TO bulwark_identity;
GRANT SELECT ("expiresAt", "userId") ON "OneTimeCode" TO bulwark_identity;

CREATE TABLE "Passkey" (
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  "credentialId" text NOT NULL,
  "publicKey" text NOT NULL,
  counter bigint NOT NULL,
  transports text[],
  "deviceType" text NOT NULL,
  "backedUp" boolean NOT NULL,
  name text NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "lastUsedAt" timestamp(3) with time zone,
  CONSTRAINT "Passkey_pkey" PRIMARY KEY (id),
  CONSTRAINT "Passkey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "Passkey_credentialId_key" ON public."Passkey" USING btree ("credentialId");
CREATE INDEX "Passkey_userId_idx" ON public."Passkey" USING btree ("userId");
ALTER TABLE "Passkey" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Passkey" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_disables ON "Passkey" FOR DELETE TO bulwark_identity
  USING (((EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "Passkey"."userId") AND (m."companyId" = ( SELECT context_company() AS context_company)) AND (m.status <> 'invited'::"MembershipStatus")))) AND (NOT (EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "Passkey"."userId") AND (m."companyId" <> ( SELECT context_company() AS context_company)) AND (m.status = 'active'::"MembershipStatus")))))));
CREATE POLICY identity_reads ON "Passkey" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "Passkey" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "Passkey" TO bulwark_app;
GRANT DELETE ON "Passkey" TO bulwark_identity;
GRANT SELECT (counter, "credentialId", id, "publicKey", transports, "userId") ON "Passkey" TO bulwark_identity;
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."Passkey" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "Passkey" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."Passkey" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('userId');
ALTER TABLE "Passkey" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "PasswordHistory" (
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  "passwordHash" text NOT NULL,
  "replacedAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "PasswordHistory_pkey" PRIMARY KEY (id),
  CONSTRAINT "PasswordHistory_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "PasswordHistory_userId_idx" ON public."PasswordHistory" USING btree ("userId");
ALTER TABLE "PasswordHistory" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "PasswordHistory" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "PasswordHistory" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "PasswordHistory" TO bulwark_app;

CREATE TABLE "PayrollItem" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "runId" uuid NOT NULL,
  "employeeId" uuid NOT NULL,
  amount sealed NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "PayrollItem_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "PayrollItem_companyId_employeeId_fkey" FOREIGN KEY ("companyId", "employeeId") REFERENCES "Employee"("companyId", id) ON UPDATE CASCADE,
  CONSTRAINT "PayrollItem_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "PayrollItem_companyId_runId_fkey" FOREIGN KEY ("companyId", "runId") REFERENCES "PayrollRun"("companyId", id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "PayrollItem_companyId_employeeId_idx" ON public."PayrollItem" USING btree ("companyId", "employeeId");
CREATE UNIQUE INDEX "PayrollItem_companyId_runId_employeeId_key" ON public."PayrollItem" USING btree ("companyId", "runId", "employeeId");
ALTER TABLE "PayrollItem" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "PayrollItem" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "PayrollItem" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "PayrollItem" TO bulwark_app;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."PayrollItem" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."PayrollItem" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_PayrollItem"();

CREATE TABLE "PayrollRun" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  period text NOT NULL,
  status "PayrollStatus" NOT NULL DEFAULT 'draft'::"PayrollStatus",
  total sealed,
  "itemCount" integer NOT NULL DEFAULT 0,
  "createdById" uuid NOT NULL,
  "submittedById" uuid,
  "submittedAt" timestamp(3) with time zone,
  "approvedById" uuid,
  "approvedAt" timestamp(3) with time zone,
  "paidById" uuid,
  "paidAt" timestamp(3) with time zone,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "PayrollRun_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "PayrollRun_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "PayrollRun_companyId_period_key" ON public."PayrollRun" USING btree ("companyId", period);
ALTER TABLE "PayrollRun" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "PayrollRun" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "PayrollRun" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "PayrollRun" TO bulwark_app;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."PayrollRun" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."PayrollRun" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_PayrollRun"();

CREATE TABLE "RefreshToken" (
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  "sessionId" text NOT NULL,
  hash text NOT NULL,
  successor sealed,
  "successorId" uuid,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  "usedAt" timestamp(3) with time zone,
  CONSTRAINT "RefreshToken_pkey" PRIMARY KEY (id),
  CONSTRAINT "RefreshToken_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "RefreshToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "RefreshToken_expiresAt_idx" ON public."RefreshToken" USING btree ("expiresAt");
CREATE UNIQUE INDEX "RefreshToken_hash_key" ON public."RefreshToken" USING btree (hash);
CREATE INDEX "RefreshToken_sessionId_idx" ON public."RefreshToken" USING btree ("sessionId");
CREATE INDEX "RefreshToken_userId_idx" ON public."RefreshToken" USING btree ("userId");
ALTER TABLE "RefreshToken" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "RefreshToken" FORCE ROW LEVEL SECURITY;
CREATE POLICY identity_cleans ON "RefreshToken" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_reads ON "RefreshToken" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "RefreshToken" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "RefreshToken" TO bulwark_app;
GRANT DELETE ON "RefreshToken" TO bulwark_identity;
GRANT SELECT ("createdAt", "expiresAt", hash, id, "sessionId", "usedAt", "userId") ON "RefreshToken" TO bulwark_identity;

CREATE TABLE "RevokedToken" (
  jti uuid NOT NULL,
  "userId" uuid NOT NULL,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  CONSTRAINT "RevokedToken_pkey" PRIMARY KEY (jti),
  CONSTRAINT "RevokedToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "RevokedToken_expiresAt_idx" ON public."RevokedToken" USING btree ("expiresAt");
CREATE INDEX "RevokedToken_userId_idx" ON public."RevokedToken" USING btree ("userId");
ALTER TABLE "RevokedToken" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "RevokedToken" FORCE ROW LEVEL SECURITY;
CREATE POLICY identity_cleans ON "RevokedToken" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_denies ON "RevokedToken" FOR INSERT TO bulwark_identity
  WITH CHECK (true);
CREATE POLICY identity_reads ON "RevokedToken" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "RevokedToken" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "RevokedToken" TO bulwark_app;
GRANT DELETE ON "RevokedToken" TO bulwark_identity;
GRANT INSERT ("expiresAt", jti, "userId") ON "RevokedToken" TO bulwark_identity;
GRANT SELECT ("expiresAt", jti) ON "RevokedToken" TO bulwark_identity;

CREATE TABLE "Role" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  level integer NOT NULL,
  "accessScope" "AccessScope" NOT NULL,
  "readOnly" boolean NOT NULL DEFAULT false,
  permissions text[],
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Role_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "Role_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "Role_companyId_slug_key" ON public."Role" USING btree ("companyId", slug);
ALTER TABLE "Role" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Role" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "Role" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "Role" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "Role" TO bulwark_app;
GRANT SELECT ("accessScope", "companyId", id, level, permissions, "readOnly", slug) ON "Role" TO bulwark_identity;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."Role" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."Role" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_Role"();
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."Role" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "Role" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."Role" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('companyId');
ALTER TABLE "Role" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "RotatedSessionToken" (
  id uuid NOT NULL,
  hash text NOT NULL,
  "userId" uuid NOT NULL,
  "sessionId" text NOT NULL,
  successor sealed NOT NULL,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  CONSTRAINT "RotatedSessionToken_pkey" PRIMARY KEY (id),
  CONSTRAINT "RotatedSessionToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "RotatedSessionToken_expiresAt_idx" ON public."RotatedSessionToken" USING btree ("expiresAt");
CREATE UNIQUE INDEX "RotatedSessionToken_hash_key" ON public."RotatedSessionToken" USING btree (hash);
CREATE INDEX "RotatedSessionToken_userId_idx" ON public."RotatedSessionToken" USING btree ("userId");
ALTER TABLE "RotatedSessionToken" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "RotatedSessionToken" FORCE ROW LEVEL SECURITY;
CREATE POLICY identity_cleans ON "RotatedSessionToken" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_reads ON "RotatedSessionToken" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "RotatedSessionToken" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "RotatedSessionToken" TO bulwark_app;
GRANT DELETE ON "RotatedSessionToken" TO bulwark_identity;
GRANT SELECT ("expiresAt", hash, id, "sessionId", successor) ON "RotatedSessionToken" TO bulwark_identity;

CREATE TABLE "ServiceAccount" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  roles text[],
  "createdById" uuid NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "disabledAt" timestamp(3) with time zone,
  CONSTRAINT "ServiceAccount_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "ServiceAccount_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "ServiceAccount_companyId_name_key" ON public."ServiceAccount" USING btree ("companyId", name);
ALTER TABLE "ServiceAccount" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "ServiceAccount" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "ServiceAccount" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "ServiceAccount" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "ServiceAccount" TO bulwark_app;
GRANT SELECT ("companyId", "disabledAt", id, name, roles) ON "ServiceAccount" TO bulwark_identity;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."ServiceAccount" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."ServiceAccount" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_ServiceAccount"();

CREATE TABLE "Session" (
  id text NOT NULL,
  "userId" uuid NOT NULL,
  "companyId" uuid,
  ip text,
  "userAgent" text,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "lastUsedAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  "absoluteExpiresAt" timestamp(3) with time zone NOT NULL,
  "idleSeconds" integer NOT NULL DEFAULT 86400,
  methods text[] NOT NULL DEFAULT ARRAY[]::text[],
  "mfaAt" timestamp(3) with time zone,
  "deviceName" text,
  "rotateDue" boolean NOT NULL DEFAULT false,
  "enteredCompanies" uuid[] NOT NULL DEFAULT ARRAY[]::uuid[],
  "longestIdleSeconds" integer NOT NULL DEFAULT 0,
  CONSTRAINT "Session_pkey" PRIMARY KEY (id),
  CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "Session_expiresAt_idx" ON public."Session" USING btree ("expiresAt");
CREATE INDEX "Session_userId_idx" ON public."Session" USING btree ("userId");
ALTER TABLE "Session" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Session" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_disables ON "Session" FOR DELETE TO bulwark_identity
  USING (((EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "Session"."userId") AND (m."companyId" = ( SELECT context_company() AS context_company)) AND (m.status <> 'invited'::"MembershipStatus")))) AND (NOT (EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "Session"."userId") AND (m."companyId" <> ( SELECT context_company() AS context_company)) AND (m.status = 'active'::"MembershipStatus")))))));
CREATE POLICY identity_cleans ON "Session" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_ends ON "Session" FOR DELETE TO bulwark_identity
  USING ((( SELECT context_company() AS context_company) = ANY (("companyId" || "enteredCompanies"))));
CREATE POLICY identity_reads ON "Session" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY identity_shortens ON "Session" FOR UPDATE TO bulwark_identity
  USING ((( SELECT context_company() AS context_company) = ANY (("companyId" || "enteredCompanies"))));
CREATE POLICY own_rows ON "Session" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "Session" TO bulwark_app;
GRANT DELETE ON "Session" TO bulwark_identity;
GRANT SELECT ("absoluteExpiresAt", "companyId", "createdAt", "enteredCompanies", "expiresAt", id, "idleSeconds", "lastUsedAt", "longestIdleSeconds", methods, "mfaAt", "rotateDue", "userId") ON "Session" TO bulwark_identity;
GRANT UPDATE ("absoluteExpiresAt", "expiresAt", "idleSeconds", "rotateDue") ON "Session" TO bulwark_identity;
CREATE TRIGGER deny_access_tokens BEFORE DELETE ON public."Session" FOR EACH ROW EXECUTE FUNCTION deny_access_tokens();
CREATE TRIGGER keep_longest_idle BEFORE UPDATE OF "lastUsedAt" ON public."Session" FOR EACH ROW EXECUTE FUNCTION keep_longest_idle();

CREATE TABLE "SignInPolicy" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "signUpMode" "SignUpMode" NOT NULL DEFAULT 'invitation'::"SignUpMode",
  "signUpDomains" text[] NOT NULL DEFAULT ARRAY[]::text[],
  "signUpRoles" text[] NOT NULL DEFAULT ARRAY['client'::text],
  "passwordPreset" "PasswordPreset" NOT NULL DEFAULT 'classic'::"PasswordPreset",
  "mfaRequired" boolean NOT NULL DEFAULT false,
  "mfaRoles" text[] NOT NULL DEFAULT ARRAY['admin'::text, 'staff'::text, 'company_admin'::text, 'hr_admin'::text, 'finance_admin'::text],
  "mfaGraceDays" integer NOT NULL DEFAULT 7,
  "stepUpMinutes" integer NOT NULL DEFAULT 10,
  "trustedDeviceDays" integer NOT NULL DEFAULT 14,
  "sessionIdleMinutes" integer NOT NULL DEFAULT 1440,
  "sessionAbsoluteHours" integer NOT NULL DEFAULT 720,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "SignInPolicy_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "SignInPolicy_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "SignInPolicy_companyId_key" ON public."SignInPolicy" USING btree ("companyId");
ALTER TABLE "SignInPolicy" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "SignInPolicy" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "SignInPolicy" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "SignInPolicy" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "SignInPolicy" TO bulwark_app;
GRANT SELECT ("companyId", "mfaGraceDays", "mfaRequired", "mfaRoles", "passwordPreset", "sessionAbsoluteHours", "sessionIdleMinutes", "signUpDomains", "signUpMode", "signUpRoles", "stepUpMinutes", "trustedDeviceDays") ON "SignInPolicy" TO bulwark_identity;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."SignInPolicy" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."SignInPolicy" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_SignInPolicy"();
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."SignInPolicy" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "SignInPolicy" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."SignInPolicy" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('companyId');
ALTER TABLE "SignInPolicy" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "SignUpRequest" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  status "SignUpStatus" NOT NULL DEFAULT 'unverified'::"SignUpStatus",
  language text NOT NULL DEFAULT 'en'::text,
  "tokenHash" text,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  "verifiedAt" timestamp(3) with time zone,
  CONSTRAINT "SignUpRequest_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "SignUpRequest_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "SignUpRequest_companyId_email_key" ON public."SignUpRequest" USING btree ("companyId", email);
CREATE INDEX "SignUpRequest_tokenHash_idx" ON public."SignUpRequest" USING btree ("tokenHash");
ALTER TABLE "SignUpRequest" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "SignUpRequest" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "SignUpRequest" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_cleans ON "SignUpRequest" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_reads ON "SignUpRequest" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "SignUpRequest" TO bulwark_app;
GRANT DELETE ON "SignUpRequest" TO bulwark_identity;
GRANT SELECT ("companyId", email, "expiresAt", id, language, name, status, "tokenHash") ON "SignUpRequest" TO bulwark_identity;

CREATE TABLE "SigningKey" (
  id text NOT NULL,
  "privateKey" sealed NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "retiredAt" timestamp(3) with time zone,
  CONSTRAINT "SigningKey_pkey" PRIMARY KEY (id)
);
GRANT INSERT, SELECT ON "SigningKey" TO bulwark_app;
GRANT UPDATE ("retiredAt") ON "SigningKey" TO bulwark_app;
GRANT SELECT (id, "retiredAt") ON "SigningKey" TO bulwark_identity;

CREATE TABLE "Team" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "departmentId" uuid NOT NULL,
  name text COLLATE "und-x-icu" NOT NULL,
  roles text[],
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Team_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "Team_companyId_departmentId_fkey" FOREIGN KEY ("companyId", "departmentId") REFERENCES "Department"("companyId", id) ON UPDATE CASCADE,
  CONSTRAINT "Team_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX "Team_companyId_departmentId_id_key" ON public."Team" USING btree ("companyId", "departmentId", id);
CREATE UNIQUE INDEX "Team_companyId_name_key" ON public."Team" USING btree ("companyId", name);
ALTER TABLE "Team" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Team" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "Team" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "Team" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "Team" TO bulwark_app;
GRANT SELECT ("companyId", id, roles) ON "Team" TO bulwark_identity;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."Team" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."Team" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_Team"();
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."Team" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "Team" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."Team" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('companyId');
ALTER TABLE "Team" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "TeamMember" (
  "companyId" uuid NOT NULL,
  id uuid NOT NULL,
  "teamId" uuid NOT NULL,
  "membershipId" uuid NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "TeamMember_pkey" PRIMARY KEY ("companyId", id),
  CONSTRAINT "TeamMember_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "TeamMember_companyId_membershipId_fkey" FOREIGN KEY ("companyId", "membershipId") REFERENCES "Membership"("companyId", id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "TeamMember_companyId_teamId_fkey" FOREIGN KEY ("companyId", "teamId") REFERENCES "Team"("companyId", id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "TeamMember_companyId_membershipId_idx" ON public."TeamMember" USING btree ("companyId", "membershipId");
CREATE UNIQUE INDEX "TeamMember_companyId_teamId_membershipId_key" ON public."TeamMember" USING btree ("companyId", "teamId", "membershipId");
ALTER TABLE "TeamMember" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "TeamMember" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON "TeamMember" FOR ALL TO bulwark_app
  USING (("companyId" = ( SELECT context_company() AS context_company)))
  WITH CHECK (("companyId" = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON "TeamMember" FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON "TeamMember" TO bulwark_app;
GRANT SELECT ("companyId", "membershipId", "teamId") ON "TeamMember" TO bulwark_identity;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public."TeamMember" FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR DELETE OR UPDATE ON public."TeamMember" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "audit_write_TeamMember"();
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."TeamMember" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "TeamMember" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."TeamMember" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('companyId');
ALTER TABLE "TeamMember" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "Throttle" (
  kind text NOT NULL,
  subject text NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  lockouts integer NOT NULL DEFAULT 0,
  "lockedUntil" timestamp(3) with time zone,
  "failedAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Throttle_pkey" PRIMARY KEY (kind, subject)
);
CREATE INDEX "Throttle_failedAt_idx" ON public."Throttle" USING btree ("failedAt");
GRANT DELETE, INSERT, SELECT, UPDATE ON "Throttle" TO bulwark_app;
GRANT DELETE, SELECT ON "Throttle" TO bulwark_identity;

CREATE TABLE "TotpFactor" (
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  secret sealed NOT NULL,
  "lastStep" bigint,
  "confirmedAt" timestamp(3) with time zone,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "TotpFactor_pkey" PRIMARY KEY (id),
  CONSTRAINT "TotpFactor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "TotpFactor_userId_idx" ON public."TotpFactor" USING btree ("userId");
ALTER TABLE "TotpFactor" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "TotpFactor" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_disables ON "TotpFactor" FOR DELETE TO bulwark_identity
  USING (((EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "TotpFactor"."userId") AND (m."companyId" = ( SELECT context_company() AS context_company)) AND (m.status <> 'invited'::"MembershipStatus")))) AND (NOT (EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "TotpFactor"."userId") AND (m."companyId" <> ( SELECT context_company() AS context_company)) AND (m.status = 'active'::"MembershipStatus")))))));
CREATE POLICY identity_cleans ON "TotpFactor" FOR DELETE TO bulwark_identity
  USING ((("confirmedAt" IS NULL) AND ("createdAt" < (now() - '1 day'::interval))));
CREATE POLICY identity_reads ON "TotpFactor" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "TotpFactor" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "TotpFactor" TO bulwark_app;
GRANT DELETE ON "TotpFactor" TO bulwark_identity;
GRANT SELECT ("confirmedAt", "createdAt", "userId") ON "TotpFactor" TO bulwark_identity;
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."TotpFactor" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "TotpFactor" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."TotpFactor" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('userId');
ALTER TABLE "TotpFactor" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "TrustedDevice" (
  id uuid NOT NULL,
  "userId" uuid NOT NULL,
  hash text NOT NULL,
  name text NOT NULL,
  ip text,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "lastUsedAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  CONSTRAINT "TrustedDevice_pkey" PRIMARY KEY (id),
  CONSTRAINT "TrustedDevice_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX "TrustedDevice_expiresAt_idx" ON public."TrustedDevice" USING btree ("expiresAt");
CREATE UNIQUE INDEX "TrustedDevice_hash_key" ON public."TrustedDevice" USING btree (hash);
CREATE INDEX "TrustedDevice_userId_idx" ON public."TrustedDevice" USING btree ("userId");
ALTER TABLE "TrustedDevice" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "TrustedDevice" FORCE ROW LEVEL SECURITY;
CREATE POLICY company_disables ON "TrustedDevice" FOR DELETE TO bulwark_identity
  USING (((EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "TrustedDevice"."userId") AND (m."companyId" = ( SELECT context_company() AS context_company)) AND (m.status <> 'invited'::"MembershipStatus")))) AND (NOT (EXISTS ( SELECT
   FROM "Membership" m
  WHERE ((m."userId" = "TrustedDevice"."userId") AND (m."companyId" <> ( SELECT context_company() AS context_company)) AND (m.status = 'active'::"MembershipStatus")))))));
CREATE POLICY identity_cleans ON "TrustedDevice" FOR DELETE TO bulwark_identity
  USING (("expiresAt" < now()));
CREATE POLICY identity_reads ON "TrustedDevice" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "TrustedDevice" FOR ALL TO bulwark_app
  USING (("userId" = ( SELECT context_user() AS context_user)))
  WITH CHECK (("userId" = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "TrustedDevice" TO bulwark_app;
GRANT DELETE ON "TrustedDevice" TO bulwark_identity;
GRANT SELECT ("expiresAt", hash, id, "userId") ON "TrustedDevice" TO bulwark_identity;

CREATE TABLE "User" (
  id uuid NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  "createdAt" timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  language text NOT NULL DEFAULT 'en'::text,
  "emailVerifiedAt" timestamp(3) with time zone,
  "recoveryEmail" text,
  "recoveryEmailVerifiedAt" timestamp(3) with time zone,
  CONSTRAINT "User_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "User_email_key" ON public."User" USING btree (email);
ALTER TABLE "User" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "User" FORCE ROW LEVEL SECURITY;
CREATE POLICY identity_invites ON "User" FOR INSERT TO bulwark_identity
  WITH CHECK (true);
CREATE POLICY identity_reads ON "User" FOR SELECT TO bulwark_identity
  USING (true);
CREATE POLICY own_rows ON "User" FOR ALL TO bulwark_app
  USING ((id = ( SELECT context_user() AS context_user)))
  WITH CHECK ((id = ( SELECT context_user() AS context_user)));
GRANT DELETE, INSERT, SELECT, UPDATE ON "User" TO bulwark_app;
GRANT INSERT (email, id, language, name) ON "User" TO bulwark_identity;
GRANT SELECT (email, "emailVerifiedAt", id, language, name, "recoveryEmail", "recoveryEmailVerifiedAt") ON "User" TO bulwark_identity;
CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON public."User" FOR EACH STATEMENT EXECUTE FUNCTION refuse_identity_truncate();
ALTER TABLE "User" ENABLE ALWAYS TRIGGER refuse_identity_truncate;
CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR DELETE OR UPDATE ON public."User" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_identity_version('id');
ALTER TABLE "User" ENABLE ALWAYS TRIGGER renew_identity_version;

CREATE TABLE "WebAuthnChallenge" (
  id uuid NOT NULL,
  kind text NOT NULL,
  "userId" uuid,
  value text NOT NULL,
  "expiresAt" timestamp(3) with time zone NOT NULL,
  CONSTRAINT "WebAuthnChallenge_pkey" PRIMARY KEY (id)
);
CREATE INDEX "WebAuthnChallenge_expiresAt_idx" ON public."WebAuthnChallenge" USING btree ("expiresAt");
GRANT DELETE, INSERT, SELECT ON "WebAuthnChallenge" TO bulwark_identity;

CREATE TABLE _prisma_migrations (
  id character varying(36) NOT NULL,
  checksum character varying(64) NOT NULL,
  finished_at timestamp with time zone,
  migration_name character varying(255) NOT NULL,
  logs text,
  rolled_back_at timestamp with time zone,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0,
  CONSTRAINT _prisma_migrations_pkey PRIMARY KEY (id)
);
GRANT SELECT ON _prisma_migrations TO bulwark_app;

CREATE TABLE audit_event (
  company_id uuid NOT NULL,
  pos bigint NOT NULL,
  at_us bigint NOT NULL,
  action text NOT NULL,
  severity text NOT NULL,
  actor_id uuid,
  entity text,
  entity_id uuid,
  body text,
  salt bytea,
  commitment bytea NOT NULL,
  link bytea NOT NULL,
  CONSTRAINT audit_event_pkey PRIMARY KEY (company_id, pos),
  CONSTRAINT audit_pruned CHECK (((body IS NULL) = (salt IS NULL)))
);
ALTER TABLE audit_event OWNER TO bulwark_audit;
CREATE INDEX audit_event_action ON public.audit_event USING btree (company_id, action, pos);
CREATE INDEX audit_event_actor ON public.audit_event USING btree (company_id, actor_id, pos);
CREATE INDEX audit_event_entity ON public.audit_event USING btree (company_id, entity_id, pos);
CREATE INDEX audit_event_severe ON public.audit_event USING btree (company_id, severity, pos) WHERE (severity = ANY (ARRAY['HIGH'::text, 'CRITICAL'::text]));
CREATE INDEX audit_event_time ON public.audit_event USING btree (company_id, at_us);
ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_event FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_owner ON audit_event FOR ALL TO bulwark_audit
  USING (true)
  WITH CHECK (true);
CREATE POLICY company_rows ON audit_event FOR SELECT TO bulwark_app
  USING ((company_id = ( SELECT context_company() AS context_company)));
GRANT SELECT ON audit_event TO bulwark_app;
CREATE TRIGGER audit_refuse BEFORE DELETE OR UPDATE ON public.audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_refuse;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public.audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_refuse_truncate;

CREATE TABLE audit_head (
  company_id uuid NOT NULL,
  pos bigint NOT NULL,
  at_us bigint NOT NULL,
  link bytea NOT NULL,
  CONSTRAINT audit_head_pkey PRIMARY KEY (company_id)
) WITH (fillfactor=10);
ALTER TABLE audit_head OWNER TO bulwark_audit;
ALTER TABLE audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_head FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_owner ON audit_head FOR ALL TO bulwark_audit
  USING (true)
  WITH CHECK (true);
CREATE POLICY company_rows ON audit_head FOR SELECT TO bulwark_app
  USING ((company_id = ( SELECT context_company() AS context_company)));
GRANT SELECT ON audit_head TO bulwark_app;
CREATE TRIGGER audit_refuse BEFORE DELETE ON public.audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_refuse;
CREATE TRIGGER audit_refuse_return BEFORE UPDATE ON public.audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse_return();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_refuse_return;
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public.audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_refuse_truncate;

CREATE TABLE audit_pending (
  company_id uuid NOT NULL,
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  action text NOT NULL,
  severity text NOT NULL,
  actor_id uuid,
  entity text,
  entity_id uuid,
  body text NOT NULL,
  CONSTRAINT audit_pending_pkey PRIMARY KEY (company_id, id),
  CONSTRAINT audit_severity CHECK ((severity = ANY (ARRAY['LOW'::text, 'MEDIUM'::text, 'HIGH'::text, 'CRITICAL'::text])))
);
ALTER TABLE audit_pending OWNER TO bulwark_audit;
ALTER TABLE audit_pending ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_pending FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_owner ON audit_pending FOR ALL TO bulwark_audit
  USING (true)
  WITH CHECK (true);
CREATE POLICY company_events ON audit_pending FOR INSERT TO bulwark_app
  WITH CHECK (((company_id = ( SELECT context_company() AS context_company)) OR (company_id = '00000000-0000-7000-8000-000000000000'::uuid)));
CREATE POLICY company_rows ON audit_pending FOR SELECT TO bulwark_app
  USING ((company_id = ( SELECT context_company() AS context_company)));
GRANT SELECT ON audit_pending TO bulwark_app;
GRANT INSERT (body, company_id) ON audit_pending TO bulwark_app;
CREATE CONSTRAINT TRIGGER audit_place_pending AFTER INSERT ON public.audit_pending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_place_pending();
CREATE TRIGGER audit_read_body BEFORE INSERT ON public.audit_pending FOR EACH ROW WHEN ((new.action IS NULL)) EXECUTE FUNCTION audit_read_body();
ALTER TABLE audit_pending ENABLE ALWAYS TRIGGER audit_read_body;

CREATE TABLE failure_burst (
  company_id uuid NOT NULL,
  action text NOT NULL,
  count integer NOT NULL DEFAULT 1,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  last_at timestamp with time zone NOT NULL DEFAULT now(),
  users jsonb NOT NULL DEFAULT '{}'::jsonb,
  addresses jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT failure_burst_pkey PRIMARY KEY (company_id, action)
);
ALTER TABLE failure_burst ENABLE ROW LEVEL SECURITY;
ALTER TABLE failure_burst FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON failure_burst FOR ALL TO bulwark_app
  USING ((company_id = ( SELECT context_company() AS context_company)))
  WITH CHECK ((company_id = ( SELECT context_company() AS context_company)));
CREATE POLICY identity_reads ON failure_burst FOR SELECT TO bulwark_identity
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON failure_burst TO bulwark_app;
GRANT SELECT (action, company_id, started_at) ON failure_burst TO bulwark_identity;

CREATE TABLE identity_version (
  owner uuid NOT NULL,
  made_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  version uuid NOT NULL DEFAULT gen_random_uuid(),
  CONSTRAINT identity_version_pkey PRIMARY KEY (owner, made_in)
);
ALTER TABLE identity_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_version FORCE ROW LEVEL SECURITY;
CREATE POLICY identity_versions ON identity_version FOR ALL TO bulwark_identity
  USING (true)
  WITH CHECK (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON identity_version TO bulwark_identity;

CREATE TABLE leader (
  name text NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  since timestamp(3) with time zone NOT NULL DEFAULT now(),
  CONSTRAINT leader_pkey PRIMARY KEY (name)
);
GRANT SELECT ON leader TO bulwark_app;
GRANT UPDATE (epoch, since) ON leader TO bulwark_app;

CREATE TABLE pgboss.bam (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  version integer NOT NULL,
  status text NOT NULL DEFAULT 'pending'::text,
  queue text,
  table_name text NOT NULL,
  command text NOT NULL,
  error text,
  created_on timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  started_on timestamp with time zone,
  completed_on timestamp with time zone,
  CONSTRAINT bam_pkey PRIMARY KEY (id)
);

CREATE TABLE pgboss.instance (
  id uuid NOT NULL,
  name text,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  node_version text NOT NULL,
  application_name text,
  heartbeat_seconds integer NOT NULL,
  supervise boolean NOT NULL,
  schedule boolean NOT NULL,
  migrate boolean NOT NULL,
  persist_queue_stats boolean NOT NULL,
  persist_warnings boolean NOT NULL,
  pool_max integer,
  pool_total integer,
  pool_idle integer,
  pool_waiting integer,
  workers jsonb NOT NULL DEFAULT '[]'::jsonb,
  metrics jsonb,
  config jsonb NOT NULL DEFAULT '{}'::jsonb,
  crash_restarts integer NOT NULL DEFAULT 0,
  crash_restarts_since timestamp with time zone,
  started_on timestamp with time zone NOT NULL DEFAULT now(),
  heartbeat_on timestamp with time zone NOT NULL DEFAULT now(),
  stopped_on timestamp with time zone,
  CONSTRAINT instance_pkey PRIMARY KEY (id)
);
GRANT DELETE, SELECT, UPDATE ON pgboss.instance TO bulwark_app;

CREATE TABLE pgboss.job (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  priority integer NOT NULL DEFAULT 0,
  data jsonb,
  state pgboss.job_state NOT NULL DEFAULT 'created'::pgboss.job_state,
  retry_limit integer NOT NULL DEFAULT 2,
  retry_count integer NOT NULL DEFAULT 0,
  retry_delay integer NOT NULL DEFAULT 0,
  retry_backoff boolean NOT NULL DEFAULT false,
  retry_delay_max integer,
  expire_seconds integer NOT NULL DEFAULT 900,
  deletion_seconds integer NOT NULL DEFAULT 604800,
  singleton_key text,
  singleton_on timestamp without time zone,
  group_id text,
  group_tier text,
  start_after timestamp with time zone NOT NULL DEFAULT now(),
  created_on timestamp with time zone NOT NULL DEFAULT now(),
  started_on timestamp with time zone,
  completed_on timestamp with time zone,
  keep_until timestamp with time zone NOT NULL DEFAULT (now() + '336:00:00'::interval),
  output jsonb,
  dead_letter text,
  policy text,
  heartbeat_on timestamp with time zone,
  heartbeat_seconds integer,
  blocked boolean NOT NULL DEFAULT false,
  blocking boolean NOT NULL DEFAULT false,
  pending_dependencies integer NOT NULL DEFAULT 0,
  source_name text,
  source_id uuid,
  source_created_on timestamp with time zone,
  source_retry_count integer,
  source_output jsonb,
  source_root_id uuid,
  trace_context jsonb,
  upsert_by_key boolean,
  CONSTRAINT job_pkey PRIMARY KEY (name, id)
);
ALTER TABLE pgboss.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE pgboss.job FORCE ROW LEVEL SECURITY;
CREATE POLICY own_jobs ON pgboss.job FOR ALL TO bulwark_app
  USING (((( SELECT context_company() AS context_company) IS NULL) OR (( SELECT context_company() AS context_company) = '00000000-0000-7000-8000-000000000000'::uuid) OR ((data ->> 'companyId'::text) = (( SELECT context_company() AS context_company))::text)));
GRANT DELETE, INSERT, SELECT, UPDATE ON pgboss.job TO bulwark_app;

CREATE TABLE pgboss.job_common (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  priority integer NOT NULL DEFAULT 0,
  data jsonb,
  state pgboss.job_state NOT NULL DEFAULT 'created'::pgboss.job_state,
  retry_limit integer NOT NULL DEFAULT 2,
  retry_count integer NOT NULL DEFAULT 0,
  retry_delay integer NOT NULL DEFAULT 0,
  retry_backoff boolean NOT NULL DEFAULT false,
  retry_delay_max integer,
  expire_seconds integer NOT NULL DEFAULT 900,
  deletion_seconds integer NOT NULL DEFAULT 604800,
  singleton_key text,
  singleton_on timestamp without time zone,
  group_id text,
  group_tier text,
  start_after timestamp with time zone NOT NULL DEFAULT now(),
  created_on timestamp with time zone NOT NULL DEFAULT now(),
  started_on timestamp with time zone,
  completed_on timestamp with time zone,
  keep_until timestamp with time zone NOT NULL DEFAULT (now() + '336:00:00'::interval),
  output jsonb,
  dead_letter text,
  policy text,
  heartbeat_on timestamp with time zone,
  heartbeat_seconds integer,
  blocked boolean NOT NULL DEFAULT false,
  blocking boolean NOT NULL DEFAULT false,
  pending_dependencies integer NOT NULL DEFAULT 0,
  source_name text,
  source_id uuid,
  source_created_on timestamp with time zone,
  source_retry_count integer,
  source_output jsonb,
  source_root_id uuid,
  trace_context jsonb,
  upsert_by_key boolean,
  CONSTRAINT job_common_pkey PRIMARY KEY (name, id),
  CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue(name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT job_key_strict_fifo_singleton_key_check CHECK ((NOT ((policy = 'key_strict_fifo'::text) AND (singleton_key IS NULL))))
);
CREATE UNIQUE INDEX job_common_i1 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state = 'created'::pgboss.job_state) AND (policy = 'short'::text));
CREATE INDEX job_common_i10 ON pgboss.job_common USING btree (name, singleton_key, state DESC, created_on, id) INCLUDE (start_after) WHERE ((state < 'active'::pgboss.job_state) AND (NOT blocked) AND (policy = 'key_strict_fifo'::text));
CREATE INDEX job_common_i11 ON pgboss.job_common USING btree (name, priority DESC, created_on, start_after) WHERE ((state < 'active'::pgboss.job_state) AND (NOT blocked));
CREATE INDEX job_common_i12 ON pgboss.job_common USING btree (source_root_id) WHERE (source_root_id IS NOT NULL);
CREATE UNIQUE INDEX job_common_i13 ON pgboss.job_common USING btree (name, singleton_key) WHERE ((state = 'created'::pgboss.job_state) AND upsert_by_key);
CREATE INDEX job_common_i14 ON pgboss.job_common USING btree (name, state, blocked, start_after) WHERE (state = ANY (ARRAY['created'::pgboss.job_state, 'retry'::pgboss.job_state, 'active'::pgboss.job_state, 'failed'::pgboss.job_state]));
CREATE INDEX job_common_i15 ON pgboss.job_common USING btree (name, created_on);
CREATE INDEX job_common_i16 ON pgboss.job_common USING btree (name, completed_on) WHERE (completed_on IS NOT NULL);
CREATE INDEX job_common_i17 ON pgboss.job_common USING btree (name, singleton_key, created_on) WHERE ((state < 'active'::pgboss.job_state) AND (singleton_key IS NOT NULL));
CREATE UNIQUE INDEX job_common_i2 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state = 'active'::pgboss.job_state) AND (policy = 'singleton'::text));
CREATE UNIQUE INDEX job_common_i3 ON pgboss.job_common USING btree (name, state, COALESCE(singleton_key, ''::text)) WHERE ((state <= 'active'::pgboss.job_state) AND (policy = 'stately'::text));
CREATE UNIQUE INDEX job_common_i4 ON pgboss.job_common USING btree (name, singleton_on, COALESCE(singleton_key, ''::text)) WHERE ((state <> 'cancelled'::pgboss.job_state) AND (singleton_on IS NOT NULL));
CREATE UNIQUE INDEX job_common_i6 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state <= 'active'::pgboss.job_state) AND (policy = 'exclusive'::text));
CREATE INDEX job_common_i7 ON pgboss.job_common USING btree (name, group_id) WHERE ((state = 'active'::pgboss.job_state) AND (group_id IS NOT NULL));
CREATE UNIQUE INDEX job_common_i8 ON pgboss.job_common USING btree (name, singleton_key) WHERE ((state = ANY (ARRAY['active'::pgboss.job_state, 'retry'::pgboss.job_state, 'failed'::pgboss.job_state])) AND (policy = 'key_strict_fifo'::text));
CREATE INDEX job_common_i9 ON pgboss.job_common USING btree (name, id) WHERE (blocking AND (state = 'completed'::pgboss.job_state));
ALTER TABLE pgboss.job_common ENABLE ROW LEVEL SECURITY;
ALTER TABLE pgboss.job_common FORCE ROW LEVEL SECURITY;
CREATE POLICY own_jobs ON pgboss.job_common FOR ALL TO bulwark_app
  USING (((( SELECT context_company() AS context_company) IS NULL) OR (( SELECT context_company() AS context_company) = '00000000-0000-7000-8000-000000000000'::uuid) OR ((data ->> 'companyId'::text) = (( SELECT context_company() AS context_company))::text)));
GRANT DELETE, INSERT, SELECT, UPDATE ON pgboss.job_common TO bulwark_app;

CREATE TABLE pgboss.job_dependency (
  child_name text NOT NULL,
  child_id uuid NOT NULL,
  parent_name text NOT NULL,
  parent_id uuid NOT NULL,
  CONSTRAINT job_dependency_pkey PRIMARY KEY (child_name, child_id, parent_name, parent_id)
);
CREATE INDEX job_dep_parent_idx ON pgboss.job_dependency USING btree (parent_name, parent_id);
GRANT DELETE, SELECT ON pgboss.job_dependency TO bulwark_app;

CREATE TABLE pgboss.queue (
  name text NOT NULL,
  policy text NOT NULL,
  retry_limit integer NOT NULL,
  retry_delay integer NOT NULL,
  retry_backoff boolean NOT NULL,
  retry_delay_max integer,
  expire_seconds integer NOT NULL,
  retention_seconds integer NOT NULL,
  deletion_seconds integer NOT NULL,
  dead_letter text,
  partition boolean NOT NULL,
  table_name text NOT NULL,
  deferred_count integer NOT NULL DEFAULT 0,
  blocked_count integer NOT NULL DEFAULT 0,
  queued_count integer NOT NULL DEFAULT 0,
  ready_count integer NOT NULL DEFAULT 0,
  warning_queued integer NOT NULL DEFAULT 0,
  active_count integer NOT NULL DEFAULT 0,
  failed_count integer NOT NULL DEFAULT 0,
  total_count integer NOT NULL DEFAULT 0,
  retained_count integer,
  retained_on timestamp with time zone,
  created_delta integer NOT NULL DEFAULT 0,
  completed_delta integer NOT NULL DEFAULT 0,
  failed_delta integer NOT NULL DEFAULT 0,
  delta_on timestamp with time zone,
  delta_seconds integer,
  wait_bins integer[],
  run_bins integer[],
  ready_oldest_seconds integer,
  ready_history integer[] NOT NULL DEFAULT '{}'::integer[],
  heartbeat_seconds integer,
  notify boolean NOT NULL DEFAULT false,
  singletons_active text[],
  monitor_claim_on timestamp with time zone,
  monitor_on timestamp with time zone,
  maintain_on timestamp with time zone,
  created_on timestamp with time zone NOT NULL DEFAULT now(),
  updated_on timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT queue_pkey PRIMARY KEY (name),
  CONSTRAINT queue_dead_letter_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue(name),
  CONSTRAINT queue_check CHECK ((dead_letter IS DISTINCT FROM name))
);
GRANT INSERT, SELECT, UPDATE ON pgboss.queue TO bulwark_app;

CREATE TABLE pgboss.queue_stats (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  deferred_count integer NOT NULL DEFAULT 0,
  queued_count integer NOT NULL DEFAULT 0,
  ready_count integer NOT NULL DEFAULT 0,
  active_count integer NOT NULL DEFAULT 0,
  failed_count integer NOT NULL DEFAULT 0,
  total_count integer NOT NULL DEFAULT 0,
  created_delta integer,
  completed_delta integer,
  failed_delta integer,
  delta_seconds integer,
  delta_on timestamp with time zone,
  wait_bins integer[],
  run_bins integer[],
  ready_oldest_seconds integer,
  captured_on timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT queue_stats_pkey PRIMARY KEY (id, captured_on)
);
CREATE INDEX queue_stats_i1 ON ONLY pgboss.queue_stats USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);

CREATE TABLE pgboss.schedule (
  name text NOT NULL,
  key text NOT NULL DEFAULT ''::text,
  kind text NOT NULL DEFAULT 'cron'::text,
  cron text NOT NULL,
  timezone text DEFAULT 'UTC'::text,
  data jsonb,
  options jsonb,
  created_on timestamp with time zone NOT NULL DEFAULT now(),
  updated_on timestamp with time zone NOT NULL DEFAULT now(),
  last_job_id uuid,
  CONSTRAINT schedule_pkey PRIMARY KEY (name, key),
  CONSTRAINT schedule_name_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE CASCADE,
  CONSTRAINT schedule_kind_check CHECK ((kind = ANY (ARRAY['cron'::text, 'rrule'::text])))
);
GRANT DELETE, INSERT, SELECT, UPDATE ON pgboss.schedule TO bulwark_app;

CREATE TABLE pgboss.subscription (
  event text NOT NULL,
  name text NOT NULL,
  created_on timestamp with time zone NOT NULL DEFAULT now(),
  updated_on timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT subscription_pkey PRIMARY KEY (event, name),
  CONSTRAINT subscription_name_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE CASCADE
);

CREATE TABLE pgboss.version (
  version integer NOT NULL,
  cron_on timestamp with time zone,
  bam_on timestamp with time zone,
  flow_on timestamp with time zone,
  reindex_on timestamp with time zone,
  monitor_backoff_on timestamp with time zone,
  CONSTRAINT version_pkey PRIMARY KEY (version)
);
GRANT SELECT, UPDATE ON pgboss.version TO bulwark_app;

CREATE TABLE pgboss.warning (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  type text NOT NULL,
  message text NOT NULL,
  data jsonb,
  created_on timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT warning_pkey PRIMARY KEY (id)
);
CREATE INDEX warning_i1 ON pgboss.warning USING btree (created_on DESC);

CREATE OR REPLACE FUNCTION public."audit_write_ApiKey"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'apiKey.created'; severity := 'HIGH';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"serviceAccountId":' || coalesce(to_json(NEW."serviceAccountId")::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"hash":' || CASE WHEN NEW.hash IS NULL THEN 'null' ELSE '"[secret]"' END
      || ',' || '"allowedNetworks":' || coalesce(to_json(NEW."allowedNetworks")::text, 'null')
      || ',' || '"createdById":' || coalesce(to_json(NEW."createdById")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null')
      || ',' || '"expiresAt":' || coalesce(to_json(coalesce(to_char(NEW."expiresAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."expiresAt"::text))::text, 'null')
      || ',' || '"revokedAt":' || coalesce(to_json(coalesce(to_char(NEW."revokedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."revokedAt"::text))::text, 'null')
      || ',' || '"rotatedToId":' || coalesce(to_json(NEW."rotatedToId")::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'apiKey.deleted'; severity := 'HIGH';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'ApiKey' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"serviceAccountId":' || coalesce(to_json(OLD."serviceAccountId")::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"hash":' || CASE WHEN OLD.hash IS NULL THEN 'null' ELSE '"[secret]"' END
      || ',' || '"allowedNetworks":' || coalesce(to_json(OLD."allowedNetworks")::text, 'null')
      || ',' || '"createdById":' || coalesce(to_json(OLD."createdById")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null')
      || ',' || '"expiresAt":' || coalesce(to_json(coalesce(to_char(OLD."expiresAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."expiresAt"::text))::text, 'null')
      || ',' || '"revokedAt":' || coalesce(to_json(coalesce(to_char(OLD."revokedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."revokedAt"::text))::text, 'null')
      || ',' || '"rotatedToId":' || coalesce(to_json(OLD."rotatedToId")::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'apiKey.updated'; severity := 'MEDIUM';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on ApiKey % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'ApiKey';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."serviceAccountId" IS DISTINCT FROM NEW."serviceAccountId" THEN
      before := before || ',"serviceAccountId":' || coalesce(to_json(OLD."serviceAccountId")::text, 'null');
      after := after || ',"serviceAccountId":' || coalesce(to_json(NEW."serviceAccountId")::text, 'null');
    END IF;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD.hash COLLATE "C" IS DISTINCT FROM NEW.hash COLLATE "C" THEN
      before := before || ',"hash":' || CASE WHEN OLD.hash IS NULL THEN 'null' ELSE '"[secret]"' END;
      after := after || ',"hash":' || CASE WHEN NEW.hash IS NULL THEN 'null' ELSE '"[secret]"' END;
    END IF;
    IF OLD."allowedNetworks" COLLATE "C" IS DISTINCT FROM NEW."allowedNetworks" COLLATE "C" THEN
      before := before || ',"allowedNetworks":' || coalesce(to_json(OLD."allowedNetworks")::text, 'null');
      after := after || ',"allowedNetworks":' || coalesce(to_json(NEW."allowedNetworks")::text, 'null');
    END IF;
    IF OLD."createdById" IS DISTINCT FROM NEW."createdById" THEN
      before := before || ',"createdById":' || coalesce(to_json(OLD."createdById")::text, 'null');
      after := after || ',"createdById":' || coalesce(to_json(NEW."createdById")::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    IF OLD."expiresAt" IS DISTINCT FROM NEW."expiresAt" THEN
      before := before || ',"expiresAt":' || coalesce(to_json(coalesce(to_char(OLD."expiresAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."expiresAt"::text))::text, 'null');
      after := after || ',"expiresAt":' || coalesce(to_json(coalesce(to_char(NEW."expiresAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."expiresAt"::text))::text, 'null');
    END IF;
    IF OLD."revokedAt" IS DISTINCT FROM NEW."revokedAt" THEN
      before := before || ',"revokedAt":' || coalesce(to_json(coalesce(to_char(OLD."revokedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."revokedAt"::text))::text, 'null');
      after := after || ',"revokedAt":' || coalesce(to_json(coalesce(to_char(NEW."revokedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."revokedAt"::text))::text, 'null');
    END IF;
    IF OLD."rotatedToId" IS DISTINCT FROM NEW."rotatedToId" THEN
      before := before || ',"rotatedToId":' || coalesce(to_json(OLD."rotatedToId")::text, 'null');
      after := after || ',"rotatedToId":' || coalesce(to_json(NEW."rotatedToId")::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on ApiKey % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'ApiKey', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'ApiKey' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"ApiKey","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on ApiKey % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'ApiKey';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'ApiKey', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'ApiKey', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_ApiKey"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_Attendance"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'attendance.created'; severity := 'LOW';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"employeeId":' || coalesce(to_json(NEW."employeeId")::text, 'null')
      || ',' || '"day":' || coalesce(to_json(coalesce(to_char(NEW.day, 'YYYY-MM-DD"T00:00:00.000Z"'), NEW.day::text))::text, 'null')
      || ',' || '"minutes":' || coalesce(to_json(NEW.minutes)::text, 'null')
      || ',' || '"status":' || coalesce(to_json(NEW.status)::text, 'null')
      || ',' || '"recordedById":' || coalesce(to_json(NEW."recordedById")::text, 'null')
      || ',' || '"approvedById":' || coalesce(to_json(NEW."approvedById")::text, 'null')
      || ',' || '"approvedAt":' || coalesce(to_json(coalesce(to_char(NEW."approvedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."approvedAt"::text))::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'attendance.deleted'; severity := 'MEDIUM';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'Attendance' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"employeeId":' || coalesce(to_json(OLD."employeeId")::text, 'null')
      || ',' || '"day":' || coalesce(to_json(coalesce(to_char(OLD.day, 'YYYY-MM-DD"T00:00:00.000Z"'), OLD.day::text))::text, 'null')
      || ',' || '"minutes":' || coalesce(to_json(OLD.minutes)::text, 'null')
      || ',' || '"status":' || coalesce(to_json(OLD.status)::text, 'null')
      || ',' || '"recordedById":' || coalesce(to_json(OLD."recordedById")::text, 'null')
      || ',' || '"approvedById":' || coalesce(to_json(OLD."approvedById")::text, 'null')
      || ',' || '"approvedAt":' || coalesce(to_json(coalesce(to_char(OLD."approvedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."approvedAt"::text))::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'attendance.updated'; severity := 'LOW';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on Attendance % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Attendance';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."employeeId" IS DISTINCT FROM NEW."employeeId" THEN
      before := before || ',"employeeId":' || coalesce(to_json(OLD."employeeId")::text, 'null');
      after := after || ',"employeeId":' || coalesce(to_json(NEW."employeeId")::text, 'null');
    END IF;
    IF OLD.day IS DISTINCT FROM NEW.day THEN
      before := before || ',"day":' || coalesce(to_json(coalesce(to_char(OLD.day, 'YYYY-MM-DD"T00:00:00.000Z"'), OLD.day::text))::text, 'null');
      after := after || ',"day":' || coalesce(to_json(coalesce(to_char(NEW.day, 'YYYY-MM-DD"T00:00:00.000Z"'), NEW.day::text))::text, 'null');
    END IF;
    IF OLD.minutes IS DISTINCT FROM NEW.minutes THEN
      before := before || ',"minutes":' || coalesce(to_json(OLD.minutes)::text, 'null');
      after := after || ',"minutes":' || coalesce(to_json(NEW.minutes)::text, 'null');
    END IF;
    IF OLD.status IS DISTINCT FROM NEW.status THEN
      before := before || ',"status":' || coalesce(to_json(OLD.status)::text, 'null');
      after := after || ',"status":' || coalesce(to_json(NEW.status)::text, 'null');
    END IF;
    IF OLD."recordedById" IS DISTINCT FROM NEW."recordedById" THEN
      before := before || ',"recordedById":' || coalesce(to_json(OLD."recordedById")::text, 'null');
      after := after || ',"recordedById":' || coalesce(to_json(NEW."recordedById")::text, 'null');
    END IF;
    IF OLD."approvedById" IS DISTINCT FROM NEW."approvedById" THEN
      before := before || ',"approvedById":' || coalesce(to_json(OLD."approvedById")::text, 'null');
      after := after || ',"approvedById":' || coalesce(to_json(NEW."approvedById")::text, 'null');
    END IF;
    IF OLD."approvedAt" IS DISTINCT FROM NEW."approvedAt" THEN
      before := before || ',"approvedAt":' || coalesce(to_json(coalesce(to_char(OLD."approvedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."approvedAt"::text))::text, 'null');
      after := after || ',"approvedAt":' || coalesce(to_json(coalesce(to_char(NEW."approvedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."approvedAt"::text))::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on Attendance % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Attendance', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'Attendance' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"Attendance","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on Attendance % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'Attendance';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'Attendance', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'Attendance', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_Attendance"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_Branch"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'branch.created'; severity := 'LOW';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'branch.deleted'; severity := 'MEDIUM';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'Branch' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'branch.updated'; severity := 'LOW';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on Branch % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Branch';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on Branch % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Branch', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'Branch' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"Branch","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on Branch % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'Branch';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'Branch', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'Branch', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_Branch"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_Company"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW.id; row_id := NEW.id; action := 'company.created'; severity := 'HIGH';
    snapshots := '"after":{' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"currency":' || coalesce(to_json(NEW.currency)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD.id; row_id := OLD.id; action := 'company.deleted'; severity := 'CRITICAL';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'Company' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"currency":' || coalesce(to_json(OLD.currency)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW.id; row_id := NEW.id; action := 'company.updated'; severity := 'MEDIUM';
    IF OLD.id <> row_id OR OLD.id <> company THEN
      RAISE EXCEPTION 'UPDATE on Company % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Company';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD.currency COLLATE "C" IS DISTINCT FROM NEW.currency COLLATE "C" THEN
      before := before || ',"currency":' || coalesce(to_json(OLD.currency)::text, 'null');
      after := after || ',"currency":' || coalesce(to_json(NEW.currency)::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on Company % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Company', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'Company' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"Company","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on Company % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'Company';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'Company', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'Company', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_Company"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_Department"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'department.created'; severity := 'LOW';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"branchId":' || coalesce(to_json(NEW."branchId")::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'department.deleted'; severity := 'MEDIUM';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'Department' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"branchId":' || coalesce(to_json(OLD."branchId")::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'department.updated'; severity := 'LOW';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on Department % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Department';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."branchId" IS DISTINCT FROM NEW."branchId" THEN
      before := before || ',"branchId":' || coalesce(to_json(OLD."branchId")::text, 'null');
      after := after || ',"branchId":' || coalesce(to_json(NEW."branchId")::text, 'null');
    END IF;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on Department % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Department', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'Department' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"Department","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on Department % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'Department';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'Department', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'Department', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_Department"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_Employee"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'employee.created'; severity := 'MEDIUM';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"branchId":' || coalesce(to_json(NEW."branchId")::text, 'null')
      || ',' || '"departmentId":' || coalesce(to_json(NEW."departmentId")::text, 'null')
      || ',' || '"teamId":' || coalesce(to_json(NEW."teamId")::text, 'null')
      || ',' || '"userId":' || coalesce(to_json(NEW."userId")::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"email":' || coalesce(to_json(NEW.email)::text, 'null')
      || ',' || '"jobTitle":' || coalesce(to_json(NEW."jobTitle")::text, 'null')
      || ',' || '"startedOn":' || coalesce(to_json(coalesce(to_char(NEW."startedOn", 'YYYY-MM-DD"T00:00:00.000Z"'), NEW."startedOn"::text))::text, 'null')
      || ',' || '"salary":' || coalesce(to_json(NEW.salary)::text, 'null')
      || ',' || '"iban":' || coalesce(to_json(NEW.iban)::text, 'null')
      || ',' || '"civilId":' || coalesce(to_json(NEW."civilId")::text, 'null')
      || ',' || '"passport":' || coalesce(to_json(NEW.passport)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'employee.deleted'; severity := 'HIGH';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'Employee' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"branchId":' || coalesce(to_json(OLD."branchId")::text, 'null')
      || ',' || '"departmentId":' || coalesce(to_json(OLD."departmentId")::text, 'null')
      || ',' || '"teamId":' || coalesce(to_json(OLD."teamId")::text, 'null')
      || ',' || '"userId":' || coalesce(to_json(OLD."userId")::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"email":' || coalesce(to_json(OLD.email)::text, 'null')
      || ',' || '"jobTitle":' || coalesce(to_json(OLD."jobTitle")::text, 'null')
      || ',' || '"startedOn":' || coalesce(to_json(coalesce(to_char(OLD."startedOn", 'YYYY-MM-DD"T00:00:00.000Z"'), OLD."startedOn"::text))::text, 'null')
      || ',' || '"salary":' || coalesce(to_json(OLD.salary)::text, 'null')
      || ',' || '"iban":' || coalesce(to_json(OLD.iban)::text, 'null')
      || ',' || '"civilId":' || coalesce(to_json(OLD."civilId")::text, 'null')
      || ',' || '"passport":' || coalesce(to_json(OLD.passport)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'employee.updated'; severity := 'MEDIUM';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on Employee % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Employee';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."branchId" IS DISTINCT FROM NEW."branchId" THEN
      before := before || ',"branchId":' || coalesce(to_json(OLD."branchId")::text, 'null');
      after := after || ',"branchId":' || coalesce(to_json(NEW."branchId")::text, 'null');
    END IF;
    IF OLD."departmentId" IS DISTINCT FROM NEW."departmentId" THEN
      before := before || ',"departmentId":' || coalesce(to_json(OLD."departmentId")::text, 'null');
      after := after || ',"departmentId":' || coalesce(to_json(NEW."departmentId")::text, 'null');
    END IF;
    IF OLD."teamId" IS DISTINCT FROM NEW."teamId" THEN
      before := before || ',"teamId":' || coalesce(to_json(OLD."teamId")::text, 'null');
      after := after || ',"teamId":' || coalesce(to_json(NEW."teamId")::text, 'null');
    END IF;
    IF OLD."userId" IS DISTINCT FROM NEW."userId" THEN
      before := before || ',"userId":' || coalesce(to_json(OLD."userId")::text, 'null');
      after := after || ',"userId":' || coalesce(to_json(NEW."userId")::text, 'null');
    END IF;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD.email COLLATE "C" IS DISTINCT FROM NEW.email COLLATE "C" THEN
      before := before || ',"email":' || coalesce(to_json(OLD.email)::text, 'null');
      after := after || ',"email":' || coalesce(to_json(NEW.email)::text, 'null');
    END IF;
    IF OLD."jobTitle" COLLATE "C" IS DISTINCT FROM NEW."jobTitle" COLLATE "C" THEN
      before := before || ',"jobTitle":' || coalesce(to_json(OLD."jobTitle")::text, 'null');
      after := after || ',"jobTitle":' || coalesce(to_json(NEW."jobTitle")::text, 'null');
    END IF;
    IF OLD."startedOn" IS DISTINCT FROM NEW."startedOn" THEN
      before := before || ',"startedOn":' || coalesce(to_json(coalesce(to_char(OLD."startedOn", 'YYYY-MM-DD"T00:00:00.000Z"'), OLD."startedOn"::text))::text, 'null');
      after := after || ',"startedOn":' || coalesce(to_json(coalesce(to_char(NEW."startedOn", 'YYYY-MM-DD"T00:00:00.000Z"'), NEW."startedOn"::text))::text, 'null');
    END IF;
    IF OLD.salary COLLATE "C" IS DISTINCT FROM NEW.salary COLLATE "C" THEN
      before := before || ',"salary":' || coalesce(to_json(OLD.salary)::text, 'null');
      after := after || ',"salary":' || coalesce(to_json(NEW.salary)::text, 'null');
    END IF;
    IF OLD.iban COLLATE "C" IS DISTINCT FROM NEW.iban COLLATE "C" THEN
      before := before || ',"iban":' || coalesce(to_json(OLD.iban)::text, 'null');
      after := after || ',"iban":' || coalesce(to_json(NEW.iban)::text, 'null');
    END IF;
    IF OLD."civilId" COLLATE "C" IS DISTINCT FROM NEW."civilId" COLLATE "C" THEN
      before := before || ',"civilId":' || coalesce(to_json(OLD."civilId")::text, 'null');
      after := after || ',"civilId":' || coalesce(to_json(NEW."civilId")::text, 'null');
    END IF;
    IF OLD.passport COLLATE "C" IS DISTINCT FROM NEW.passport COLLATE "C" THEN
      before := before || ',"passport":' || coalesce(to_json(OLD.passport)::text, 'null');
      after := after || ',"passport":' || coalesce(to_json(NEW.passport)::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on Employee % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Employee', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'Employee' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"Employee","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on Employee % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'Employee';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'Employee', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'Employee', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_Employee"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_Membership"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'membership.created'; severity := 'MEDIUM';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"userId":' || coalesce(to_json(NEW."userId")::text, 'null')
      || ',' || '"email":' || coalesce(to_json(NEW.email)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"status":' || coalesce(to_json(NEW.status)::text, 'null')
      || ',' || '"roles":' || coalesce(to_json(NEW.roles)::text, 'null')
      || ',' || '"branchId":' || coalesce(to_json(NEW."branchId")::text, 'null')
      || ',' || '"departmentId":' || coalesce(to_json(NEW."departmentId")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null')
      || ',' || '"mfaRequired":' || coalesce(to_json(NEW."mfaRequired")::text, 'null')
      || ',' || '"mfaGraceFrom":' || coalesce(to_json(coalesce(to_char(NEW."mfaGraceFrom" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."mfaGraceFrom"::text))::text, 'null')
      || ',' || '"invitedUntil":' || coalesce(to_json(coalesce(to_char(NEW."invitedUntil" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."invitedUntil"::text))::text, 'null')
      || ',' || '"invitedById":' || coalesce(to_json(NEW."invitedById")::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'membership.deleted'; severity := 'HIGH';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'Membership' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"userId":' || coalesce(to_json(OLD."userId")::text, 'null')
      || ',' || '"email":' || coalesce(to_json(OLD.email)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"status":' || coalesce(to_json(OLD.status)::text, 'null')
      || ',' || '"roles":' || coalesce(to_json(OLD.roles)::text, 'null')
      || ',' || '"branchId":' || coalesce(to_json(OLD."branchId")::text, 'null')
      || ',' || '"departmentId":' || coalesce(to_json(OLD."departmentId")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null')
      || ',' || '"mfaRequired":' || coalesce(to_json(OLD."mfaRequired")::text, 'null')
      || ',' || '"mfaGraceFrom":' || coalesce(to_json(coalesce(to_char(OLD."mfaGraceFrom" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."mfaGraceFrom"::text))::text, 'null')
      || ',' || '"invitedUntil":' || coalesce(to_json(coalesce(to_char(OLD."invitedUntil" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."invitedUntil"::text))::text, 'null')
      || ',' || '"invitedById":' || coalesce(to_json(OLD."invitedById")::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'membership.updated'; severity := 'MEDIUM';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on Membership % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Membership';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."userId" IS DISTINCT FROM NEW."userId" THEN
      before := before || ',"userId":' || coalesce(to_json(OLD."userId")::text, 'null');
      after := after || ',"userId":' || coalesce(to_json(NEW."userId")::text, 'null');
    END IF;
    IF OLD.email COLLATE "C" IS DISTINCT FROM NEW.email COLLATE "C" THEN
      before := before || ',"email":' || coalesce(to_json(OLD.email)::text, 'null');
      after := after || ',"email":' || coalesce(to_json(NEW.email)::text, 'null');
    END IF;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD.status IS DISTINCT FROM NEW.status THEN
      before := before || ',"status":' || coalesce(to_json(OLD.status)::text, 'null');
      after := after || ',"status":' || coalesce(to_json(NEW.status)::text, 'null');
    END IF;
    IF OLD.roles COLLATE "C" IS DISTINCT FROM NEW.roles COLLATE "C" THEN
      before := before || ',"roles":' || coalesce(to_json(OLD.roles)::text, 'null');
      after := after || ',"roles":' || coalesce(to_json(NEW.roles)::text, 'null');
    END IF;
    IF OLD."branchId" IS DISTINCT FROM NEW."branchId" THEN
      before := before || ',"branchId":' || coalesce(to_json(OLD."branchId")::text, 'null');
      after := after || ',"branchId":' || coalesce(to_json(NEW."branchId")::text, 'null');
    END IF;
    IF OLD."departmentId" IS DISTINCT FROM NEW."departmentId" THEN
      before := before || ',"departmentId":' || coalesce(to_json(OLD."departmentId")::text, 'null');
      after := after || ',"departmentId":' || coalesce(to_json(NEW."departmentId")::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    IF OLD."mfaRequired" IS DISTINCT FROM NEW."mfaRequired" THEN
      before := before || ',"mfaRequired":' || coalesce(to_json(OLD."mfaRequired")::text, 'null');
      after := after || ',"mfaRequired":' || coalesce(to_json(NEW."mfaRequired")::text, 'null');
    END IF;
    IF OLD."mfaGraceFrom" IS DISTINCT FROM NEW."mfaGraceFrom" THEN
      before := before || ',"mfaGraceFrom":' || coalesce(to_json(coalesce(to_char(OLD."mfaGraceFrom" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."mfaGraceFrom"::text))::text, 'null');
      after := after || ',"mfaGraceFrom":' || coalesce(to_json(coalesce(to_char(NEW."mfaGraceFrom" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."mfaGraceFrom"::text))::text, 'null');
    END IF;
    IF OLD."invitedUntil" IS DISTINCT FROM NEW."invitedUntil" THEN
      before := before || ',"invitedUntil":' || coalesce(to_json(coalesce(to_char(OLD."invitedUntil" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."invitedUntil"::text))::text, 'null');
      after := after || ',"invitedUntil":' || coalesce(to_json(coalesce(to_char(NEW."invitedUntil" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."invitedUntil"::text))::text, 'null');
    END IF;
    IF OLD."invitedById" IS DISTINCT FROM NEW."invitedById" THEN
      before := before || ',"invitedById":' || coalesce(to_json(OLD."invitedById")::text, 'null');
      after := after || ',"invitedById":' || coalesce(to_json(NEW."invitedById")::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on Membership % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Membership', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'Membership' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"Membership","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on Membership % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'Membership';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'Membership', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'Membership', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_Membership"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_PayrollItem"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'payrollItem.created'; severity := 'LOW';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"runId":' || coalesce(to_json(NEW."runId")::text, 'null')
      || ',' || '"employeeId":' || coalesce(to_json(NEW."employeeId")::text, 'null')
      || ',' || '"amount":' || coalesce(to_json(NEW.amount)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'payrollItem.deleted'; severity := 'HIGH';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'PayrollItem' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"runId":' || coalesce(to_json(OLD."runId")::text, 'null')
      || ',' || '"employeeId":' || coalesce(to_json(OLD."employeeId")::text, 'null')
      || ',' || '"amount":' || coalesce(to_json(OLD.amount)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'payrollItem.updated'; severity := 'HIGH';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on PayrollItem % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'PayrollItem';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."runId" IS DISTINCT FROM NEW."runId" THEN
      before := before || ',"runId":' || coalesce(to_json(OLD."runId")::text, 'null');
      after := after || ',"runId":' || coalesce(to_json(NEW."runId")::text, 'null');
    END IF;
    IF OLD."employeeId" IS DISTINCT FROM NEW."employeeId" THEN
      before := before || ',"employeeId":' || coalesce(to_json(OLD."employeeId")::text, 'null');
      after := after || ',"employeeId":' || coalesce(to_json(NEW."employeeId")::text, 'null');
    END IF;
    IF OLD.amount COLLATE "C" IS DISTINCT FROM NEW.amount COLLATE "C" THEN
      before := before || ',"amount":' || coalesce(to_json(OLD.amount)::text, 'null');
      after := after || ',"amount":' || coalesce(to_json(NEW.amount)::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on PayrollItem % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'PayrollItem', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'PayrollItem' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"PayrollItem","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on PayrollItem % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'PayrollItem';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'PayrollItem', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'PayrollItem', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_PayrollItem"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_PayrollRun"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'payrollRun.created'; severity := 'MEDIUM';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"period":' || coalesce(to_json(NEW.period)::text, 'null')
      || ',' || '"status":' || coalesce(to_json(NEW.status)::text, 'null')
      || ',' || '"total":' || coalesce(to_json(NEW.total)::text, 'null')
      || ',' || '"itemCount":' || coalesce(to_json(NEW."itemCount")::text, 'null')
      || ',' || '"createdById":' || coalesce(to_json(NEW."createdById")::text, 'null')
      || ',' || '"submittedById":' || coalesce(to_json(NEW."submittedById")::text, 'null')
      || ',' || '"submittedAt":' || coalesce(to_json(coalesce(to_char(NEW."submittedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."submittedAt"::text))::text, 'null')
      || ',' || '"approvedById":' || coalesce(to_json(NEW."approvedById")::text, 'null')
      || ',' || '"approvedAt":' || coalesce(to_json(coalesce(to_char(NEW."approvedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."approvedAt"::text))::text, 'null')
      || ',' || '"paidById":' || coalesce(to_json(NEW."paidById")::text, 'null')
      || ',' || '"paidAt":' || coalesce(to_json(coalesce(to_char(NEW."paidAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."paidAt"::text))::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'payrollRun.deleted'; severity := 'HIGH';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'PayrollRun' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"period":' || coalesce(to_json(OLD.period)::text, 'null')
      || ',' || '"status":' || coalesce(to_json(OLD.status)::text, 'null')
      || ',' || '"total":' || coalesce(to_json(OLD.total)::text, 'null')
      || ',' || '"itemCount":' || coalesce(to_json(OLD."itemCount")::text, 'null')
      || ',' || '"createdById":' || coalesce(to_json(OLD."createdById")::text, 'null')
      || ',' || '"submittedById":' || coalesce(to_json(OLD."submittedById")::text, 'null')
      || ',' || '"submittedAt":' || coalesce(to_json(coalesce(to_char(OLD."submittedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."submittedAt"::text))::text, 'null')
      || ',' || '"approvedById":' || coalesce(to_json(OLD."approvedById")::text, 'null')
      || ',' || '"approvedAt":' || coalesce(to_json(coalesce(to_char(OLD."approvedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."approvedAt"::text))::text, 'null')
      || ',' || '"paidById":' || coalesce(to_json(OLD."paidById")::text, 'null')
      || ',' || '"paidAt":' || coalesce(to_json(coalesce(to_char(OLD."paidAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."paidAt"::text))::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'payrollRun.updated'; severity := 'MEDIUM';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on PayrollRun % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'PayrollRun';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD.period COLLATE "C" IS DISTINCT FROM NEW.period COLLATE "C" THEN
      before := before || ',"period":' || coalesce(to_json(OLD.period)::text, 'null');
      after := after || ',"period":' || coalesce(to_json(NEW.period)::text, 'null');
    END IF;
    IF OLD.status IS DISTINCT FROM NEW.status THEN
      before := before || ',"status":' || coalesce(to_json(OLD.status)::text, 'null');
      after := after || ',"status":' || coalesce(to_json(NEW.status)::text, 'null');
    END IF;
    IF OLD.total COLLATE "C" IS DISTINCT FROM NEW.total COLLATE "C" THEN
      before := before || ',"total":' || coalesce(to_json(OLD.total)::text, 'null');
      after := after || ',"total":' || coalesce(to_json(NEW.total)::text, 'null');
    END IF;
    IF OLD."itemCount" IS DISTINCT FROM NEW."itemCount" THEN
      before := before || ',"itemCount":' || coalesce(to_json(OLD."itemCount")::text, 'null');
      after := after || ',"itemCount":' || coalesce(to_json(NEW."itemCount")::text, 'null');
    END IF;
    IF OLD."createdById" IS DISTINCT FROM NEW."createdById" THEN
      before := before || ',"createdById":' || coalesce(to_json(OLD."createdById")::text, 'null');
      after := after || ',"createdById":' || coalesce(to_json(NEW."createdById")::text, 'null');
    END IF;
    IF OLD."submittedById" IS DISTINCT FROM NEW."submittedById" THEN
      before := before || ',"submittedById":' || coalesce(to_json(OLD."submittedById")::text, 'null');
      after := after || ',"submittedById":' || coalesce(to_json(NEW."submittedById")::text, 'null');
    END IF;
    IF OLD."submittedAt" IS DISTINCT FROM NEW."submittedAt" THEN
      before := before || ',"submittedAt":' || coalesce(to_json(coalesce(to_char(OLD."submittedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."submittedAt"::text))::text, 'null');
      after := after || ',"submittedAt":' || coalesce(to_json(coalesce(to_char(NEW."submittedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."submittedAt"::text))::text, 'null');
    END IF;
    IF OLD."approvedById" IS DISTINCT FROM NEW."approvedById" THEN
      before := before || ',"approvedById":' || coalesce(to_json(OLD."approvedById")::text, 'null');
      after := after || ',"approvedById":' || coalesce(to_json(NEW."approvedById")::text, 'null');
    END IF;
    IF OLD."approvedAt" IS DISTINCT FROM NEW."approvedAt" THEN
      before := before || ',"approvedAt":' || coalesce(to_json(coalesce(to_char(OLD."approvedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."approvedAt"::text))::text, 'null');
      after := after || ',"approvedAt":' || coalesce(to_json(coalesce(to_char(NEW."approvedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."approvedAt"::text))::text, 'null');
    END IF;
    IF OLD."paidById" IS DISTINCT FROM NEW."paidById" THEN
      before := before || ',"paidById":' || coalesce(to_json(OLD."paidById")::text, 'null');
      after := after || ',"paidById":' || coalesce(to_json(NEW."paidById")::text, 'null');
    END IF;
    IF OLD."paidAt" IS DISTINCT FROM NEW."paidAt" THEN
      before := before || ',"paidAt":' || coalesce(to_json(coalesce(to_char(OLD."paidAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."paidAt"::text))::text, 'null');
      after := after || ',"paidAt":' || coalesce(to_json(coalesce(to_char(NEW."paidAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."paidAt"::text))::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on PayrollRun % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'PayrollRun', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'PayrollRun' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"PayrollRun","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on PayrollRun % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'PayrollRun';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'PayrollRun', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'PayrollRun', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_PayrollRun"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_Role"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'role.created'; severity := 'HIGH';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"slug":' || coalesce(to_json(NEW.slug)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"level":' || coalesce(to_json(NEW.level)::text, 'null')
      || ',' || '"accessScope":' || coalesce(to_json(NEW."accessScope")::text, 'null')
      || ',' || '"readOnly":' || coalesce(to_json(NEW."readOnly")::text, 'null')
      || ',' || '"permissions":' || coalesce(to_json(NEW.permissions)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'role.deleted'; severity := 'HIGH';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'Role' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"slug":' || coalesce(to_json(OLD.slug)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"level":' || coalesce(to_json(OLD.level)::text, 'null')
      || ',' || '"accessScope":' || coalesce(to_json(OLD."accessScope")::text, 'null')
      || ',' || '"readOnly":' || coalesce(to_json(OLD."readOnly")::text, 'null')
      || ',' || '"permissions":' || coalesce(to_json(OLD.permissions)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'role.updated'; severity := 'HIGH';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on Role % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Role';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD.slug COLLATE "C" IS DISTINCT FROM NEW.slug COLLATE "C" THEN
      before := before || ',"slug":' || coalesce(to_json(OLD.slug)::text, 'null');
      after := after || ',"slug":' || coalesce(to_json(NEW.slug)::text, 'null');
    END IF;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD.level IS DISTINCT FROM NEW.level THEN
      before := before || ',"level":' || coalesce(to_json(OLD.level)::text, 'null');
      after := after || ',"level":' || coalesce(to_json(NEW.level)::text, 'null');
    END IF;
    IF OLD."accessScope" IS DISTINCT FROM NEW."accessScope" THEN
      before := before || ',"accessScope":' || coalesce(to_json(OLD."accessScope")::text, 'null');
      after := after || ',"accessScope":' || coalesce(to_json(NEW."accessScope")::text, 'null');
    END IF;
    IF OLD."readOnly" IS DISTINCT FROM NEW."readOnly" THEN
      before := before || ',"readOnly":' || coalesce(to_json(OLD."readOnly")::text, 'null');
      after := after || ',"readOnly":' || coalesce(to_json(NEW."readOnly")::text, 'null');
    END IF;
    IF OLD.permissions COLLATE "C" IS DISTINCT FROM NEW.permissions COLLATE "C" THEN
      before := before || ',"permissions":' || coalesce(to_json(OLD.permissions)::text, 'null');
      after := after || ',"permissions":' || coalesce(to_json(NEW.permissions)::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on Role % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Role', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'Role' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"Role","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on Role % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'Role';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'Role', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'Role', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_Role"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_ServiceAccount"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'serviceAccount.created'; severity := 'HIGH';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"roles":' || coalesce(to_json(NEW.roles)::text, 'null')
      || ',' || '"createdById":' || coalesce(to_json(NEW."createdById")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null')
      || ',' || '"disabledAt":' || coalesce(to_json(coalesce(to_char(NEW."disabledAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."disabledAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'serviceAccount.deleted'; severity := 'HIGH';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'ServiceAccount' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"roles":' || coalesce(to_json(OLD.roles)::text, 'null')
      || ',' || '"createdById":' || coalesce(to_json(OLD."createdById")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null')
      || ',' || '"disabledAt":' || coalesce(to_json(coalesce(to_char(OLD."disabledAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."disabledAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'serviceAccount.updated'; severity := 'HIGH';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on ServiceAccount % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'ServiceAccount';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD.roles COLLATE "C" IS DISTINCT FROM NEW.roles COLLATE "C" THEN
      before := before || ',"roles":' || coalesce(to_json(OLD.roles)::text, 'null');
      after := after || ',"roles":' || coalesce(to_json(NEW.roles)::text, 'null');
    END IF;
    IF OLD."createdById" IS DISTINCT FROM NEW."createdById" THEN
      before := before || ',"createdById":' || coalesce(to_json(OLD."createdById")::text, 'null');
      after := after || ',"createdById":' || coalesce(to_json(NEW."createdById")::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    IF OLD."disabledAt" IS DISTINCT FROM NEW."disabledAt" THEN
      before := before || ',"disabledAt":' || coalesce(to_json(coalesce(to_char(OLD."disabledAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."disabledAt"::text))::text, 'null');
      after := after || ',"disabledAt":' || coalesce(to_json(coalesce(to_char(NEW."disabledAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."disabledAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on ServiceAccount % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'ServiceAccount', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'ServiceAccount' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"ServiceAccount","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on ServiceAccount % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'ServiceAccount';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'ServiceAccount', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'ServiceAccount', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_ServiceAccount"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_SignInPolicy"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'signInPolicy.created'; severity := 'HIGH';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"signUpMode":' || coalesce(to_json(NEW."signUpMode")::text, 'null')
      || ',' || '"signUpDomains":' || coalesce(to_json(NEW."signUpDomains")::text, 'null')
      || ',' || '"signUpRoles":' || coalesce(to_json(NEW."signUpRoles")::text, 'null')
      || ',' || '"passwordPreset":' || coalesce(to_json(NEW."passwordPreset")::text, 'null')
      || ',' || '"mfaRequired":' || coalesce(to_json(NEW."mfaRequired")::text, 'null')
      || ',' || '"mfaRoles":' || coalesce(to_json(NEW."mfaRoles")::text, 'null')
      || ',' || '"mfaGraceDays":' || coalesce(to_json(NEW."mfaGraceDays")::text, 'null')
      || ',' || '"stepUpMinutes":' || coalesce(to_json(NEW."stepUpMinutes")::text, 'null')
      || ',' || '"trustedDeviceDays":' || coalesce(to_json(NEW."trustedDeviceDays")::text, 'null')
      || ',' || '"sessionIdleMinutes":' || coalesce(to_json(NEW."sessionIdleMinutes")::text, 'null')
      || ',' || '"sessionAbsoluteHours":' || coalesce(to_json(NEW."sessionAbsoluteHours")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'signInPolicy.deleted'; severity := 'HIGH';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'SignInPolicy' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"signUpMode":' || coalesce(to_json(OLD."signUpMode")::text, 'null')
      || ',' || '"signUpDomains":' || coalesce(to_json(OLD."signUpDomains")::text, 'null')
      || ',' || '"signUpRoles":' || coalesce(to_json(OLD."signUpRoles")::text, 'null')
      || ',' || '"passwordPreset":' || coalesce(to_json(OLD."passwordPreset")::text, 'null')
      || ',' || '"mfaRequired":' || coalesce(to_json(OLD."mfaRequired")::text, 'null')
      || ',' || '"mfaRoles":' || coalesce(to_json(OLD."mfaRoles")::text, 'null')
      || ',' || '"mfaGraceDays":' || coalesce(to_json(OLD."mfaGraceDays")::text, 'null')
      || ',' || '"stepUpMinutes":' || coalesce(to_json(OLD."stepUpMinutes")::text, 'null')
      || ',' || '"trustedDeviceDays":' || coalesce(to_json(OLD."trustedDeviceDays")::text, 'null')
      || ',' || '"sessionIdleMinutes":' || coalesce(to_json(OLD."sessionIdleMinutes")::text, 'null')
      || ',' || '"sessionAbsoluteHours":' || coalesce(to_json(OLD."sessionAbsoluteHours")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'signInPolicy.updated'; severity := 'HIGH';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on SignInPolicy % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'SignInPolicy';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."signUpMode" IS DISTINCT FROM NEW."signUpMode" THEN
      before := before || ',"signUpMode":' || coalesce(to_json(OLD."signUpMode")::text, 'null');
      after := after || ',"signUpMode":' || coalesce(to_json(NEW."signUpMode")::text, 'null');
    END IF;
    IF OLD."signUpDomains" COLLATE "C" IS DISTINCT FROM NEW."signUpDomains" COLLATE "C" THEN
      before := before || ',"signUpDomains":' || coalesce(to_json(OLD."signUpDomains")::text, 'null');
      after := after || ',"signUpDomains":' || coalesce(to_json(NEW."signUpDomains")::text, 'null');
    END IF;
    IF OLD."signUpRoles" COLLATE "C" IS DISTINCT FROM NEW."signUpRoles" COLLATE "C" THEN
      before := before || ',"signUpRoles":' || coalesce(to_json(OLD."signUpRoles")::text, 'null');
      after := after || ',"signUpRoles":' || coalesce(to_json(NEW."signUpRoles")::text, 'null');
    END IF;
    IF OLD."passwordPreset" IS DISTINCT FROM NEW."passwordPreset" THEN
      before := before || ',"passwordPreset":' || coalesce(to_json(OLD."passwordPreset")::text, 'null');
      after := after || ',"passwordPreset":' || coalesce(to_json(NEW."passwordPreset")::text, 'null');
    END IF;
    IF OLD."mfaRequired" IS DISTINCT FROM NEW."mfaRequired" THEN
      before := before || ',"mfaRequired":' || coalesce(to_json(OLD."mfaRequired")::text, 'null');
      after := after || ',"mfaRequired":' || coalesce(to_json(NEW."mfaRequired")::text, 'null');
    END IF;
    IF OLD."mfaRoles" COLLATE "C" IS DISTINCT FROM NEW."mfaRoles" COLLATE "C" THEN
      before := before || ',"mfaRoles":' || coalesce(to_json(OLD."mfaRoles")::text, 'null');
      after := after || ',"mfaRoles":' || coalesce(to_json(NEW."mfaRoles")::text, 'null');
    END IF;
    IF OLD."mfaGraceDays" IS DISTINCT FROM NEW."mfaGraceDays" THEN
      before := before || ',"mfaGraceDays":' || coalesce(to_json(OLD."mfaGraceDays")::text, 'null');
      after := after || ',"mfaGraceDays":' || coalesce(to_json(NEW."mfaGraceDays")::text, 'null');
    END IF;
    IF OLD."stepUpMinutes" IS DISTINCT FROM NEW."stepUpMinutes" THEN
      before := before || ',"stepUpMinutes":' || coalesce(to_json(OLD."stepUpMinutes")::text, 'null');
      after := after || ',"stepUpMinutes":' || coalesce(to_json(NEW."stepUpMinutes")::text, 'null');
    END IF;
    IF OLD."trustedDeviceDays" IS DISTINCT FROM NEW."trustedDeviceDays" THEN
      before := before || ',"trustedDeviceDays":' || coalesce(to_json(OLD."trustedDeviceDays")::text, 'null');
      after := after || ',"trustedDeviceDays":' || coalesce(to_json(NEW."trustedDeviceDays")::text, 'null');
    END IF;
    IF OLD."sessionIdleMinutes" IS DISTINCT FROM NEW."sessionIdleMinutes" THEN
      before := before || ',"sessionIdleMinutes":' || coalesce(to_json(OLD."sessionIdleMinutes")::text, 'null');
      after := after || ',"sessionIdleMinutes":' || coalesce(to_json(NEW."sessionIdleMinutes")::text, 'null');
    END IF;
    IF OLD."sessionAbsoluteHours" IS DISTINCT FROM NEW."sessionAbsoluteHours" THEN
      before := before || ',"sessionAbsoluteHours":' || coalesce(to_json(OLD."sessionAbsoluteHours")::text, 'null');
      after := after || ',"sessionAbsoluteHours":' || coalesce(to_json(NEW."sessionAbsoluteHours")::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on SignInPolicy % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'SignInPolicy', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'SignInPolicy' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"SignInPolicy","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on SignInPolicy % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'SignInPolicy';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'SignInPolicy', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'SignInPolicy', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_SignInPolicy"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_Team"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'team.created'; severity := 'LOW';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"departmentId":' || coalesce(to_json(NEW."departmentId")::text, 'null')
      || ',' || '"name":' || coalesce(to_json(NEW.name)::text, 'null')
      || ',' || '"roles":' || coalesce(to_json(NEW.roles)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'team.deleted'; severity := 'MEDIUM';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'Team' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"departmentId":' || coalesce(to_json(OLD."departmentId")::text, 'null')
      || ',' || '"name":' || coalesce(to_json(OLD.name)::text, 'null')
      || ',' || '"roles":' || coalesce(to_json(OLD.roles)::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'team.updated'; severity := 'LOW';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on Team % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Team';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."departmentId" IS DISTINCT FROM NEW."departmentId" THEN
      before := before || ',"departmentId":' || coalesce(to_json(OLD."departmentId")::text, 'null');
      after := after || ',"departmentId":' || coalesce(to_json(NEW."departmentId")::text, 'null');
    END IF;
    IF OLD.name COLLATE "C" IS DISTINCT FROM NEW.name COLLATE "C" THEN
      before := before || ',"name":' || coalesce(to_json(OLD.name)::text, 'null');
      after := after || ',"name":' || coalesce(to_json(NEW.name)::text, 'null');
    END IF;
    IF OLD.roles COLLATE "C" IS DISTINCT FROM NEW.roles COLLATE "C" THEN
      before := before || ',"roles":' || coalesce(to_json(OLD.roles)::text, 'null');
      after := after || ',"roles":' || coalesce(to_json(NEW.roles)::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on Team % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'Team', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'Team' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"Team","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on Team % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'Team';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'Team', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'Team', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_Team"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public."audit_write_TeamMember"()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW."companyId"; row_id := NEW.id; action := 'teamMember.created'; severity := 'MEDIUM';
    snapshots := '"after":{' || '"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(NEW.id)::text, 'null')
      || ',' || '"teamId":' || coalesce(to_json(NEW."teamId")::text, 'null')
      || ',' || '"membershipId":' || coalesce(to_json(NEW."membershipId")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null') || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD."companyId"; row_id := OLD.id; action := 'teamMember.deleted'; severity := 'MEDIUM';
    -- rows that are deleted with their company are in its event, company.deleted
    IF 'TeamMember' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || '"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null')
      || ',' || '"id":' || coalesce(to_json(OLD.id)::text, 'null')
      || ',' || '"teamId":' || coalesce(to_json(OLD."teamId")::text, 'null')
      || ',' || '"membershipId":' || coalesce(to_json(OLD."membershipId")::text, 'null')
      || ',' || '"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null') || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW."companyId"; row_id := NEW.id; action := 'teamMember.updated'; severity := 'MEDIUM';
    IF OLD.id <> row_id OR OLD."companyId" <> company THEN
      RAISE EXCEPTION 'UPDATE on TeamMember % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'TeamMember';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;
    IF OLD."companyId" IS DISTINCT FROM NEW."companyId" THEN
      before := before || ',"companyId":' || coalesce(to_json(OLD."companyId")::text, 'null');
      after := after || ',"companyId":' || coalesce(to_json(NEW."companyId")::text, 'null');
    END IF;
    IF OLD."teamId" IS DISTINCT FROM NEW."teamId" THEN
      before := before || ',"teamId":' || coalesce(to_json(OLD."teamId")::text, 'null');
      after := after || ',"teamId":' || coalesce(to_json(NEW."teamId")::text, 'null');
    END IF;
    IF OLD."membershipId" IS DISTINCT FROM NEW."membershipId" THEN
      before := before || ',"membershipId":' || coalesce(to_json(OLD."membershipId")::text, 'null');
      after := after || ',"membershipId":' || coalesce(to_json(NEW."membershipId")::text, 'null');
    END IF;
    IF OLD."createdAt" IS DISTINCT FROM NEW."createdAt" THEN
      before := before || ',"createdAt":' || coalesce(to_json(coalesce(to_char(OLD."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), OLD."createdAt"::text))::text, 'null');
      after := after || ',"createdAt":' || coalesce(to_json(coalesce(to_char(NEW."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), NEW."createdAt"::text))::text, 'null');
    END IF;
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on TeamMember % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = 'TeamMember', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = 'TeamMember' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"TeamMember","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on TeamMember % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = 'TeamMember';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, 'TeamMember', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, 'TeamMember', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE "audit_write_TeamMember"() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public.audit_body_is_valid(body text, parsed jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  actor jsonb := NULLIF(parsed -> 'actor', 'null');
  actor_id jsonb := NULLIF(actor -> 'userId', 'null');
  entity jsonb := NULLIF(parsed -> 'entity', 'null');
  entity_id jsonb := NULLIF(parsed -> 'entityId', 'null');
BEGIN
  IF jsonb_typeof(parsed) IS DISTINCT FROM 'object' OR COALESCE(jsonb_typeof(actor), 'object') <> 'object' THEN RETURN false; END IF;
  RETURN jsonb_typeof(parsed -> 'action') IS NOT DISTINCT FROM 'string' AND parsed ->> 'action' ~ '^[A-Za-z0-9_.-]+$'
    AND length(parsed ->> 'action') <= 100
    AND jsonb_typeof(parsed -> 'severity') IS NOT DISTINCT FROM 'string'
    AND COALESCE(jsonb_typeof(entity) = 'string' AND length(parsed ->> 'entity') BETWEEN 1 AND 63, true)
    AND COALESCE(jsonb_typeof(entity_id) = 'string' AND (parsed ->> 'entityId')::uuid::text = parsed ->> 'entityId', true)
    AND COALESCE(jsonb_typeof(actor_id) = 'string' AND (actor ->> 'userId')::uuid::text = actor ->> 'userId', true)
    AND (SELECT count(*) FROM json_object_keys(body::json)) = (SELECT count(*) FROM jsonb_object_keys(parsed))
    AND NOT parsed ?| '{before,after}'
    AND (actor IS NULL OR (SELECT count(*) FROM json_object_keys(body::json -> 'actor')) = (SELECT count(*) FROM jsonb_object_keys(actor)));
END $function$;
GRANT EXECUTE ON FUNCTION audit_body_is_valid(text,jsonb) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.audit_changes(declared text)
 RETURNS TABLE(body text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM set_config('app.audit', declared, true);
  PERFORM set_config('app.audit_early', 'on', true);   -- only a superuser may attach a setting of ours to a function
  SET CONSTRAINTS public.audit_write IMMEDIATE;
  SET CONSTRAINTS public.audit_write DEFERRED;
  PERFORM set_config('app.audit_early', '', true);
  RETURN QUERY SELECT e.body FROM public.audit_pending e WHERE e.company_id = context_company() AND e.entity_id IS NOT NULL ORDER BY e.id;
END $function$;
GRANT EXECUTE ON FUNCTION audit_changes(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.audit_commitment(salt bytea, body text)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  SELECT pg_catalog.sha256(
    pg_catalog.substr(pg_catalog.bit_send(('x' || pg_catalog.encode(salt, 'hex'))::bit(512) # ('x' || pg_catalog.repeat('5c', 64))::bit(512)), 5)
    || pg_catalog.sha256(
      pg_catalog.substr(pg_catalog.bit_send(('x' || pg_catalog.encode(salt, 'hex'))::bit(512) # ('x' || pg_catalog.repeat('36', 64))::bit(512)), 5)
      || pg_catalog.convert_to(body, 'UTF8')))
$function$;
ALTER ROUTINE audit_commitment(bytea,text) OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public.audit_place(company uuid, action text, severity text, actor_id uuid, entity text, entity_id uuid, body text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
DECLARE
  salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());   -- 244 random bits
  commitment bytea := audit_commitment(salt, body);
  now_us bigint := extract(epoch FROM clock_timestamp()) * 1000000;
  head public.audit_head;
BEGIN
  LOOP
    UPDATE public.audit_head h SET pos = h.pos + 1, at_us = greatest(h.at_us, now_us), link = sha256('\x02'::bytea || h.link || sha256(
        '\x0002'::bytea || uuid_send(company) || int8send(h.pos + 1) || int8send(greatest(h.at_us, now_us)) || commitment))
      WHERE h.company_id = company RETURNING h.* INTO head;
    EXIT WHEN FOUND;
    INSERT INTO public.audit_head (company_id, pos, at_us, link) VALUES (company, 0, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
  END LOOP;
  INSERT INTO public.audit_event (company_id, pos, at_us, action, severity, actor_id, entity, entity_id, body, salt, commitment, link)
    VALUES (company, head.pos, head.at_us, action, severity, actor_id, entity, entity_id, body, salt, commitment, head.link);
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);   -- a reader never sees a position that a crash can undo
  END IF;
END $function$;
ALTER ROUTINE audit_place(uuid,text,text,uuid,text,uuid,text) OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public.audit_place_pending()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  -- Transactions hold their company's chain before the platform's: in another order two of them could wait for each other.
  IF NEW.company_id = '00000000-0000-7000-8000-000000000000' THEN
    PERFORM FROM public.audit_head WHERE company_id = context_company() FOR NO KEY UPDATE;
  END IF;
  PERFORM audit_place(NEW.company_id, NEW.action, NEW.severity, NEW.actor_id, NEW.entity, NEW.entity_id, NEW.body);
  DELETE FROM public.audit_pending WHERE company_id = NEW.company_id AND id = NEW.id;
  RETURN NULL;
END $function$;
ALTER ROUTINE audit_place_pending() OWNER TO bulwark_audit;

CREATE OR REPLACE FUNCTION public.audit_read_body()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE parsed jsonb;
BEGIN
  IF octet_length(NEW.body) <= 1048576 THEN parsed := NEW.body::jsonb; END IF;
  IF public.audit_body_is_valid(NEW.body, parsed) IS NOT TRUE THEN
    RAISE EXCEPTION 'the body of an audit event must be a JSON object of at most 1 MiB, without duplicate keys, before or after, whose action, '
      'severity and entity are strings and whose ids are UUIDs in lower case'
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.action := parsed ->> 'action';
  NEW.severity := parsed ->> 'severity';
  NEW.actor_id := (parsed #>> '{actor,userId}')::uuid;
  NEW.entity := parsed ->> 'entity';
  NEW.entity_id := (parsed ->> 'entityId')::uuid;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.audit_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  RAISE EXCEPTION '% of % is refused: the audit log is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END $function$;

CREATE OR REPLACE FUNCTION public.audit_refuse_return()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  IF NEW.company_id <> OLD.company_id OR NEW.pos <= OLD.pos OR NEW.at_us < OLD.at_us THEN
    RAISE EXCEPTION '% of % is refused: the audit log is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.audit_shown(side text, name name, type regtype, secret boolean)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT replace(CASE
      WHEN secret THEN $f$CASE WHEN {it} IS NULL THEN 'null' ELSE '"[secret]"' END$f$
      WHEN type = 'date'::regtype THEN
        $f$coalesce(to_json(coalesce(to_char({it}, 'YYYY-MM-DD"T00:00:00.000Z"'), {it}::text))::text, 'null')$f$
      WHEN type = 'timestamptz'::regtype THEN
        $f$coalesce(to_json(coalesce(to_char({it} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), {it}::text))::text, 'null')$f$
      WHEN type = 'bytea'::regtype THEN $f$coalesce(to_json(translate(encode({it}, 'base64'), E'\n', ''))::text, 'null')$f$
      WHEN type IN ('bigint'::regtype, 'numeric'::regtype) THEN $f$coalesce(to_json({it}::text)::text, 'null')$f$
      ELSE $f$coalesce(to_json({it})::text, 'null')$f$
    END, '{it}', format('%s.%I', side, name))
$function$;
GRANT EXECUTE ON FUNCTION audit_shown(text,name,regtype,boolean) TO PUBLIC;

CREATE OR REPLACE FUNCTION public.audit_source(target regclass, tenant_column name, hidden name[], secret name[], severities text[])
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  WITH columns AS (
    SELECT attname AS name, attnum AS place, audit_shown('OLD', attname, atttypid::regtype, attname = ANY (secret)) AS old,
      audit_shown('NEW', attname, atttypid::regtype, attname = ANY (secret)) AS new,
      CASE WHEN attcollation <> 0 THEN ' COLLATE "C"' WHEN atttypid IN ('numeric'::regtype, 'json'::regtype) THEN '::text' ELSE '' END AS bytes
    FROM pg_attribute WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attname <> ALL (hidden)),
  parts AS (
    SELECT string_agg(format($f$'"%s":' || %s$f$, name, old), $q$
      || ',' || $q$ ORDER BY place) AS old_row,
      string_agg(format($f$'"%s":' || %s$f$, name, new), $q$
      || ',' || $q$ ORDER BY place) AS new_row,
      string_agg(format($f$
    IF OLD.%1$I%2$s IS DISTINCT FROM NEW.%1$I%2$s THEN
      before := before || ',"%1$s":' || %3$s;
      after := after || ',"%1$s":' || %4$s;
    END IF;$f$, name, bytes, old, new), '' ORDER BY place) FILTER (WHERE name <> 'id') AS differing
    FROM columns)
  SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace($source$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW.{{tenant}}; row_id := NEW.id; action := '{{action}}.created'; severity := '{{on_insert}}';
    snapshots := '"after":{' || {{new_row}} || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD.{{tenant}}; row_id := OLD.id; action := '{{action}}.deleted'; severity := '{{on_delete}}';
    -- rows that are deleted with their company are in its event, company.deleted
    IF '{{model}}' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || {{old_row}} || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW.{{tenant}}; row_id := NEW.id; action := '{{action}}.updated'; severity := '{{on_update}}';
    IF OLD.id <> row_id OR OLD.{{tenant}} <> company THEN
      RAISE EXCEPTION 'UPDATE on {{model}} % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = '{{model}}';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;{{differing}}
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on {{model}} % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = '{{model}}', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = '{{model}}' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"{{model}}","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on {{model}} % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = '{{model}}';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, '{{model}}', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, '{{model}}', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $source$,
    '{{model}}', relname), '{{action}}', lower(left(relname, 1)) || substr(relname, 2)), '{{tenant}}', quote_ident(tenant_column)),
    '{{on_insert}}', severities[1]), '{{on_update}}', severities[2]), '{{on_delete}}', severities[3]),
    '{{new_row}}', new_row), '{{old_row}}', old_row), '{{differing}}', differing)
  FROM parts, pg_class WHERE pg_class.oid = target
$function$;
GRANT EXECUTE ON FUNCTION audit_source(regclass,name,name[],name[],text[]) TO PUBLIC;

CREATE OR REPLACE PROCEDURE public.audit_table(IN target regclass, IN tenant_column name DEFAULT 'companyId'::name, IN hidden name[] DEFAULT '{}'::name[], IN secret name[] DEFAULT '{}'::name[], IN severities text[] DEFAULT '{MEDIUM,MEDIUM,MEDIUM}'::text[])
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $procedure$
DECLARE function_name text := (SELECT quote_ident('audit_write_' || relname) FROM pg_class WHERE oid = target);
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION public.%s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
    'SET search_path = pg_catalog, public, pg_temp AS %L', function_name, audit_source(target, tenant_column, hidden, secret, severities));
  EXECUTE format('REVOKE ALL ON FUNCTION public.%s FROM PUBLIC', function_name);
  EXECUTE format('CREATE OR REPLACE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION public.audit_refuse()', target);
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'audit_write') THEN
    EXECUTE format('CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR UPDATE OR DELETE ON %s DEFERRABLE INITIALLY DEFERRED '
      'FOR EACH ROW EXECUTE FUNCTION public.%s()', target, function_name);
  END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_audit;   -- the owner of a function needs it
  EXECUTE format('ALTER FUNCTION public.%s OWNER TO bulwark_audit', function_name);
  REVOKE CREATE ON SCHEMA public FROM bulwark_audit;
END $procedure$;

CREATE OR REPLACE FUNCTION public.authenticate(token_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'session', jsonb_build_object('id', s.id, 'companyId', s."companyId", 'createdAt', s."createdAt", 'lastUsedAt', s."lastUsedAt",
                                    'expiresAt', s."expiresAt", 'absoluteExpiresAt', s."absoluteExpiresAt",
                                    'idleSeconds', s."idleSeconds", 'methods', s.methods, 'mfaAt', s."mfaAt", 'rotateDue', s."rotateDue",
                                    'enteredCompanies', s."enteredCompanies", 'longestIdleSeconds', s."longestIdleSeconds"),
      'user', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name, 'language', p.language,
                                 'emailVerified', p."emailVerifiedAt" IS NOT NULL, 'factors', array_remove(ARRAY[
        CASE WHEN EXISTS (SELECT FROM "TotpFactor" f WHERE f."userId" = p.id AND f."confirmedAt" IS NOT NULL) THEN 'totp' END,
        CASE WHEN EXISTS (SELECT FROM "Passkey" f WHERE f."userId" = p.id) THEN 'passkey' END,
        CASE WHEN EXISTS (SELECT FROM "ContactFactor" f
                          WHERE f."userId" = p.id AND f.channel = 'email' AND f."confirmedAt" IS NOT NULL) THEN 'email' END,
        CASE WHEN EXISTS (SELECT FROM "ContactFactor" f
                          WHERE f."userId" = p.id AND f.channel = 'sms' AND f."confirmedAt" IS NOT NULL) THEN 'sms' END,
        CASE WHEN EXISTS (SELECT FROM "BackupCode" f WHERE f."userId" = p.id AND f."usedAt" IS NULL) THEN 'backupCode' END], NULL)),
      'memberships', COALESCE((
        SELECT jsonb_agg(jsonb_build_object(
          'id', m.id, 'roles', m.roles, 'branchId', m."branchId", 'departmentId', m."departmentId",
          'mfaRequired', m."mfaRequired", 'mfaGraceFrom', m."mfaGraceFrom",
          'policy', (SELECT jsonb_build_object(
                       'mfaRequired', i."mfaRequired", 'mfaRoles', i."mfaRoles", 'mfaGraceDays', i."mfaGraceDays",
                       'stepUpMinutes', i."stepUpMinutes", 'trustedDeviceDays', i."trustedDeviceDays",
                       'sessionIdleMinutes', i."sessionIdleMinutes", 'sessionAbsoluteHours', i."sessionAbsoluteHours")
                     FROM "SignInPolicy" i WHERE i."companyId" = m."companyId"),
          'company', jsonb_build_object('id', c.id, 'name', c.name, 'currency', c.currency),
          'teams', teams.list,
          'customRoles', COALESCE((
            SELECT jsonb_object_agg(r.slug, jsonb_build_object(
              'level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions))
            FROM "Role" r
            WHERE r."companyId" = m."companyId" AND r.slug = ANY (m.roles || teams.roles)), '{}')
        ) ORDER BY m."createdAt", m.id)
        FROM "Membership" m
        JOIN "Company" c ON c.id = m."companyId"
        CROSS JOIN LATERAL (
          SELECT COALESCE(jsonb_agg(jsonb_build_object('id', t.id, 'roles', t.roles) ORDER BY t.id), '[]') AS list,
                 ARRAY(SELECT unnest(t2.roles) FROM "TeamMember" tm2
                       JOIN "Team" t2 ON t2."companyId" = tm2."companyId" AND t2.id = tm2."teamId"
                       WHERE tm2."companyId" = m."companyId" AND tm2."membershipId" = m.id) AS roles
          FROM "TeamMember" tm
          JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
          WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id
        ) teams
        WHERE m."userId" = p.id AND m.status = 'active'), '[]'))
    FROM "Session" s
    JOIN "User" p ON p.id = s."userId"
    WHERE s.id = token_hash AND s."expiresAt" > now() AND s."absoluteExpiresAt" > now()
  );
END $function$;
ALTER ROUTINE authenticate(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION authenticate(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.authenticate_access_token_if_changed(token_hash text, token_id uuid, key_id text, known_version text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM "RevokedToken" r WHERE r.jti = token_id) THEN RETURN NULL; END IF;
  IF NOT EXISTS (SELECT FROM "SigningKey" k WHERE k.id = key_id AND (k."retiredAt" IS NULL OR k."retiredAt" > now())) THEN RETURN NULL; END IF;
  RETURN authenticate_if_changed(token_hash, known_version);
END $function$;
ALTER ROUTINE authenticate_access_token_if_changed(text,uuid,text,text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION authenticate_access_token_if_changed(text,uuid,text,text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.authenticate_api_key(key_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'key', jsonb_build_object('id', k.id, 'hash', k.hash, 'allowedNetworks', k."allowedNetworks",
        'state', CASE WHEN k."revokedAt" IS NOT NULL THEN 'revoked' WHEN k."expiresAt" <= now() THEN 'expired'
                      WHEN a."disabledAt" IS NOT NULL THEN 'disabled' ELSE 'valid' END),
      'account', jsonb_build_object('id', a.id, 'name', a.name, 'roles', a.roles),
      'creator', CASE WHEN m.id IS NOT NULL THEN jsonb_build_object(
        'roles', m.roles, 'branchId', m."branchId", 'departmentId', m."departmentId", 'teams', teams.list) END,
      'company', jsonb_build_object('id', c.id, 'name', c.name, 'currency', c.currency),
      'customRoles', COALESCE((
        SELECT jsonb_object_agg(r.slug, jsonb_build_object(
          'level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions))
        FROM "Role" r WHERE r."companyId" = c.id AND r.slug = ANY (a.roles || m.roles || teams.roles)), '{}'),
      'use', (SELECT jsonb_build_object('lastUsedAt', u."lastUsedAt", 'addresses', u.addresses)
              FROM "ApiKeyUse" u WHERE u."companyId" = k."companyId" AND u.id = k.id))
    FROM "ApiKey" k
    JOIN "ServiceAccount" a ON a."companyId" = k."companyId" AND a.id = k."serviceAccountId"
    JOIN "Company" c ON c.id = k."companyId"
    LEFT JOIN "Membership" m ON m."companyId" = k."companyId" AND m."userId" = k."createdById" AND m.status = 'active'
    CROSS JOIN LATERAL (
      SELECT COALESCE(jsonb_agg(jsonb_build_object('id', t.id, 'roles', t.roles) ORDER BY t.id), '[]') AS list,
             ARRAY(SELECT unnest(t2.roles) FROM "TeamMember" tm2
                   JOIN "Team" t2 ON t2."companyId" = tm2."companyId" AND t2.id = tm2."teamId"
                   WHERE tm2."companyId" = m."companyId" AND tm2."membershipId" = m.id) AS roles
      FROM "TeamMember" tm
      JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
      WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id
    ) teams
    WHERE k.id = key_id
  );
END $function$;
ALTER ROUTINE authenticate_api_key(uuid) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION authenticate_api_key(uuid) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.authenticate_if_changed(token_hash text, known_version text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  version text := identity_version_of(token_hash);
BEGIN
  IF version = known_version THEN RETURN '='; END IF;
  RETURN version || E'\n' || authenticate(token_hash)::text;
END $function$;
ALTER ROUTINE authenticate_if_changed(text,text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION authenticate_if_changed(text,text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.authenticate_rotated(token_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN (SELECT authenticate(f."sessionId") || jsonb_build_object('former', jsonb_build_object('id', f.id, 'successor', f.successor))
          FROM "RotatedSessionToken" f WHERE f.hash = token_hash AND f."expiresAt" > now());
END $function$;
ALTER ROUTINE authenticate_rotated(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION authenticate_rotated(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.consume_webauthn_challenge(challenge_id uuid, challenge_kind text)
 RETURNS TABLE(user_id uuid, challenge text)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  WITH taken AS (DELETE FROM "WebAuthnChallenge" WHERE id = challenge_id AND kind = challenge_kind RETURNING "userId", value, "expiresAt")
  SELECT "userId", value FROM taken WHERE "expiresAt" > now()
$function$;
ALTER ROUTINE consume_webauthn_challenge(uuid,text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION consume_webauthn_challenge(uuid,text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.context_company()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT NULLIF(pg_catalog.current_setting('app.company_id', true), '')::pg_catalog.uuid $function$;
GRANT EXECUTE ON FUNCTION context_company() TO bulwark_app;
GRANT EXECUTE ON FUNCTION context_company() TO bulwark_audit;
GRANT EXECUTE ON FUNCTION context_company() TO bulwark_identity;
GRANT EXECUTE ON FUNCTION context_company() TO bulwark_platform;

CREATE OR REPLACE FUNCTION public.context_user()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT NULLIF(pg_catalog.current_setting('app.user_id', true), '')::pg_catalog.uuid $function$;
GRANT EXECUTE ON FUNCTION context_user() TO bulwark_app;
GRANT EXECUTE ON FUNCTION context_user() TO bulwark_audit;
GRANT EXECUTE ON FUNCTION context_user() TO bulwark_identity;
GRANT EXECUTE ON FUNCTION context_user() TO bulwark_platform;

CREATE OR REPLACE FUNCTION public.count_name(tally jsonb, name text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  SELECT CASE WHEN name IS NULL OR NOT tally ? name AND (SELECT count(*) FROM jsonb_object_keys(tally)) >= 50 THEN tally
    ELSE tally || jsonb_build_object(name, COALESCE((tally ->> name)::integer, 0) + 1) END
$function$;
GRANT EXECUTE ON FUNCTION count_name(jsonb,text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.deny_access_tokens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  INSERT INTO "RevokedToken" (jti, "userId", "expiresAt")
    SELECT t.id, t."userId", t."createdAt" + interval '16 minutes' FROM "RefreshToken" t
    JOIN "User" p ON p.id = t."userId"   -- already deleted when the session is deleted with its user
    WHERE t."sessionId" = OLD.id AND t."createdAt" > now() - interval '16 minutes' ON CONFLICT DO NOTHING;
  RETURN OLD;
END $function$;
ALTER ROUTINE deny_access_tokens() OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION deny_access_tokens() TO owner;

CREATE OR REPLACE FUNCTION public.disable_factors(target_user uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE target text;
BEGIN
  IF NOT EXISTS (SELECT FROM "Membership" m
                 WHERE m."userId" = target_user AND m."companyId" = context_company() AND m.status <> 'invited')
    OR EXISTS (SELECT FROM "Membership" m WHERE m."userId" = target_user AND m."companyId" <> context_company() AND m.status = 'active')
  THEN RETURN NULL; END IF;
  FOREACH target IN ARRAY ARRAY['TotpFactor', 'ContactFactor', 'BackupCode', 'Passkey', 'TrustedDevice', 'MfaChallenge',
                                'OneTimeCode', 'Session'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "userId" = $1', target) USING target_user;
  END LOOP;
  RETURN true;
END $function$;
ALTER ROUTINE disable_factors(uuid) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION disable_factors(uuid) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.due_failure_bursts(seconds integer)
 RETURNS TABLE(company_id uuid, action text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT b.company_id, b.action FROM failure_burst b WHERE b.started_at < now() - seconds * interval '1 second'
$function$;
ALTER ROUTINE due_failure_bursts(integer) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION due_failure_bursts(integer) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.email_token_basis(target_user uuid, token_kind "EmailTokenKind", company uuid)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT encode(sha256(convert_to(jsonb_build_array(p.email,
      CASE WHEN token_kind IN ('resetPassword', 'unlock', 'recoverMfa', 'verifyRecoveryEmail') THEN
        (SELECT extract(epoch FROM c."changedAt") FROM "Credential" c WHERE c."userId" = p.id) END,
      CASE WHEN token_kind IN ('recoverMfa', 'verifyRecoveryEmail') THEN
        jsonb_build_array(p."recoveryEmail", extract(epoch FROM p."recoveryEmailVerifiedAt")) END,
      CASE WHEN token_kind = 'recoverMfa' THEN jsonb_build_array(
        ARRAY(SELECT extract(epoch FROM f."confirmedAt") FROM "TotpFactor" f WHERE f."userId" = p.id AND f."confirmedAt" IS NOT NULL),
        ARRAY(SELECT jsonb_build_array(f.channel, extract(epoch FROM f."confirmedAt")) FROM "ContactFactor" f
              WHERE f."userId" = p.id AND f."confirmedAt" IS NOT NULL ORDER BY f.channel),
        ARRAY(SELECT k.id FROM "Passkey" k WHERE k."userId" = p.id ORDER BY k.id)) END,
      CASE WHEN token_kind = 'invitation' THEN
        (SELECT jsonb_build_array(m.id, m.status, m.roles, m."branchId", m."departmentId")
         FROM "Membership" m WHERE m."companyId" = company AND m."userId" = p.id) END)::text, 'UTF8')), 'hex')
  FROM "User" p WHERE p.id = target_user
$function$;
ALTER ROUTINE email_token_basis(uuid,"EmailTokenKind",uuid) OWNER TO bulwark_identity;

CREATE OR REPLACE FUNCTION public.exchange_refresh_token(token_hash text, next_id uuid, next_hash text, next_sealed text, grace_seconds integer, lifetime_seconds integer)
 RETURNS TABLE(outcome text, token uuid, next uuid, successor text, session text, issued_at timestamp with time zone, expires_at timestamp with time zone)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  family "Session"%ROWTYPE;
  one "RefreshToken"%ROWTYPE;
  newest "RefreshToken"%ROWTYPE;
  moment timestamptz(3);
BEGIN
  outcome := 'unknown';
  -- A session that is rotated meanwhile has another id afterwards.
  FOR attempt IN 1..3 LOOP
    SELECT s.* INTO family FROM "Session" s
      WHERE s.id = (SELECT t."sessionId" FROM "RefreshToken" t WHERE t.hash = token_hash) FOR UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  moment := clock_timestamp();   -- after the wait for the lock
  SELECT t.* INTO one FROM "RefreshToken" t WHERE t.hash = token_hash;
  IF one.id IS NULL OR family.id IS NULL OR one."expiresAt" <= moment
     OR least(family."expiresAt", family."absoluteExpiresAt") <= moment THEN
    RETURN NEXT;
    RETURN;
  END IF;
  token := one.id;
  session := family.id;
  IF one."usedAt" IS NULL THEN
    outcome := 'rotated';
    next := next_id;
    issued_at := moment;
    expires_at := least(moment + lifetime_seconds * interval '1 second', moment + family."idleSeconds" * interval '1 second',
                        family."absoluteExpiresAt");
    UPDATE "RefreshToken" SET "usedAt" = moment, successor = next_sealed, "successorId" = next_id WHERE id = one.id;
    INSERT INTO "RefreshToken" (id, "userId", "sessionId", hash, "createdAt", "expiresAt")
      VALUES (next_id, one."userId", family.id, next_hash, moment, expires_at);
    UPDATE "Session" SET "lastUsedAt" = moment, "expiresAt" = greatest("expiresAt", expires_at) WHERE id = family.id;
  ELSIF one."usedAt" <= moment - grace_seconds * interval '1 second' THEN
    outcome := 'replayed';
  ELSE
    LOOP
      SELECT t.* INTO newest FROM "RefreshToken" t WHERE t.id = one."successorId";
      EXIT WHEN newest."usedAt" IS NULL;
      one := newest;
    END LOOP;
    outcome := 'repeated';
    token := one.id;
    next := newest.id;
    successor := one.successor;
    issued_at := newest."createdAt";
    expires_at := newest."expiresAt";
  END IF;
  RETURN NEXT;
END $function$;
GRANT EXECUTE ON FUNCTION exchange_refresh_token(text,uuid,text,text,integer,integer) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.factor_adoption()
 RETURNS TABLE(role text, members integer, protected integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$ SELECT * FROM factor_adoption_in(context_company()) $function$;
ALTER ROUTINE factor_adoption() OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION factor_adoption() TO bulwark_app;

CREATE OR REPLACE FUNCTION public.factor_adoption_in(company uuid)
 RETURNS TABLE(role text, members integer, protected integer)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT given.role, count(*)::int, (count(*) FILTER (WHERE held.protected))::int
  FROM "Membership" m
  CROSS JOIN LATERAL (SELECT
      EXISTS (SELECT FROM "TotpFactor" f WHERE f."userId" = m."userId" AND f."confirmedAt" IS NOT NULL)
      OR EXISTS (SELECT FROM "Passkey" f WHERE f."userId" = m."userId")
      OR EXISTS (SELECT FROM "ContactFactor" f WHERE f."userId" = m."userId" AND f."confirmedAt" IS NOT NULL) AS protected) held
  CROSS JOIN LATERAL (
      SELECT NULL AS role UNION SELECT unnest(m.roles)
      UNION SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
            WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) given
  WHERE m."companyId" = company AND m.status = 'active' GROUP BY given.role ORDER BY given.role NULLS FIRST
$function$;
ALTER ROUTINE factor_adoption_in(uuid) OWNER TO bulwark_identity;

CREATE OR REPLACE FUNCTION public.factor_adoption_of_companies(companies uuid[])
 RETURNS TABLE(company_id uuid, members integer, protected integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT c.id, COALESCE(a.members, 0), COALESCE(a.protected, 0)
  FROM unnest(companies) c (id) LEFT JOIN LATERAL (SELECT * FROM factor_adoption_in(c.id) f WHERE f.role IS NULL) a ON true
$function$;
ALTER ROUTINE factor_adoption_of_companies(uuid[]) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION factor_adoption_of_companies(uuid[]) TO bulwark_platform;

CREATE OR REPLACE FUNCTION public.identity_version_of(token_hash text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$   -- a connection keeps its plan while tables grow
BEGIN
  RETURN (
    SELECT concat_ws(' ', '0017', ROW(s."userId", s."companyId", s."createdAt", s."lastUsedAt", s."expiresAt", s."absoluteExpiresAt", s."idleSeconds",
                                s.methods, s."mfaAt", s."rotateDue", s."enteredCompanies", s."longestIdleSeconds")::text,
        'of', ARRAY(SELECT i.version FROM identity_version i WHERE i.owner = s."userId" ORDER BY i.made_in),
        'in', ARRAY(SELECT concat(m."companyId", '=', i.version) FROM "Membership" m LEFT JOIN identity_version i ON i.owner = m."companyId"
         WHERE m."userId" = s."userId" AND m.status = 'active' ORDER BY m."companyId", i.made_in))
    FROM "Session" s WHERE s.id = token_hash AND s."expiresAt" > now() AND s."absoluteExpiresAt" > now()
  );
END $function$;
ALTER ROUTINE identity_version_of(text) OWNER TO bulwark_identity;

CREATE OR REPLACE FUNCTION public.is_sealed(value text)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
BEGIN
  RETURN value OPERATOR(pg_catalog.~) '^b1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$'
     AND pg_catalog.length(pg_catalog.split_part(value, '.', 2)) OPERATOR(pg_catalog.<=) 64
     AND pg_catalog.length(pg_catalog.split_part(value, '.', 3)) OPERATOR(pg_catalog.>=) 38;
END $function$;
GRANT EXECUTE ON FUNCTION is_sealed(text) TO bulwark_app;
GRANT EXECUTE ON FUNCTION is_sealed(text) TO bulwark_identity;

CREATE OR REPLACE FUNCTION public.keep_longest_idle()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  NEW."longestIdleSeconds" := greatest(OLD."longestIdleSeconds", floor(extract(epoch FROM NEW."lastUsedAt" - OLD."lastUsedAt"))::int);
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.limit_company_sessions(idle_seconds integer, token_seconds integer, absolute_seconds integer, target_user uuid)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  WITH within AS (
    SELECT s.id, CASE WHEN EXISTS (SELECT FROM "RefreshToken" t WHERE t."sessionId" = s.id) THEN token_seconds ELSE idle_seconds END AS idle
    FROM "Session" s WHERE s."companyId" = context_company() AND (target_user IS NULL OR s."userId" = target_user)),
  shortened AS (
    UPDATE "Session" s SET "idleSeconds" = least(s."idleSeconds", w.idle),
      "expiresAt" = least(s."expiresAt", now() + w.idle * interval '1 second', s."createdAt" + absolute_seconds * interval '1 second'),
      "absoluteExpiresAt" = least(s."absoluteExpiresAt", s."createdAt" + absolute_seconds * interval '1 second')
    FROM within w WHERE s.id = w.id RETURNING 1)
  SELECT count(*) FROM shortened
$function$;
ALTER ROUTINE limit_company_sessions(integer,integer,integer,uuid) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION limit_company_sessions(integer,integer,integer,uuid) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.master_keys_in_use()
 RETURNS TABLE(master_key text, data_keys bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT "masterKey", count(*) FROM public."DataKey" GROUP BY 1 $function$;
ALTER ROUTINE master_keys_in_use() OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION master_keys_in_use() TO bulwark_app;

CREATE OR REPLACE FUNCTION public.old_invitations(days integer, after uuid, most integer)
 RETURNS TABLE(company_id uuid, member_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT "companyId", id FROM "Membership" WHERE status = 'invited' AND "invitedUntil" < now() - days * interval '1 day'
    AND (after IS NULL OR id > after) ORDER BY id LIMIT most
$function$;
ALTER ROUTINE old_invitations(integer,uuid,integer) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION old_invitations(integer,uuid,integer) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.own_invitations()
 RETURNS TABLE(company_id uuid, company_name text, roles text[], invited_until timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT c.id, c.name, m.roles, m."invitedUntil"::timestamptz FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
    WHERE m."userId" = context_user() AND m.status = 'invited' AND m."invitedUntil" > now() ORDER BY m."createdAt", m.id;
END $function$;
ALTER ROUTINE own_invitations() OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION own_invitations() TO bulwark_app;

CREATE OR REPLACE FUNCTION public.own_sign_in_policies()
 RETURNS TABLE(company_id uuid, company_name text, roles text[], own_level integer, policy jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT c.id, c.name, held.roles,
      (SELECT COALESCE(max(r.level), 0) FROM "Role" r WHERE r."companyId" = c.id AND r.slug = ANY (held.roles)),
      (SELECT to_jsonb(i) FROM (
        SELECT "passwordPreset", "mfaRequired", "mfaRoles", "mfaGraceDays", "stepUpMinutes", "trustedDeviceDays",
               "sessionIdleMinutes", "sessionAbsoluteHours" FROM "SignInPolicy" WHERE "companyId" = c.id) i)
    FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
    CROSS JOIN LATERAL (SELECT m.roles || ARRAY(
      SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
      WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) AS roles) held
    WHERE m."userId" = context_user() AND m.status = 'active' ORDER BY m."createdAt", m.id;
END $function$;
ALTER ROUTINE own_sign_in_policies() OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION own_sign_in_policies() TO bulwark_app;

CREATE OR REPLACE FUNCTION pgboss.create_queue(queue_name text, options jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  tablename varchar := CASE WHEN options->>'partition' = 'true'
                        THEN 'j' || encode(sha224(queue_name::bytea), 'hex')
                        ELSE 'job_common'
                        END;
  queue_created_on timestamptz;
BEGIN

  WITH q as (
    INSERT INTO pgboss.queue (
      name,
      policy,
      retry_limit,
      retry_delay,
      retry_backoff,
      retry_delay_max,
      expire_seconds,
      retention_seconds,
      deletion_seconds,
      warning_queued,
      dead_letter,
      partition,
      table_name,
      heartbeat_seconds,
      notify,
      created_on,
      updated_on
    )
    VALUES (
      queue_name,
      options->>'policy',
      COALESCE((options->>'retryLimit')::int, 2),
      COALESCE((options->>'retryDelay')::int, 0),
      COALESCE((options->>'retryBackoff')::bool, false),
      (options->>'retryDelayMax')::int,
      COALESCE((options->>'expireInSeconds')::int, 900),
      COALESCE((options->>'retentionSeconds')::int, 1209600),
      COALESCE((options->>'deleteAfterSeconds')::int, 604800),
      COALESCE((options->>'warningQueueSize')::int, 0),
      options->>'deadLetter',
      COALESCE((options->>'partition')::bool, false),
      tablename,
      (options->>'heartbeatSeconds')::int,
      COALESCE((options->>'notify')::bool, false),
      pgboss.job_now(),
      pgboss.job_now()
    )
    ON CONFLICT DO NOTHING
    RETURNING created_on
  )
  SELECT created_on into queue_created_on from q;

  IF queue_created_on IS NULL OR options->>'partition' IS DISTINCT FROM 'true' THEN
    RETURN;
  END IF;

  EXECUTE format('CREATE TABLE pgboss.%I (LIKE pgboss.job INCLUDING DEFAULTS)', tablename);

  EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD PRIMARY KEY (name, id)$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, tablename);

  EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i11 ON pgboss.job (name, priority DESC, created_on, start_after) WHERE state < 'active' AND NOT blocked$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i4 ON pgboss.job (name, singleton_on, COALESCE(singleton_key, '')) WHERE state <> 'cancelled' AND singleton_on IS NOT NULL$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i7 ON pgboss.job (name, group_id) WHERE state = 'active' AND group_id IS NOT NULL$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i9 ON pgboss.job (name, id) WHERE blocking AND state = 'completed'$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i12 ON pgboss.job (source_root_id) WHERE source_root_id IS NOT NULL$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i13 ON pgboss.job (name, singleton_key) WHERE state = 'created' AND upsert_by_key$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i14 ON pgboss.job (name, state, blocked, start_after) WHERE state IN ('created', 'retry', 'active', 'failed')$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i15 ON pgboss.job (name, created_on)$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i16 ON pgboss.job (name, completed_on) WHERE completed_on IS NOT NULL$cmd$, tablename);
  EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i17 ON pgboss.job (name, singleton_key, created_on) WHERE state < 'active' AND singleton_key IS NOT NULL$cmd$, tablename);

  IF options->>'policy' = 'short' THEN
    EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i1 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'created' AND policy = 'short'$cmd$, tablename);
  ELSIF options->>'policy' = 'singleton' THEN
    EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i2 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'active' AND policy = 'singleton'$cmd$, tablename);
  ELSIF options->>'policy' = 'stately' THEN
    EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i3 ON pgboss.job (name, state, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'stately'$cmd$, tablename);
  ELSIF options->>'policy' = 'exclusive' THEN
    EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i6 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'exclusive'$cmd$, tablename);
  ELSIF options->>'policy' = 'key_strict_fifo' THEN
    EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i8 ON pgboss.job (name, singleton_key) WHERE state IN ('active', 'retry', 'failed') AND policy = 'key_strict_fifo'$cmd$, tablename);
    EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i10 ON pgboss.job (name, singleton_key, state DESC, created_on, id) INCLUDE (start_after) WHERE state < 'active' AND NOT blocked AND policy = 'key_strict_fifo'$cmd$, tablename);
    EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT job_key_strict_fifo_singleton_key_check CHECK (NOT (policy = 'key_strict_fifo' AND singleton_key IS NULL))$cmd$, tablename);
  END IF;

  EXECUTE format('ALTER TABLE pgboss.%I ADD CONSTRAINT cjc CHECK (name=%L)', tablename, queue_name);
  EXECUTE format('ALTER TABLE pgboss.job ATTACH PARTITION pgboss.%I FOR VALUES IN (%L)', tablename, queue_name);
END;
$function$;
GRANT EXECUTE ON FUNCTION pgboss.create_queue(text,jsonb) TO bulwark_app;

CREATE OR REPLACE FUNCTION pgboss.delete_queue(queue_name text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_table varchar;
  v_partition bool;
BEGIN

  SELECT table_name, partition
  FROM pgboss.queue
  WHERE name = queue_name
  INTO v_table, v_partition;

  IF v_partition THEN
    EXECUTE format('DROP TABLE IF EXISTS pgboss.%I', v_table);
  ELSE
    EXECUTE format('DELETE FROM pgboss.%I WHERE name = %L', v_table, queue_name);
  END IF;

  DELETE FROM pgboss.queue WHERE name = queue_name;
END;
$function$;

CREATE OR REPLACE FUNCTION pgboss.job_now()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
  SELECT pg_catalog.now();
$function$;
GRANT EXECUTE ON FUNCTION pgboss.job_now() TO bulwark_app;

CREATE OR REPLACE FUNCTION pgboss.job_table_format(command text, table_name text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT format(
    regexp_replace(
      regexp_replace(command, '\.job\y', '.%1$I', 'g'),
      '\yjob_i(\d+)', '%1$s_i\1', 'g'
    ),
    table_name
  );
$function$;

CREATE OR REPLACE FUNCTION pgboss.job_table_run(command text, tbl_name text DEFAULT NULL::text, queue_name text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  tbl RECORD;
BEGIN
  IF queue_name IS NOT NULL THEN
    SELECT table_name INTO tbl_name FROM pgboss.queue WHERE name = queue_name;
  END IF;

  IF tbl_name IS NOT NULL THEN
    EXECUTE pgboss.job_table_format(command, tbl_name);
    RETURN;
  END IF;

  EXECUTE pgboss.job_table_format(command, 'job_common');

  FOR tbl IN SELECT table_name FROM pgboss.queue WHERE partition = true
  LOOP
    EXECUTE pgboss.job_table_format(command, tbl.table_name);
  END LOOP;
END;
$function$;

CREATE OR REPLACE FUNCTION pgboss.job_table_run_async(command_name text, version integer, command text, tbl_name text DEFAULT NULL::text, queue_name text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF queue_name IS NOT NULL THEN
    SELECT table_name INTO tbl_name FROM pgboss.queue WHERE name = queue_name;
  END IF;

  IF tbl_name IS NOT NULL THEN
    INSERT INTO pgboss.bam (name, version, status, queue, table_name, command)
    VALUES (
      command_name,
      version,
      'pending',
      queue_name,
      tbl_name,
      pgboss.job_table_format(command, tbl_name)
    );
    RETURN;
  END IF;

  INSERT INTO pgboss.bam (name, version, status, queue, table_name, command)
  SELECT
    command_name,
    version,
    'pending',
    NULL,
    'job_common',
    pgboss.job_table_format(command, 'job_common')
  UNION ALL
  SELECT
    command_name,
    version,
    'pending',
    queue.name,
    queue.table_name,
    pgboss.job_table_format(command, queue.table_name)
  FROM pgboss.queue
  WHERE partition = true;
END;
$function$;

CREATE OR REPLACE PROCEDURE public.protect_database()
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
BEGIN
  EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_temp', current_database());
  EXECUTE format('ALTER DATABASE %I SET TimeZone = ''UTC''', current_database());   -- connections through a pooler set nothing themselves
END $procedure$;

CREATE OR REPLACE PROCEDURE public.protect_identity_function(IN target regprocedure, IN caller name DEFAULT 'bulwark_app'::name)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $procedure$
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
END $procedure$;

CREATE OR REPLACE PROCEDURE public.protect_sealed_column(IN target regclass, IN sealed_column name)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $procedure$
BEGIN
  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE sealed', target, sealed_column);
END $procedure$;

CREATE OR REPLACE PROCEDURE public.protect_tenant_table(IN target regclass, IN tenant_column name DEFAULT 'companyId'::name)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $procedure$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY company_rows ON %s TO bulwark_app USING (%I = (SELECT context_company())) WITH CHECK (%I = (SELECT context_company()))',
                 target, tenant_column, tenant_column);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO bulwark_app', target);
END $procedure$;

CREATE OR REPLACE PROCEDURE public.protect_user_table(IN target regclass, IN user_column name)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $procedure$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY own_rows ON %s TO bulwark_app USING (%I = (SELECT context_user())) WITH CHECK (%I = (SELECT context_user()))',
                 target, user_column, user_column);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO bulwark_app', target);
END $procedure$;

CREATE OR REPLACE FUNCTION public.purge_expired(failure_seconds integer, memory_seconds integer, most integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  target text;
  gone bigint;
  result jsonb := '{}';
BEGIN
  FOREACH target IN ARRAY ARRAY['Session', 'EmailToken', 'SignUpRequest', 'MfaChallenge', 'OneTimeCode', 'WebAuthnChallenge', 'TrustedDevice',
                                'RefreshToken', 'RevokedToken', 'RotatedSessionToken', 'IdempotencyKey'] LOOP
    EXECUTE format('DELETE FROM public.%1$I WHERE "expiresAt" <= (SELECT max(t.at) FROM (SELECT "expiresAt" AS at FROM public.%1$I
      WHERE "expiresAt" < now() ORDER BY "expiresAt" LIMIT $1) t)', target) USING most;
    GET DIAGNOSTICS gone = ROW_COUNT;
    result := result || jsonb_build_object(target, gone);
  END LOOP;
  FOREACH target IN ARRAY ARRAY['TotpFactor', 'ContactFactor'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "confirmedAt" IS NULL AND "createdAt" < now() - interval ''1 day''', target);
    GET DIAGNOSTICS gone = ROW_COUNT;
    result := result || jsonb_build_object(target, gone);
  END LOOP;
  DELETE FROM "Throttle" t USING (SELECT o.kind, o.subject FROM "Throttle" o WHERE o."failedAt" < now() - failure_seconds * interval '1 second'
    AND (o.lockouts = 0 OR greatest(o."lockedUntil", o."failedAt") < now() - memory_seconds * interval '1 second')
    ORDER BY o."failedAt" LIMIT most) old WHERE (t.kind, t.subject) = (old.kind, old.subject)
    AND t."failedAt" < now() - failure_seconds * interval '1 second';
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN result || jsonb_build_object('Throttle', gone);
END $function$;
ALTER ROUTINE purge_expired(integer,integer,integer) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION purge_expired(integer,integer,integer) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.record_attempt(given_kind text, subjects text[], allowed integer[], clearing boolean[], succeeded boolean, first_lock integer, longest_lock integer, window_seconds integer, memory_seconds integer)
 RETURNS TABLE(accepted boolean, wait_seconds integer, locked text[])
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  moment timestamptz;
  until timestamptz;
  one record;
BEGIN
  IF NOT succeeded THEN
    -- Locks a row that is there: it could be purged otherwise before the next statement, and the failure go uncounted.
    INSERT INTO "Throttle" (kind, subject) SELECT given_kind, s FROM unnest(subjects) s ORDER BY s
      ON CONFLICT (kind, subject) DO UPDATE SET kind = EXCLUDED.kind WHERE false;
  END IF;
  -- A COMMIT that waits for the disk holds these rows, and the statements behind it on the connection. After a crash of PostgreSQL the
  -- attempts of its last second may be forgotten.
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM FROM "Throttle" t WHERE t.kind = given_kind AND t.subject = ANY (subjects) ORDER BY t.subject FOR UPDATE;
  moment := clock_timestamp();   -- after the wait for the rows
  SELECT max(t."lockedUntil") INTO until FROM "Throttle" t WHERE t.kind = given_kind AND t.subject = ANY (subjects);
  locked := '{}';
  IF until > moment THEN
    accepted := false;
  ELSIF succeeded THEN
    accepted := true;
    -- The row stays: a failure between its own INSERT and its lock would find none and go uncounted.
    UPDATE "Throttle" t SET failures = 0, lockouts = 0, "lockedUntil" = NULL FROM unnest(subjects, clearing) AS given (subject, clears)
      WHERE t.kind = given_kind AND t.subject = given.subject AND given.clears;
  ELSE
    accepted := true;
    FOR one IN
      UPDATE "Throttle" t SET "failedAt" = moment,
        failures = CASE WHEN next.failures >= given.most THEN 0 ELSE next.failures END,
        lockouts = CASE WHEN next.failures >= given.most THEN next.lockouts + 1 ELSE next.lockouts END,
        "lockedUntil" = CASE WHEN next.failures >= given.most
          THEN moment + least(longest_lock, first_lock * power(2, least(next.lockouts, 30))) * interval '1 second' END
      FROM unnest(subjects, allowed) AS given (subject, most),
        LATERAL (SELECT CASE WHEN was."failedAt" < moment - window_seconds * interval '1 second' THEN 0 ELSE was.failures END + 1 AS failures,
                        CASE WHEN COALESCE(was."lockedUntil", was."failedAt") < moment - memory_seconds * interval '1 second' THEN 0
                             ELSE was.lockouts END AS lockouts
                 FROM "Throttle" was WHERE was.kind = given_kind AND was.subject = given.subject) next
      WHERE t.kind = given_kind AND t.subject = given.subject
      RETURNING t.subject, t."lockedUntil"
    LOOP
      IF one."lockedUntil" IS NOT NULL THEN
        locked := locked || one.subject;
        until := greatest(until, one."lockedUntil");
      END IF;
    END LOOP;
  END IF;
  wait_seconds := CASE WHEN until > moment THEN ceil(extract(epoch FROM until - moment)) ELSE 0 END;
  RETURN NEXT;
END $function$;
GRANT EXECUTE ON FUNCTION record_attempt(text,text[],integer[],boolean[],boolean,integer,integer,integer,integer) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.refuse_identity_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RAISE EXCEPTION 'TRUNCATE of % is refused: it renews no identity version; delete the rows', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $function$;
ALTER ROUTINE refuse_identity_truncate() OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION refuse_identity_truncate() TO owner;

CREATE OR REPLACE FUNCTION public.renew_identity_version()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  changed uuid;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD *= NEW THEN RETURN NULL; END IF;
  -- A row that moves changes both owners.
  FOR changed IN SELECT DISTINCT (row ->> TG_ARGV[0])::uuid FROM unnest(ARRAY[to_jsonb(OLD), to_jsonb(NEW)]) row WHERE row IS NOT NULL LOOP
    CONTINUE WHEN EXISTS (SELECT FROM identity_version s WHERE s.owner = changed AND s.made_in = pg_current_xact_id());
    DELETE FROM identity_version s USING (SELECT o.made_in FROM identity_version o WHERE o.owner = changed FOR UPDATE SKIP LOCKED) older
    WHERE s.owner = changed AND s.made_in = older.made_in;
    INSERT INTO identity_version (owner) SELECT changed
    WHERE EXISTS (SELECT FROM "Company" c WHERE c.id = changed) OR EXISTS (SELECT FROM "User" p WHERE p.id = changed);
  END LOOP;
  RETURN NULL;
END $function$;
ALTER ROUTINE renew_identity_version() OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION renew_identity_version() TO owner;

CREATE OR REPLACE FUNCTION public.require_identity(token_hash text, known_version text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF identity_version_of(token_hash) = known_version THEN RETURN; END IF;
  RAISE EXCEPTION 'the identity has changed since it was cached' USING ERRCODE = 'BW001';
END $function$;
ALTER ROUTINE require_identity(text,text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION require_identity(text,text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.require_session_rotation(memberships uuid[], teams uuid[], roles uuid[])
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  WITH held AS (
    SELECT m.id, m."userId", m.roles || ARRAY(
        SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
        WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) AS roles
    FROM "Membership" m WHERE m."companyId" = context_company()),
  marked AS (
    UPDATE "Session" s SET "rotateDue" = true FROM held h
    WHERE context_company() = ANY (s."companyId" || s."enteredCompanies") AND s."userId" = h."userId" AND (
      h.id = ANY (memberships)
      OR EXISTS (SELECT FROM "TeamMember" tm
                 WHERE tm."companyId" = context_company() AND tm."membershipId" = h.id AND tm."teamId" = ANY (teams))
      OR EXISTS (SELECT FROM "Role" r WHERE r."companyId" = context_company() AND r.id = ANY ($3) AND r.slug = ANY (h.roles)))
    RETURNING 1)
  SELECT count(*) FROM marked
$function$;
ALTER ROUTINE require_session_rotation(uuid[],uuid[],uuid[]) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION require_session_rotation(uuid[],uuid[],uuid[]) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.revoke_company_sessions(target_user uuid)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  WITH ended AS (DELETE FROM "Session"
    WHERE "userId" = target_user AND context_company() = ANY ("companyId" || "enteredCompanies") RETURNING 1)
  SELECT count(*) FROM ended
$function$;
ALTER ROUTINE revoke_company_sessions(uuid) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION revoke_company_sessions(uuid) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.same_humans(users uuid[])
 RETURNS uuid[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN (WITH address AS (
      SELECT u.id, lower(regexp_replace(a.email, '\+[^@]*@', '@')) AS mailbox FROM "User" u
      CROSS JOIN LATERAL (VALUES (u.email, u."emailVerifiedAt"), (u."recoveryEmail", u."recoveryEmailVerifiedAt")) a (email, verified)
      WHERE a.email IS NOT NULL AND a.verified IS NOT NULL
        AND (u.id = ANY (users) OR EXISTS (SELECT FROM "Membership" m WHERE m."userId" = u.id AND m."companyId" = context_company())))
    SELECT ARRAY(SELECT unnest(users) UNION
      SELECT other.id FROM address own JOIN address other ON other.mailbox = own.mailbox WHERE own.id = ANY (users)));
END $function$;
ALTER ROUTINE same_humans(uuid[]) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION same_humans(uuid[]) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.set_email_token_basis()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  NEW.basis := email_token_basis(NEW."userId", NEW.kind, NEW."companyId");
  RETURN NEW;
END $function$;
ALTER ROUTINE set_email_token_basis() OWNER TO bulwark_identity;

CREATE OR REPLACE FUNCTION public.sign_up_of_token(token_hash text)
 RETURNS TABLE(company_id uuid, id uuid, email text, name text, language text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT r."companyId", r.id, r.email, r.name, r.language FROM "SignUpRequest" r
    WHERE r."tokenHash" = token_hash AND r.status = 'unverified' AND r."expiresAt" > now();
END $function$;
ALTER ROUTINE sign_up_of_token(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION sign_up_of_token(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.sign_up_rules(company uuid)
 RETURNS TABLE(company_name text, mode text, domains text[], roles text[], preset text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT c.name, i."signUpMode"::text, i."signUpDomains", i."signUpRoles", i."passwordPreset"::text
    FROM "Company" c LEFT JOIN "SignInPolicy" i ON i."companyId" = c.id WHERE c.id = company;
END $function$;
ALTER ROUTINE sign_up_rules(uuid) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION sign_up_rules(uuid) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.store_webauthn_challenge(challenge_id uuid, challenge_kind text, target_user uuid, challenge text, seconds integer)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  INSERT INTO "WebAuthnChallenge" (id, kind, "userId", value, "expiresAt")
    VALUES (challenge_id, challenge_kind, target_user, challenge, now() + seconds * interval '1 second')
$function$;
ALTER ROUTINE store_webauthn_challenge(uuid,text,uuid,text,integer) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION store_webauthn_challenge(uuid,text,uuid,text,integer) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.user_for_invitation(given_email text, given_name text, given_language text, new_id uuid)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE found_id uuid;
BEGIN
  INSERT INTO "User" (id, email, name, language) VALUES (new_id, given_email, given_name, given_language) ON CONFLICT (email) DO NOTHING;
  SELECT p.id INTO found_id FROM "User" p WHERE p.email = given_email;
  -- Above READ COMMITTED, a user that another transaction has just added is taken but not yet visible.
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'user_for_invitation: the e-mail was added at the same time, try again' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN found_id;
END $function$;
ALTER ROUTINE user_for_invitation(text,text,text,uuid) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION user_for_invitation(text,text,text,uuid) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.user_for_sign_in(given_email text)
 RETURNS TABLE(id uuid, name text, password_hash text, companies uuid[])
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  SELECT p.id, p.name, c."passwordHash",
         ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
  FROM "User" p
  LEFT JOIN "Credential" c ON c."userId" = p.id
  WHERE p.email = given_email
$function$;
ALTER ROUTINE user_for_sign_in(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION user_for_sign_in(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.user_of_email_token(token_hash text)
 RETURNS TABLE(user_id uuid, email text, name text, language text, kind text, company_id uuid)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT p.id, p.email, p.name, p.language, t.kind::text, t."companyId"
    FROM "EmailToken" t JOIN "User" p ON p.id = t."userId"
    WHERE t.hash = token_hash AND t."usedAt" IS NULL AND t."expiresAt" > now()
      AND t.basis = email_token_basis(t."userId", t.kind, t."companyId");
END $function$;
ALTER ROUTINE user_of_email_token(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION user_of_email_token(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.user_of_mfa_challenge(token_hash text)
 RETURNS TABLE(user_id uuid, email text, name text, methods text[], companies uuid[])
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT p.id, p.email, p.name, s.methods,
      ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
    FROM "MfaChallenge" s JOIN "User" p ON p.id = s."userId"
    WHERE s.hash = token_hash AND s."expiresAt" > now();
END $function$;
ALTER ROUTINE user_of_mfa_challenge(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION user_of_mfa_challenge(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.user_of_passkey(credential text)
 RETURNS TABLE(passkey_id uuid, user_id uuid, email text, name text, public_key text, counter bigint, transports text[], companies uuid[])
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT k.id, p.id, p.email, p.name, k."publicKey", k.counter, k.transports,
      ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
    FROM "Passkey" k JOIN "User" p ON p.id = k."userId" WHERE k."credentialId" = credential;
END $function$;
ALTER ROUTINE user_of_passkey(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION user_of_passkey(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.user_of_refresh_token(token_hash text)
 RETURNS TABLE(token_id uuid, user_id uuid, company_id uuid, active boolean)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT t.id, t."userId", s."companyId",
      EXISTS (SELECT FROM "Membership" m WHERE m."userId" = t."userId" AND m."companyId" = s."companyId" AND m.status = 'active')
    FROM "RefreshToken" t JOIN "Session" s ON s.id = t."sessionId" WHERE t.hash = token_hash;
END $function$;
ALTER ROUTINE user_of_refresh_token(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION user_of_refresh_token(text) TO bulwark_app;

CREATE OR REPLACE FUNCTION public.user_of_trusted_device(token_hash text)
 RETURNS TABLE(device_id uuid, user_id uuid, email text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN QUERY SELECT d.id, p.id, p.email FROM "TrustedDevice" d JOIN "User" p ON p.id = d."userId"
    WHERE d.hash = token_hash AND d."expiresAt" > now();
END $function$;
ALTER ROUTINE user_of_trusted_device(text) OWNER TO bulwark_identity;
GRANT EXECUTE ON FUNCTION user_of_trusted_device(text) TO bulwark_app;
