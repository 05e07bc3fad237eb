-- Chapter 4. Tables: who belongs to a company and with which rights (R1 to R6), how people join it, and its service accounts and API keys.

CREATE TYPE "MembershipStatus" AS ENUM ('invited', 'active', 'suspended');
CREATE TYPE "AccessScope" AS ENUM ('company', 'branch', 'department', 'team', 'self');
CREATE TYPE "SignUpMode" AS ENUM ('open', 'domain', 'invitation', 'approval');
CREATE TYPE "SignUpStatus" AS ENUM ('unverified', 'waiting');
CREATE TYPE "PasswordPreset" AS ENUM ('classic', 'nist');

CREATE TABLE "Membership" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" "MembershipStatus" NOT NULL DEFAULT 'active',
    "roles" TEXT[],
    "branchId" UUID,
    "departmentId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "mfaRequired" BOOLEAN NOT NULL DEFAULT false,
    "mfaGraceFrom" TIMESTAMPTZ(3),
    "invitedUntil" TIMESTAMPTZ(3),
    "invitedById" UUID,

    CONSTRAINT "Membership_pkey" PRIMARY KEY ("companyId","id")
);
CREATE INDEX "Membership_companyId_branchId_departmentId_idx" ON "Membership"("companyId", "branchId", "departmentId");
CREATE INDEX "Membership_userId_idx" ON "Membership"("userId");
CREATE UNIQUE INDEX "Membership_companyId_email_key" ON "Membership"("companyId", "email");
CREATE UNIQUE INDEX "Membership_companyId_userId_key" ON "Membership"("companyId", "userId");

CREATE TABLE "Role" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "level" INTEGER NOT NULL,
    "accessScope" "AccessScope" NOT NULL,
    "readOnly" BOOLEAN NOT NULL DEFAULT false,
    "permissions" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Role_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "Role_companyId_slug_key" ON "Role"("companyId", "slug");

CREATE TABLE "TeamMember" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "membershipId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TeamMember_pkey" PRIMARY KEY ("companyId","id")
);
CREATE INDEX "TeamMember_companyId_membershipId_idx" ON "TeamMember"("companyId", "membershipId");
CREATE UNIQUE INDEX "TeamMember_companyId_teamId_membershipId_key" ON "TeamMember"("companyId", "teamId", "membershipId");

CREATE TABLE "SignInPolicy" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "signUpMode" "SignUpMode" NOT NULL DEFAULT 'invitation',
    "signUpDomains" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "signUpRoles" TEXT[] NOT NULL DEFAULT ARRAY['client'],
    "passwordPreset" "PasswordPreset" NOT NULL DEFAULT 'classic',
    "mfaRequired" BOOLEAN NOT NULL DEFAULT false,
    "mfaRoles" TEXT[] NOT NULL DEFAULT ARRAY['admin', 'staff', 'company_admin', 'hr_admin', 'finance_admin'],
    "mfaGraceDays" INTEGER NOT NULL DEFAULT 7,
    "stepUpMinutes" INTEGER NOT NULL DEFAULT 10,
    "trustedDeviceDays" INTEGER NOT NULL DEFAULT 14,
    "sessionIdleMinutes" INTEGER NOT NULL DEFAULT 1440,
    "sessionAbsoluteHours" INTEGER NOT NULL DEFAULT 720,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SignInPolicy_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "SignInPolicy_companyId_key" ON "SignInPolicy"("companyId");

CREATE TABLE "SignUpRequest" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" "SignUpStatus" NOT NULL DEFAULT 'unverified',
    "language" TEXT NOT NULL DEFAULT 'en',
    "tokenHash" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "verifiedAt" TIMESTAMPTZ(3),

    CONSTRAINT "SignUpRequest_pkey" PRIMARY KEY ("companyId","id")
);
CREATE INDEX "SignUpRequest_tokenHash_idx" ON "SignUpRequest"("tokenHash");
CREATE UNIQUE INDEX "SignUpRequest_companyId_email_key" ON "SignUpRequest"("companyId", "email");

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

CREATE TABLE "ApiKeyAnomaly" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "apiKeyId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "ApiKeyAnomaly_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "ApiKeyAnomaly_companyId_apiKeyId_kind_key" ON "ApiKeyAnomaly"("companyId", "apiKeyId", "kind");

CREATE TABLE "IdempotencyKey" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "keyHash" TEXT NOT NULL,
    "sealedRequest" TEXT NOT NULL,
    "sealedAnswer" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "IdempotencyKey_pkey" PRIMARY KEY ("companyId","id")
);
CREATE INDEX "IdempotencyKey_expiresAt_idx" ON "IdempotencyKey"("expiresAt");
CREATE UNIQUE INDEX "IdempotencyKey_companyId_userId_keyHash_key" ON "IdempotencyKey"("companyId", "userId", "keyHash");

-- When a second factor was first required of a user in a company; id is the user's. It outlives the requirement and the membership.
CREATE TABLE "MfaGrace" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MfaGrace_pkey" PRIMARY KEY ("companyId","id")
);
-- for deleting a user
CREATE INDEX "MfaGrace_id_idx" ON "MfaGrace"("id");

ALTER TABLE "Membership" ADD CONSTRAINT "Membership_companyId_branchId_fkey" FOREIGN KEY ("companyId", "branchId") REFERENCES "Branch"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_companyId_branchId_departmentId_fkey" FOREIGN KEY ("companyId", "branchId", "departmentId") REFERENCES "Department"("companyId", "branchId", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Role" ADD CONSTRAINT "Role_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_companyId_membershipId_fkey" FOREIGN KEY ("companyId", "membershipId") REFERENCES "Membership"("companyId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_companyId_teamId_fkey" FOREIGN KEY ("companyId", "teamId") REFERENCES "Team"("companyId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "SignInPolicy" ADD CONSTRAINT "SignInPolicy_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "SignUpRequest" ADD CONSTRAINT "SignUpRequest_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ServiceAccount" ADD CONSTRAINT "ServiceAccount_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_companyId_serviceAccountId_fkey" FOREIGN KEY ("companyId", "serviceAccountId") REFERENCES "ServiceAccount"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "ApiKeyUse" ADD CONSTRAINT "ApiKeyUse_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKeyUse" ADD CONSTRAINT "ApiKeyUse_companyId_id_fkey" FOREIGN KEY ("companyId", "id") REFERENCES "ApiKey"("companyId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKeyAnomaly" ADD CONSTRAINT "ApiKeyAnomaly_companyId_apiKeyId_fkey" FOREIGN KEY ("companyId", "apiKeyId") REFERENCES "ApiKey"("companyId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKeyAnomaly" ADD CONSTRAINT "ApiKeyAnomaly_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Only an invitation that was not accepted yet has an end.
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_invited_check" CHECK ((status = 'invited') = ("invitedUntil" IS NOT NULL));
-- A department without its branch would pass the foreign key, which PostgreSQL does not check while one of its columns is null.
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_place_check" CHECK ("departmentId" IS NULL OR "branchId" IS NOT NULL);
ALTER TABLE "MfaGrace" ADD CONSTRAINT "MfaGrace_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "MfaGrace" ADD CONSTRAINT "MfaGrace_id_fkey" FOREIGN KEY ("id") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "IdempotencyKey" ADD CONSTRAINT "IdempotencyKey_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
