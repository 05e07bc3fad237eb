-- The peers' tables: the same people as in the product's, in plain columns, with the same indexes. PostGraphile connects as
-- plain_server, which row-level security holds to one company; bare, raw and the NestJS kit connect as the owner, whom it does not.
DROP SCHEMA IF EXISTS plain, kit CASCADE;
CREATE SCHEMA plain;
SET search_path = plain;

CREATE TABLE company (id uuid PRIMARY KEY, name text NOT NULL, currency text NOT NULL);
CREATE TABLE "user" (id uuid PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE);
CREATE TABLE membership (
  id uuid PRIMARY KEY, "companyId" uuid NOT NULL REFERENCES company, "userId" uuid NOT NULL REFERENCES "user", roles text[] NOT NULL,
  UNIQUE ("companyId", "userId"));
CREATE TABLE branch (id uuid PRIMARY KEY, "companyId" uuid NOT NULL REFERENCES company, name text NOT NULL);
CREATE TABLE department (
  id uuid PRIMARY KEY, "companyId" uuid NOT NULL REFERENCES company, "branchId" uuid NOT NULL REFERENCES branch, name text NOT NULL,
  UNIQUE ("companyId", name));
CREATE TABLE employee (
  id uuid PRIMARY KEY, "companyId" uuid NOT NULL REFERENCES company, "branchId" uuid NOT NULL REFERENCES branch,
  "departmentId" uuid NOT NULL REFERENCES department, name text NOT NULL, email text NOT NULL, "jobTitle" text,
  "startedOn" date NOT NULL, salary text, iban text, passport text);
CREATE TABLE attendance (
  id uuid PRIMARY KEY, "companyId" uuid NOT NULL REFERENCES company, "employeeId" uuid NOT NULL REFERENCES employee,
  day date NOT NULL, minutes int NOT NULL, status text NOT NULL);

-- The kit's employees: salary, IBAN and passport as prisma-field-encryption writes them, its IBAN hash for searching, and its record.
CREATE SCHEMA kit;
CREATE TABLE kit.employee (LIKE employee INCLUDING ALL);
ALTER TABLE kit.employee ADD COLUMN "ibanHash" text;
CREATE TABLE kit.audit (
  id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), "companyId" uuid NOT NULL, "userId" uuid NOT NULL, action text NOT NULL,
  entity text NOT NULL, "entityId" uuid NOT NULL, before jsonb, after jsonb);
CREATE INDEX ON kit.audit ("companyId", at);

-- Grants of the server role, and row-level security.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plain_server') THEN CREATE ROLE plain_server LOGIN; END IF;
END $$;
GRANT USAGE ON SCHEMA plain TO plain_server;
CREATE FUNCTION my_company() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(current_setting('app.company_id', true), '')::uuid $$;
CREATE FUNCTION my_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(current_setting('app.user_id', true), '')::uuid $$;
COMMENT ON FUNCTION my_company() IS E'@behavior -*';
COMMENT ON FUNCTION my_user() IS E'@behavior -*';
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['membership', 'branch', 'department', 'employee', 'attendance'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own ON %I TO plain_server USING ("companyId" = (SELECT plain.my_company()))', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO plain_server', name);
  END LOOP;
END $$;
ALTER TABLE company ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON company TO plain_server USING (id = (SELECT plain.my_company()));
ALTER TABLE "user" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON "user" TO plain_server USING (id = (SELECT plain.my_user()));
GRANT SELECT ON company, "user" TO plain_server;

-- PostGraphile's way to a field of one's own: functions.
CREATE FUNCTION current_company() RETURNS company LANGUAGE sql STABLE AS $$ SELECT * FROM plain.company WHERE id = plain.my_company() $$;
CREATE FUNCTION viewer() RETURNS membership LANGUAGE sql STABLE
  AS $$ SELECT * FROM plain.membership WHERE "userId" = plain.my_user() AND "companyId" = plain.my_company() $$;
