-- Tables for every way in: passwords and their links, sign-up, second factors, devices, passkeys, tokens, API keys, and the counts of
-- failed tries.
ALTER TABLE "User" ADD COLUMN "language" TEXT NOT NULL DEFAULT 'en', ADD COLUMN "emailVerifiedAt" TIMESTAMPTZ(3),
    ADD COLUMN "recoveryEmail" TEXT, ADD COLUMN "recoveryEmailVerifiedAt" TIMESTAMPTZ(3);
ALTER TABLE "Session" ADD COLUMN "idleSeconds" INTEGER NOT NULL DEFAULT 86400, ADD COLUMN "methods" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    ADD COLUMN "mfaAt" TIMESTAMPTZ(3), ADD COLUMN "deviceName" TEXT;
CREATE INDEX "Session_expiresAt_idx" ON "Session"("expiresAt");
ALTER TABLE "Membership" ADD COLUMN "mfaRequired" BOOLEAN NOT NULL DEFAULT false, ADD COLUMN "mfaGraceFrom" TIMESTAMPTZ(3);

CREATE TYPE "EmailTokenKind" AS ENUM ('invitation', 'resetPassword', 'unlock', 'recoverMfa', 'verifyRecoveryEmail');
CREATE TYPE "SignUpStatus" AS ENUM ('unverified', 'waiting');
CREATE TYPE "SignUpMode" AS ENUM ('open', 'domain', 'invitation', 'approval');
CREATE TYPE "PasswordPreset" AS ENUM ('classic', 'nist');
CREATE TYPE "CodeChannel" AS ENUM ('email', 'sms');
CREATE TABLE "PasswordHistory" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "replacedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "PasswordHistory_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "PasswordHistory_userId_idx" ON "PasswordHistory"("userId");
CREATE TABLE "EmailToken" (
    "hash" TEXT NOT NULL,
    "userId" UUID NOT NULL,
    "kind" "EmailTokenKind" NOT NULL,
    "companyId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "EmailToken_pkey" PRIMARY KEY ("hash")
);
CREATE INDEX "EmailToken_userId_kind_idx" ON "EmailToken"("userId", "kind");
CREATE INDEX "EmailToken_expiresAt_idx" ON "EmailToken"("expiresAt");
CREATE INDEX "EmailToken_companyId_idx" ON "EmailToken"("companyId");
CREATE TABLE "SignUpRequest" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" "SignUpStatus" NOT NULL DEFAULT 'unverified',
    "tokenHash" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "verifiedAt" TIMESTAMPTZ(3),

    CONSTRAINT "SignUpRequest_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "SignUpRequest_companyId_email_key" ON "SignUpRequest"("companyId", "email");
CREATE INDEX "SignUpRequest_tokenHash_idx" ON "SignUpRequest"("tokenHash");
CREATE TABLE "SignInPolicy" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "signUpMode" "SignUpMode" NOT NULL DEFAULT 'invitation',
    "signUpDomains" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "signUpRoles" TEXT[] NOT NULL DEFAULT ARRAY['client']::TEXT[],
    "passwordPreset" "PasswordPreset" NOT NULL DEFAULT 'classic',
    "mfaRequired" BOOLEAN NOT NULL DEFAULT false,
    "mfaRoles" TEXT[] NOT NULL DEFAULT ARRAY['admin', 'staff', 'company_admin', 'hr_admin', 'finance_admin']::TEXT[],
    "mfaGraceDays" INTEGER NOT NULL DEFAULT 7,
    "stepUpMinutes" INTEGER NOT NULL DEFAULT 10,
    "trustedDeviceDays" INTEGER NOT NULL DEFAULT 14,
    "sessionIdleMinutes" INTEGER NOT NULL DEFAULT 1440,
    "sessionAbsoluteHours" INTEGER NOT NULL DEFAULT 720,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SignInPolicy_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "SignInPolicy_companyId_key" ON "SignInPolicy"("companyId");
CREATE TABLE "PendingSignIn" (
    "hash" TEXT NOT NULL,
    "userId" UUID NOT NULL,
    "ip" TEXT,
    "userAgent" TEXT,
    "methods" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "PendingSignIn_pkey" PRIMARY KEY ("hash")
);
CREATE INDEX "PendingSignIn_userId_idx" ON "PendingSignIn"("userId");
CREATE INDEX "PendingSignIn_expiresAt_idx" ON "PendingSignIn"("expiresAt");
CREATE TABLE "TotpFactor" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "secret" TEXT NOT NULL,
    "lastStep" BIGINT,
    "confirmedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TotpFactor_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "TotpFactor_userId_idx" ON "TotpFactor"("userId");
CREATE TABLE "ContactFactor" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "channel" "CodeChannel" NOT NULL,
    "destination" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "confirmedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ContactFactor_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "ContactFactor_userId_channel_key" ON "ContactFactor"("userId", "channel");
CREATE TABLE "OneTimeCode" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "channel" "CodeChannel" NOT NULL,
    "purpose" TEXT NOT NULL,
    "codeHash" TEXT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "OneTimeCode_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "OneTimeCode_userId_purpose_idx" ON "OneTimeCode"("userId", "purpose");
CREATE INDEX "OneTimeCode_expiresAt_idx" ON "OneTimeCode"("expiresAt");
CREATE TABLE "BackupCode" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "BackupCode_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "BackupCode_userId_hash_key" ON "BackupCode"("userId", "hash");
CREATE TABLE "TrustedDevice" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "ip" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TrustedDevice_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "TrustedDevice_hash_key" ON "TrustedDevice"("hash");
CREATE INDEX "TrustedDevice_userId_idx" ON "TrustedDevice"("userId");
CREATE INDEX "TrustedDevice_expiresAt_idx" ON "TrustedDevice"("expiresAt");
CREATE TABLE "Passkey" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "credentialId" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[],
    "deviceType" TEXT NOT NULL,
    "backedUp" BOOLEAN NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Passkey_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Passkey_credentialId_key" ON "Passkey"("credentialId");
CREATE INDEX "Passkey_userId_idx" ON "Passkey"("userId");
CREATE TABLE "RefreshToken" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "sessionId" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "successor" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "RefreshToken_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "RefreshToken_hash_key" ON "RefreshToken"("hash");
CREATE INDEX "RefreshToken_sessionId_idx" ON "RefreshToken"("sessionId");
CREATE INDEX "RefreshToken_userId_idx" ON "RefreshToken"("userId");
CREATE INDEX "RefreshToken_expiresAt_idx" ON "RefreshToken"("expiresAt");
CREATE TABLE "RevokedToken" (
    "jti" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RevokedToken_pkey" PRIMARY KEY ("jti")
);
CREATE INDEX "RevokedToken_userId_idx" ON "RevokedToken"("userId");
CREATE INDEX "RevokedToken_expiresAt_idx" ON "RevokedToken"("expiresAt");
CREATE TABLE "ServiceAccount" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "roles" TEXT[],
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabledAt" TIMESTAMPTZ(3),

    CONSTRAINT "ServiceAccount_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "ServiceAccount_companyId_name_key" ON "ServiceAccount"("companyId", "name");
CREATE TABLE "ApiKey" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "serviceAccountId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "allowedNetworks" TEXT[],
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),
    "rotatedToId" UUID,

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("companyId","id")
);
CREATE INDEX "ApiKey_companyId_serviceAccountId_idx" ON "ApiKey"("companyId", "serviceAccountId");
CREATE INDEX "ApiKey_id_idx" ON "ApiKey"("id");
CREATE TABLE "ApiKeyUse" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3) NOT NULL,
    "addresses" TEXT[],

    CONSTRAINT "ApiKeyUse_pkey" PRIMARY KEY ("companyId","id")
);
CREATE TABLE "Throttle" (
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lockouts" INTEGER NOT NULL DEFAULT 0,
    "lockedUntil" TIMESTAMPTZ(3),
    "failedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Throttle_pkey" PRIMARY KEY ("kind","subject")
);
CREATE INDEX "Throttle_failedAt_idx" ON "Throttle"("failedAt");
CREATE TABLE "Challenge" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "userId" UUID,
    "value" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Challenge_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "Challenge_expiresAt_idx" ON "Challenge"("expiresAt");
CREATE TABLE "SigningKey" (
    "id" TEXT NOT NULL,
    "privateKey" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retiredAt" TIMESTAMPTZ(3),

    CONSTRAINT "SigningKey_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "PasswordHistory" ADD CONSTRAINT "PasswordHistory_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EmailToken" ADD CONSTRAINT "EmailToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EmailToken" ADD CONSTRAINT "EmailToken_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "SignUpRequest" ADD CONSTRAINT "SignUpRequest_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "SignInPolicy" ADD CONSTRAINT "SignInPolicy_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "PendingSignIn" ADD CONSTRAINT "PendingSignIn_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TotpFactor" ADD CONSTRAINT "TotpFactor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ContactFactor" ADD CONSTRAINT "ContactFactor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "OneTimeCode" ADD CONSTRAINT "OneTimeCode_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "BackupCode" ADD CONSTRAINT "BackupCode_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TrustedDevice" ADD CONSTRAINT "TrustedDevice_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Passkey" ADD CONSTRAINT "Passkey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "RefreshToken" ADD CONSTRAINT "RefreshToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "RefreshToken" ADD CONSTRAINT "RefreshToken_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "RevokedToken" ADD CONSTRAINT "RevokedToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ServiceAccount" ADD CONSTRAINT "ServiceAccount_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_companyId_serviceAccountId_fkey" FOREIGN KEY ("companyId", "serviceAccountId") REFERENCES "ServiceAccount"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "ApiKeyUse" ADD CONSTRAINT "ApiKeyUse_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKeyUse" ADD CONSTRAINT "ApiKeyUse_companyId_id_fkey" FOREIGN KEY ("companyId", "id") REFERENCES "ApiKey"("companyId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whose rows these are.
CALL protect_user_table('"PasswordHistory"', 'userId');
CALL protect_user_table('"EmailToken"', 'userId');
CALL protect_user_table('"PendingSignIn"', 'userId');
CALL protect_user_table('"TotpFactor"', 'userId');
CALL protect_user_table('"ContactFactor"', 'userId');
CALL protect_user_table('"OneTimeCode"', 'userId');
CALL protect_user_table('"BackupCode"', 'userId');
CALL protect_user_table('"TrustedDevice"', 'userId');
CALL protect_user_table('"Passkey"', 'userId');
CALL protect_user_table('"RefreshToken"', 'userId');
CALL protect_user_table('"RevokedToken"', 'userId');
CALL protect_tenant_table('"SignUpRequest"');
CALL protect_tenant_table('"SignInPolicy"');
CALL protect_tenant_table('"ServiceAccount"');
CALL protect_tenant_table('"ApiKey"');
CALL protect_tenant_table('"ApiKeyUse"');
CALL audit_table('"SignInPolicy"');
CALL audit_table('"ServiceAccount"');
CALL audit_table('"ApiKey"');

-- Secrets that the server needs in the clear are sealed, under the platform's keys (auth/tokens/sealed-secret.ts).
CALL protect_sealed_column('"TotpFactor"', 'secret');
CALL protect_sealed_column('"ContactFactor"', 'destination');
CALL protect_sealed_column('"RefreshToken"', 'successor');
CALL protect_sealed_column('"SigningKey"', 'privateKey');

-- Nobody's rows: counts, and keys whose private half is sealed. A signing key is never rewritten, only retired.
REVOKE ALL ON "Throttle", "SigningKey", "Challenge" FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON "Throttle" TO bulwark_app;
GRANT SELECT, INSERT, UPDATE ("retiredAt"), DELETE ON "SigningKey" TO bulwark_app;

-- What must be known before the user or the company is: as in 0003_identity, each function answers whoever holds the key to it.
CREATE PROCEDURE let_identity_read(target regclass, columns text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY identity_reads ON %s FOR SELECT TO bulwark_identity USING (true)', target);
  EXECUTE format('GRANT SELECT (%s) ON %s TO bulwark_identity', columns, target);
END $$;
GRANT SELECT (language, "emailVerifiedAt") ON "User" TO bulwark_identity;
GRANT SELECT ("lastUsedAt", "idleSeconds", methods, "mfaAt") ON "Session" TO bulwark_identity;
GRANT SELECT ("mfaRequired", "mfaGraceFrom") ON "Membership" TO bulwark_identity;
CALL let_identity_read('"SignInPolicy"', '"companyId", "signUpMode", "signUpDomains", "signUpRoles", "passwordPreset", "mfaRequired", "mfaRoles", "mfaGraceDays", "stepUpMinutes", "trustedDeviceDays", "sessionIdleMinutes", "sessionAbsoluteHours"');
CALL let_identity_read('"SignUpRequest"', '"companyId", id, email, name, status, "tokenHash", "expiresAt"');
CALL let_identity_read('"EmailToken"', 'hash, "userId", kind, "companyId", "expiresAt", "usedAt"');
CALL let_identity_read('"PendingSignIn"', 'hash, "userId", methods, "expiresAt"');
CALL let_identity_read('"TotpFactor"', '"userId", "confirmedAt"');
CALL let_identity_read('"ContactFactor"', '"userId", channel, "confirmedAt"');
CALL let_identity_read('"OneTimeCode"', '"expiresAt"');
CALL let_identity_read('"BackupCode"', '"userId", "usedAt"');
CALL let_identity_read('"TrustedDevice"', '"expiresAt"');
CALL let_identity_read('"Passkey"', 'id, "userId", "credentialId", "publicKey", counter, transports');
CALL let_identity_read('"RefreshToken"', 'id, "userId", "sessionId", hash, "expiresAt", "usedAt"');
CALL let_identity_read('"RevokedToken"', 'jti, "expiresAt"');
CALL let_identity_read('"ServiceAccount"', '"companyId", id, name, roles, "disabledAt"');
CALL let_identity_read('"ApiKey"', '"companyId", id, "serviceAccountId", name, hash, "allowedNetworks", "expiresAt", "revokedAt", "rotatedToId"');
CALL let_identity_read('"ApiKeyUse"', '"companyId", id, "lastUsedAt", addresses');
DROP PROCEDURE let_identity_read;

-- What has expired may go, whoever's it is; nothing else may.
CREATE PROCEDURE let_identity_clean(target regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY identity_cleans ON %s FOR DELETE TO bulwark_identity USING ("expiresAt" < now())', target);
  EXECUTE format('GRANT DELETE ON %s TO bulwark_identity', target);
END $$;
CALL let_identity_clean('"Session"');
CALL let_identity_clean('"EmailToken"');
CALL let_identity_clean('"SignUpRequest"');
CALL let_identity_clean('"PendingSignIn"');
CALL let_identity_clean('"OneTimeCode"');
CALL let_identity_clean('"TrustedDevice"');
CALL let_identity_clean('"RefreshToken"');
CALL let_identity_clean('"RevokedToken"');
DROP PROCEDURE let_identity_clean;
GRANT SELECT, INSERT, DELETE ON "Challenge" TO bulwark_identity;
GRANT SELECT, DELETE ON "Throttle" TO bulwark_identity;

-- A company ends and shortens the sessions that act in it, and no others.
CREATE POLICY identity_ends ON "Session" FOR DELETE TO bulwark_identity USING ("companyId" = (SELECT context_company()));
CREATE POLICY identity_shortens ON "Session" FOR UPDATE TO bulwark_identity USING ("companyId" = (SELECT context_company()));
GRANT UPDATE ("expiresAt", "absoluteExpiresAt", "idleSeconds") ON "Session" TO bulwark_identity;

-- The functions are made by their owner: membership in it, and its right to create, each for this moment only.
DO $$ BEGIN
  PERFORM set_config('bulwark.able', CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(current_user, 'bulwark_identity', 'SET') ELSE pg_has_role(current_user, 'bulwark_identity', 'MEMBER') END::text, true);
  IF NOT current_setting('bulwark.able')::boolean THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
END $$;
SET LOCAL ROLE bulwark_identity;

-- As in 0003_identity, with what second factors, step-up and session limits ask for. `factors` are those that could be used now.
-- `policy` is the company's row, NULL while it has none: then the defaults of auth/authorization/sign-in-policy.ts hold.
CREATE OR REPLACE FUNCTION authenticate(token_hash text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'session', jsonb_build_object('id', s.id, 'companyId', s."companyId", 'createdAt', s."createdAt", 'lastUsedAt', s."lastUsedAt",
                                    'expiresAt', s."expiresAt", 'absoluteExpiresAt', s."absoluteExpiresAt",
                                    'idleSeconds', s."idleSeconds", 'methods', s.methods, 'mfaAt', s."mfaAt"),
      'user', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name, 'language', p.language,
                                   'emailVerified', p."emailVerifiedAt" IS NOT NULL, 'factors', array_remove(ARRAY[
        CASE WHEN EXISTS (SELECT FROM "TotpFactor" f WHERE f."userId" = p.id AND f."confirmedAt" IS NOT NULL) THEN 'totp' END,
        CASE WHEN EXISTS (SELECT FROM "Passkey" f WHERE f."userId" = p.id) THEN 'passkey' END,
        CASE WHEN EXISTS (SELECT FROM "ContactFactor" f WHERE f."userId" = p.id AND f.channel = 'email' AND f."confirmedAt" IS NOT NULL) THEN 'email' END,
        CASE WHEN EXISTS (SELECT FROM "ContactFactor" f WHERE f."userId" = p.id AND f.channel = 'sms' AND f."confirmedAt" IS NOT NULL) THEN 'sms' END,
        CASE WHEN EXISTS (SELECT FROM "BackupCode" f WHERE f."userId" = p.id AND f."usedAt" IS NULL) THEN 'backupCode' END], NULL)),
      'memberships', COALESCE((
        SELECT jsonb_agg(jsonb_build_object(
          'id', m.id, 'roles', m.roles, 'branchId', m."branchId", 'departmentId', m."departmentId",
          'mfaRequired', m."mfaRequired", 'mfaGraceFrom', m."mfaGraceFrom",
          'policy', (SELECT jsonb_build_object('mfaRequired', i."mfaRequired", 'mfaRoles', i."mfaRoles", 'mfaGraceDays', i."mfaGraceDays",
                                               'stepUpMinutes', i."stepUpMinutes", 'trustedDeviceDays', i."trustedDeviceDays",
                                               'sessionIdleMinutes', i."sessionIdleMinutes", 'sessionAbsoluteHours', i."sessionAbsoluteHours")
                     FROM "SignInPolicy" i WHERE i."companyId" = m."companyId"),
          'company', (SELECT jsonb_build_object('id', c.id, 'name', c.name, 'currency', c.currency) FROM "Company" c WHERE c.id = m."companyId"),
          'teams', teams.list,
          'customRoles', COALESCE((
            SELECT jsonb_object_agg(r.slug, jsonb_build_object('level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions))
            FROM "Role" r
            WHERE r."companyId" = m."companyId" AND r.slug = ANY (m.roles || teams.roles)), '{}')
        ) ORDER BY m."createdAt", m.id)
        FROM "Membership" m
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
END $$;

-- The same for an access token that names its session's hash: NULL when its own id has been revoked. One statement, one round trip.
CREATE FUNCTION authenticate_access_token(token_hash text, token_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM "RevokedToken" r WHERE r.jti = token_id) THEN RETURN NULL; END IF;
  RETURN authenticate(token_hash);
END $$;

-- Whose link this is, while it is unused and holds. The caller uses it up in the user's own context.
CREATE FUNCTION user_of_email_token(token_hash text) RETURNS TABLE (user_id uuid, email text, name text, language text, kind text, company_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT p.id, p.email, p.name, p.language, t.kind::text, t."companyId"
    FROM "EmailToken" t JOIN "User" p ON p.id = t."userId"
    WHERE t.hash = token_hash AND t."usedAt" IS NULL AND t."expiresAt" > now();
END $$;

-- How strangers may join a company, to who names it; NULL columns while it has no policy of its own, no row when there is no such company.
CREATE FUNCTION sign_up_rules(company uuid) RETURNS TABLE (company_name text, mode text, domains text[], roles text[], preset text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT c.name, i."signUpMode"::text, i."signUpDomains", i."signUpRoles", i."passwordPreset"::text
    FROM "Company" c LEFT JOIN "SignInPolicy" i ON i."companyId" = c.id WHERE c.id = company;
END $$;

CREATE FUNCTION sign_up_of_token(token_hash text) RETURNS TABLE (company_id uuid, id uuid, email text, name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT r."companyId", r.id, r.email, r.name FROM "SignUpRequest" r
    WHERE r."tokenHash" = token_hash AND r.status = 'unverified' AND r."expiresAt" > now();
END $$;

-- What the user's companies ask of passwords and sessions, one row for each active membership, in the user's own context.
CREATE FUNCTION own_sign_in_policies() RETURNS TABLE (company_id uuid, company_name text, roles text[], policy jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name,
      m.roles || ARRAY(SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
                       WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id),
      (SELECT to_jsonb(i) FROM (SELECT "passwordPreset", "mfaRequired", "mfaRoles", "mfaGraceDays", "stepUpMinutes", "trustedDeviceDays",
                                       "sessionIdleMinutes", "sessionAbsoluteHours" FROM "SignInPolicy" WHERE "companyId" = c.id) i)
    FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
    WHERE m."userId" = context_user() AND m.status = 'active' ORDER BY m."createdAt", m.id;
END $$;

-- Who has given the right password and owes the second factor.
CREATE FUNCTION user_of_pending_sign_in(token_hash text) RETURNS TABLE (user_id uuid, email text, name text, methods text[], companies uuid[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT p.id, p.email, p.name, s.methods,
      ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
    FROM "PendingSignIn" s JOIN "User" p ON p.id = s."userId"
    WHERE s.hash = token_hash AND s."expiresAt" > now();
END $$;

-- Whose passkey this is, with the companies where they are an active member, oldest first.
CREATE FUNCTION user_of_passkey(credential text)
RETURNS TABLE (passkey_id uuid, user_id uuid, email text, name text, public_key text, counter bigint, transports text[], companies uuid[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT k.id, p.id, p.email, p.name, k."publicKey", k.counter, k.transports,
      ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
    FROM "Passkey" k JOIN "User" p ON p.id = k."userId" WHERE k."credentialId" = credential;
END $$;

-- A WebAuthn challenge is kept, and taken once: of two that come with the same one, one gets it.
CREATE FUNCTION keep_challenge(challenge_id uuid, challenge_kind text, target_user uuid, challenge text, seconds integer) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO "Challenge" (id, kind, "userId", value, "expiresAt") VALUES (challenge_id, challenge_kind, target_user, challenge, now() + seconds * interval '1 second')
$$;
CREATE FUNCTION take_challenge(challenge_id uuid, challenge_kind text) RETURNS TABLE (user_id uuid, challenge text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH taken AS (DELETE FROM "Challenge" WHERE id = challenge_id AND kind = challenge_kind RETURNING "userId", value, "expiresAt")
  SELECT "userId", value FROM taken WHERE "expiresAt" > now()
$$;

-- Whose refresh token this is, used or not: a used one is a replay, which the caller must hear of.
CREATE FUNCTION user_of_refresh_token(token_hash text) RETURNS TABLE (token_id uuid, user_id uuid, session_id text, used_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT t.id, t."userId", t."sessionId", t."usedAt"::timestamptz, t."expiresAt"::timestamptz FROM "RefreshToken" t WHERE t.hash = token_hash;
END $$;

-- All that a request with an API key needs, in one round trip. The id is in the key's text; the caller compares the hash.
CREATE FUNCTION authenticate_api_key(key_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'key', jsonb_build_object('id', k.id, 'hash', k.hash, 'name', k.name, 'allowedNetworks', k."allowedNetworks", 'expiresAt', k."expiresAt"),
      'account', jsonb_build_object('id', a.id, 'name', a.name, 'roles', a.roles),
      'company', jsonb_build_object('id', c.id, 'name', c.name, 'currency', c.currency),
      'customRoles', COALESCE((SELECT jsonb_object_agg(r.slug, jsonb_build_object('level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions))
                               FROM "Role" r WHERE r."companyId" = c.id AND r.slug = ANY (a.roles)), '{}'),
      'use', (SELECT jsonb_build_object('lastUsedAt', u."lastUsedAt", 'addresses', u.addresses) FROM "ApiKeyUse" u WHERE u."companyId" = k."companyId" AND u.id = k.id))
    FROM "ApiKey" k
    JOIN "ServiceAccount" a ON a."companyId" = k."companyId" AND a.id = k."serviceAccountId"
    JOIN "Company" c ON c.id = k."companyId"
    WHERE k.id = key_id AND k."revokedAt" IS NULL AND k."expiresAt" > now() AND a."disabledAt" IS NULL
  );
END $$;

-- Ends a user's sessions in the company of the context, from the next request on.
CREATE FUNCTION end_company_sessions(target_user uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH ended AS (DELETE FROM "Session" WHERE "userId" = target_user AND "companyId" = context_company() RETURNING 1) SELECT count(*) FROM ended
$$;
-- Brings the sessions of the company of the context within new limits; never lengthens one.
CREATE FUNCTION shorten_company_sessions(idle_seconds integer, absolute_seconds integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH shortened AS (
    UPDATE "Session" SET "idleSeconds" = least("idleSeconds", idle_seconds),
      "expiresAt" = least("expiresAt", now() + idle_seconds * interval '1 second', "createdAt" + absolute_seconds * interval '1 second'),
      "absoluteExpiresAt" = least("absoluteExpiresAt", "createdAt" + absolute_seconds * interval '1 second')
    WHERE "companyId" = context_company() RETURNING 1)
  SELECT count(*) FROM shortened
$$;

-- Deletes what has expired, whoever's it is, and tells how much of each.
CREATE FUNCTION delete_expired(throttle_seconds integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  target text;
  gone bigint;
  result jsonb := '{}';
BEGIN
  FOREACH target IN ARRAY ARRAY['Session', 'EmailToken', 'SignUpRequest', 'PendingSignIn', 'OneTimeCode', 'Challenge', 'TrustedDevice', 'RefreshToken', 'RevokedToken'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "expiresAt" < now()', target);
    GET DIAGNOSTICS gone = ROW_COUNT;
    result := result || jsonb_build_object(target, gone);
  END LOOP;
  DELETE FROM "Throttle" WHERE "failedAt" < now() - throttle_seconds * interval '1 second' AND COALESCE("lockedUntil", "failedAt") < now() - throttle_seconds * interval '1 second';
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN result || jsonb_build_object('Throttle', gone);
END $$;

DO $$
DECLARE function regprocedure;
BEGIN
  FOR function IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner = 'bulwark_identity'::regrole LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', function);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO bulwark_app', function);
  END LOOP;
END $$;
RESET ROLE;
DO $$ BEGIN
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT current_setting('bulwark.able')::boolean THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;

-- One finished try at a secret, counted for each of its subjects (an account, an address) in one step, so that tries which come at the same
-- time stand in one order: what comes after the last allowed failure is refused, right or wrong. While a subject is locked nothing is
-- counted. A success clears the subjects of `clearing`; a lock lasts `first_lock`, doubled for each one that went before.
CREATE FUNCTION settle_try(given_kind text, subjects text[], allowed integer[], clearing boolean[], succeeded boolean,
  first_lock integer, longest_lock integer, window_seconds integer, memory_seconds integer)
RETURNS TABLE (accepted boolean, wait_seconds integer, locked text[]) LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  moment timestamptz;
  until timestamptz;
  one record;
BEGIN
  IF NOT succeeded THEN
    INSERT INTO "Throttle" (kind, subject) SELECT given_kind, s FROM unnest(subjects) s ORDER BY s ON CONFLICT DO NOTHING;
  END IF;
  PERFORM FROM "Throttle" t WHERE t.kind = given_kind AND t.subject = ANY (subjects) ORDER BY t.subject FOR UPDATE;
  moment := clock_timestamp();   -- after the wait for the rows
  SELECT max(t."lockedUntil") INTO until FROM "Throttle" t WHERE t.kind = given_kind AND t.subject = ANY (subjects);
  locked := '{}';
  IF until > moment THEN
    accepted := false;
  ELSIF succeeded THEN
    accepted := true;
    DELETE FROM "Throttle" t USING unnest(subjects, clearing) AS given (subject, clears)
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
                        CASE WHEN COALESCE(was."lockedUntil", was."failedAt") < moment - memory_seconds * interval '1 second' THEN 0 ELSE was.lockouts END AS lockouts
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
END $$;
REVOKE ALL ON FUNCTION settle_try FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settle_try TO bulwark_app;
