-- Chapter 17. Identity versions (A5, R6): a server that knows what `authenticate` said learns that nothing changed since, at a quarter of the cost.
-- Each company and each user has a version, which every change of what `authenticate` reads of them renews. One without a row has not changed
-- since the migration. Identity version updates never block each other: transactions that change the same company at once leave a row each,
-- and all rows together are the version.
CREATE TABLE identity_version (
  owner uuid NOT NULL,      -- a company or a user
  made_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  version uuid NOT NULL DEFAULT gen_random_uuid(),
  PRIMARY KEY (owner, made_in)
);
ALTER TABLE identity_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_version FORCE ROW LEVEL SECURITY;
REVOKE ALL ON identity_version FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity_version TO bulwark_identity;
CREATE POLICY identity_versions ON identity_version TO bulwark_identity USING (true) WITH CHECK (true);

-- Renews the version at the end of the transaction that changed something, and so with it or not at all: one row for all that it changes.
-- Older rows are deleted, but for those that another transaction is deleting. The last of them to commit has seen all others or left a row
-- beside theirs, so that no version ever returns. Argument: the column that holds the owner.
CREATE FUNCTION renew_identity_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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
END $$;

-- TRUNCATE fires no row trigger.
CREATE FUNCTION refuse_identity_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'TRUNCATE of % is refused: it renews no identity version; delete the rows', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- The version of all that `authenticate` would say of this session: what it says of the session's own row, and the versions of its user and
-- companies; NULL when it would say nothing. The first word changes with every migration that changes what `authenticate` says.
CREATE FUNCTION identity_version_of(token_hash text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$   -- a connection keeps its plan while tables grow
BEGIN
  RETURN (
    SELECT concat_ws(' ', '0017', ROW(s."userId", s."companyId", s."createdAt", s."lastUsedAt", s."expiresAt", s."absoluteExpiresAt", s."idleSeconds",
                                s.methods, s."mfaAt", s."rotateDue", s."enteredCompanies", s."longestIdleSeconds")::text,
        'of', ARRAY(SELECT i.version FROM identity_version i WHERE i.owner = s."userId" ORDER BY i.made_in),
        'in', ARRAY(SELECT concat(m."companyId", '=', i.version) FROM "Membership" m LEFT JOIN identity_version i ON i.owner = m."companyId"
         WHERE m."userId" = s."userId" AND m.status = 'active' ORDER BY m."companyId", i.made_in))
    FROM "Session" s WHERE s.id = token_hash AND s."expiresAt" > now() AND s."absoluteExpiresAt" > now()
  );
END $$;

-- NULL: no such session. '=': the version is `known_version` still. Else the version, a new line, and what `authenticate` says. All in the snapshot of one
-- statement.
CREATE FUNCTION authenticate_if_changed(token_hash text, known_version text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  version text := identity_version_of(token_hash);
BEGIN
  IF version = known_version THEN RETURN '='; END IF;
  RETURN version || E'\n' || authenticate(token_hash)::text;
END $$;

-- The same of an access token's session; NULL too when the token's own id is revoked or the key that signed it is retired.
CREATE FUNCTION authenticate_access_token_if_changed(token_hash text, token_id uuid, key_id text, known_version text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM "RevokedToken" r WHERE r.jti = token_id) THEN RETURN NULL; END IF;
  IF NOT EXISTS (SELECT FROM "SigningKey" k WHERE k.id = key_id AND (k."retiredAt" IS NULL OR k."retiredAt" > now())) THEN RETURN NULL; END IF;
  RETURN authenticate_if_changed(token_hash, known_version);
END $$;

-- Ahead of a write, in its transaction: aborts it unless `authenticate_if_changed` would say '='.
CREATE FUNCTION require_identity(token_hash text, known_version text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF identity_version_of(token_hash) = known_version THEN RETURN; END IF;
  RAISE EXCEPTION 'the identity has changed since it was cached' USING ERRCODE = 'BW001';
END $$;

-- Whatever `authenticate` reads beside the session itself. ALWAYS: also in a session with session_replication_role = replica.
DO $$
DECLARE
  watched record;
BEGIN
  FOR watched IN SELECT * FROM (VALUES
      ('Company', 'id'), ('Membership', 'companyId'), ('Team', 'companyId'), ('TeamMember', 'companyId'), ('Role', 'companyId'),
      ('SignInPolicy', 'companyId'), ('User', 'id'), ('TotpFactor', 'userId'), ('Passkey', 'userId'), ('ContactFactor', 'userId'),
      ('BackupCode', 'userId')) AS t (name, owner) LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER renew_identity_version AFTER INSERT OR UPDATE OR DELETE ON %I DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION renew_identity_version(%L)', watched.name, watched.owner);
    EXECUTE format('CREATE TRIGGER refuse_identity_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_identity_truncate()', watched.name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER renew_identity_version, ENABLE ALWAYS TRIGGER refuse_identity_truncate', watched.name);
  END LOOP;
END $$;
CALL protect_identity_function('renew_identity_version()', current_user);
CALL protect_identity_function('refuse_identity_truncate()', current_user);
CALL protect_identity_function('identity_version_of(text)', NULL);
CALL protect_identity_function('authenticate_if_changed(text, text)');
CALL protect_identity_function('require_identity(text, text)');
CALL protect_identity_function('authenticate_access_token_if_changed(text, uuid, text, text)');
