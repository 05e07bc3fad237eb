#!/bin/bash
# Creates the roles of docs/operations.md, "Database roles", in an empty cluster. The image runs it once.
set -euo pipefail
# psql reads the passwords itself: its arguments can be read by every process of the machine
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<'SQL'
\set owner `cat /run/secrets/owner_password`
\set server `cat /run/secrets/server_password`
\set backup `cat /run/secrets/backup_password`
CREATE ROLE bulwark_app NOLOGIN;
CREATE ROLE bulwark_platform NOLOGIN;
CREATE ROLE bulwark_identity NOLOGIN;
CREATE ROLE bulwark_audit NOLOGIN;
CREATE ROLE bulwark_owner LOGIN PASSWORD :'owner' CREATEROLE;
GRANT bulwark_app, bulwark_platform, bulwark_identity, bulwark_audit TO bulwark_owner WITH ADMIN OPTION;
CREATE ROLE bulwark_server LOGIN PASSWORD :'server' IN ROLE bulwark_app;
CREATE ROLE bulwark_lister LOGIN PASSWORD :'server' IN ROLE bulwark_platform;
CREATE ROLE bulwark_backup LOGIN PASSWORD :'backup' BYPASSRLS IN ROLE pg_read_all_data;
CREATE DATABASE bulwark OWNER bulwark_owner ENCODING 'UTF8' TEMPLATE template0;
SQL
