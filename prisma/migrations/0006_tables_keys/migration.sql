-- Chapter 6. Tables: wrapped key material (E2, E3). No key stands here in plain text.

CREATE TABLE "DataKey" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "masterKey" TEXT NOT NULL,
    "wrapped" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "DataKey_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "DataKey_companyId_scope_purpose_version_key" ON "DataKey"("companyId", "scope", "purpose", "version");

CREATE TABLE "MasterKeyCheck" (
    "masterKey" TEXT NOT NULL,
    "proof" TEXT NOT NULL,

    CONSTRAINT "MasterKeyCheck_pkey" PRIMARY KEY ("masterKey")
);

CREATE TABLE "SigningKey" (
    "id" TEXT NOT NULL,
    "privateKey" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retiredAt" TIMESTAMPTZ(3),

    CONSTRAINT "SigningKey_pkey" PRIMARY KEY ("id")
);

ALTER TABLE "DataKey" ADD CONSTRAINT "DataKey_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
