-- Chapter 5. Tables: employees, attendance and payroll.
-- A department is named with its branch, and a team with its department, by one foreign key: no row names places that do not belong together (R4).
-- Columns with a companion "<name>Index" or "<name>Last4" are encrypted (E1): the companion is the blind index or the visible end.

CREATE TYPE "AttendanceStatus" AS ENUM ('recorded', 'approved');
CREATE TYPE "PayrollStatus" AS ENUM ('draft', 'submitted', 'approved', 'paid');

CREATE TABLE "Employee" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "branchId" UUID NOT NULL,
    "departmentId" UUID NOT NULL,
    "teamId" UUID,
    "userId" UUID,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "jobTitle" TEXT,
    "startedOn" DATE NOT NULL,
    "salary" TEXT,
    "iban" TEXT,
    "ibanIndex" TEXT,
    "ibanLast4" TEXT,
    "civilId" TEXT,
    "civilIdIndex" TEXT,
    "civilIdLast4" TEXT,
    "passport" TEXT,
    "passportLast4" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Employee_pkey" PRIMARY KEY ("companyId","id")
);
CREATE INDEX "Employee_companyId_branchId_departmentId_idx" ON "Employee"("companyId", "branchId", "departmentId");
CREATE INDEX "Employee_companyId_departmentId_teamId_idx" ON "Employee"("companyId", "departmentId", "teamId");
CREATE INDEX "Employee_companyId_ibanIndex_idx" ON "Employee"("companyId", "ibanIndex");
CREATE INDEX "Employee_companyId_name_id_idx" ON "Employee"("companyId", "name", "id");
CREATE INDEX "Employee_companyId_teamId_idx" ON "Employee"("companyId", "teamId");
CREATE UNIQUE INDEX "Employee_companyId_civilIdIndex_key" ON "Employee"("companyId", "civilIdIndex");
CREATE UNIQUE INDEX "Employee_companyId_email_key" ON "Employee"("companyId", "email");
CREATE UNIQUE INDEX "Employee_companyId_userId_key" ON "Employee"("companyId", "userId");

CREATE TABLE "Attendance" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "employeeId" UUID NOT NULL,
    "day" DATE NOT NULL,
    "minutes" INTEGER NOT NULL,
    "status" "AttendanceStatus" NOT NULL DEFAULT 'recorded',
    "recordedById" UUID NOT NULL,
    "approvedById" UUID,
    "approvedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Attendance_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "Attendance_companyId_employeeId_day_key" ON "Attendance"("companyId", "employeeId", "day");

CREATE TABLE "PayrollRun" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "period" TEXT NOT NULL,
    "status" "PayrollStatus" NOT NULL DEFAULT 'draft',
    "total" TEXT,
    "itemCount" INTEGER NOT NULL DEFAULT 0,
    "createdById" UUID NOT NULL,
    "submittedById" UUID,
    "submittedAt" TIMESTAMPTZ(3),
    "approvedById" UUID,
    "approvedAt" TIMESTAMPTZ(3),
    "paidById" UUID,
    "paidAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "PayrollRun_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "PayrollRun_companyId_period_key" ON "PayrollRun"("companyId", "period");

CREATE TABLE "PayrollItem" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "employeeId" UUID NOT NULL,
    "amount" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "PayrollItem_pkey" PRIMARY KEY ("companyId","id")
);
CREATE INDEX "PayrollItem_companyId_employeeId_idx" ON "PayrollItem"("companyId", "employeeId");
CREATE UNIQUE INDEX "PayrollItem_companyId_runId_employeeId_key" ON "PayrollItem"("companyId", "runId", "employeeId");

ALTER TABLE "Employee" ADD CONSTRAINT "Employee_companyId_branchId_fkey" FOREIGN KEY ("companyId", "branchId") REFERENCES "Branch"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "Employee" ADD CONSTRAINT "Employee_companyId_branchId_departmentId_fkey" FOREIGN KEY ("companyId", "branchId", "departmentId") REFERENCES "Department"("companyId", "branchId", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "Employee" ADD CONSTRAINT "Employee_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Employee" ADD CONSTRAINT "Employee_companyId_departmentId_teamId_fkey" FOREIGN KEY ("companyId", "departmentId", "teamId") REFERENCES "Team"("companyId", "departmentId", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "Employee" ADD CONSTRAINT "Employee_companyId_userId_fkey" FOREIGN KEY ("companyId", "userId") REFERENCES "Membership"("companyId", "userId") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "Attendance" ADD CONSTRAINT "Attendance_companyId_employeeId_fkey" FOREIGN KEY ("companyId", "employeeId") REFERENCES "Employee"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "Attendance" ADD CONSTRAINT "Attendance_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "PayrollRun" ADD CONSTRAINT "PayrollRun_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "PayrollItem" ADD CONSTRAINT "PayrollItem_companyId_employeeId_fkey" FOREIGN KEY ("companyId", "employeeId") REFERENCES "Employee"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "PayrollItem" ADD CONSTRAINT "PayrollItem_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "PayrollItem" ADD CONSTRAINT "PayrollItem_companyId_runId_fkey" FOREIGN KEY ("companyId", "runId") REFERENCES "PayrollRun"("companyId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
