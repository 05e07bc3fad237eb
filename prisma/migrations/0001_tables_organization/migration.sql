-- Chapter 1. Tables: organization (T1, T3).
-- A company is the tenant. Its keys, and every key that refers to them, lead with "companyId": a reference into another company cannot be written,
-- and the tables can be distributed by company. Chapters 1 to 6 are what Prisma generates from prisma/schema; the protections follow in chapter 7 and later.

CREATE TABLE "Company" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Company_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Branch" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Branch_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "Branch_companyId_name_key" ON "Branch"("companyId", "name");

CREATE TABLE "Department" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "branchId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Department_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "Department_companyId_branchId_id_key" ON "Department"("companyId", "branchId", "id");
CREATE UNIQUE INDEX "Department_companyId_name_key" ON "Department"("companyId", "name");

CREATE TABLE "Team" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "departmentId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "roles" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Team_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "Team_companyId_departmentId_id_key" ON "Team"("companyId", "departmentId", "id");
CREATE UNIQUE INDEX "Team_companyId_name_key" ON "Team"("companyId", "name");

ALTER TABLE "Branch" ADD CONSTRAINT "Branch_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Department" ADD CONSTRAINT "Department_companyId_branchId_fkey" FOREIGN KEY ("companyId", "branchId") REFERENCES "Branch"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "Department" ADD CONSTRAINT "Department_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Team" ADD CONSTRAINT "Team_companyId_departmentId_fkey" FOREIGN KEY ("companyId", "departmentId") REFERENCES "Department"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "Team" ADD CONSTRAINT "Team_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
