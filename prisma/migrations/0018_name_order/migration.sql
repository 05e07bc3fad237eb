-- Chapter 18. Names in the order of their letters (B22): `anna` before `Zoe`, `Émile` beside `Emil`. The root collation of CLDR depends on no
-- locale of the database's cluster, and is deterministic: equality, unique names and cursors compare bytes as before. The order belongs to the
-- column, so that lists, cursors and indexes have the same one. After a change of PostgreSQL's ICU library, its indexes are to be rebuilt
-- (docs/operations.md).
ALTER TABLE "Branch" ALTER COLUMN name TYPE text COLLATE "und-x-icu";
ALTER TABLE "Department" ALTER COLUMN name TYPE text COLLATE "und-x-icu";
ALTER TABLE "Team" ALTER COLUMN name TYPE text COLLATE "und-x-icu";
ALTER TABLE "Employee" ALTER COLUMN name TYPE text COLLATE "und-x-icu";
ALTER TABLE "Membership" ALTER COLUMN name TYPE text COLLATE "und-x-icu";
