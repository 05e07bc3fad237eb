-- Refresh tokens that rotate, access tokens that end with their session and their signing key, API keys that say why they are refused.
ALTER TABLE "RefreshToken" ADD COLUMN "successorId" UUID;

-- One exchange of a refresh token, in its user's context; the lock on the session puts those of one family in one order.
-- rotated: `next` is new. repeated: it was exchanged within the grace, and `successor` (sealed for the row `token`) is the family's newest, as
-- long as that is unused. replayed: it was exchanged longer ago. unknown: not there, expired, or its session has ended.
CREATE FUNCTION exchange_refresh_token(token_hash text, next_id uuid, next_hash text, next_sealed text, grace_seconds integer, lifetime_seconds integer)
RETURNS TABLE (outcome text, token uuid, next uuid, successor text, session text, issued_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  family "Session"%ROWTYPE;
  one "RefreshToken"%ROWTYPE;
  newest "RefreshToken"%ROWTYPE;
  moment timestamptz(3);
BEGIN
  outcome := 'unknown';
  -- a session that is rotated meanwhile has another id afterwards
  FOR attempt IN 1..3 LOOP
    SELECT s.* INTO family FROM "Session" s WHERE s.id = (SELECT t."sessionId" FROM "RefreshToken" t WHERE t.hash = token_hash) FOR UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  moment := clock_timestamp();   -- after the wait for the lock
  SELECT t.* INTO one FROM "RefreshToken" t WHERE t.hash = token_hash;
  IF one.id IS NULL OR family.id IS NULL OR one."expiresAt" <= moment OR least(family."expiresAt", family."absoluteExpiresAt") <= moment THEN
    RETURN NEXT;
    RETURN;
  END IF;
  token := one.id;
  session := family.id;
  IF one."usedAt" IS NULL THEN
    outcome := 'rotated';
    next := next_id;
    issued_at := moment;
    expires_at := least(moment + lifetime_seconds * interval '1 second', moment + family."idleSeconds" * interval '1 second', family."absoluteExpiresAt");
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
END $$;
REVOKE ALL ON FUNCTION exchange_refresh_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION exchange_refresh_token TO bulwark_app;

-- What the functions below read and write besides what 0003 and 0006 gave their owner.
CREATE POLICY identity_denies ON "RevokedToken" FOR INSERT TO bulwark_identity WITH CHECK (true);
GRANT INSERT (jti, "userId", "expiresAt") ON "RevokedToken" TO bulwark_identity;
GRANT SELECT ("createdAt") ON "RefreshToken" TO bulwark_identity;
GRANT SELECT (id, "retiredAt") ON "SigningKey" TO bulwark_identity;

DO $$ BEGIN
  PERFORM set_config('bulwark.able', CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(current_user, 'bulwark_identity', 'SET') ELSE pg_has_role(current_user, 'bulwark_identity', 'MEMBER') END::text, true);
  IF NOT current_setting('bulwark.able')::boolean THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
END $$;
SET LOCAL ROLE bulwark_identity;

DROP FUNCTION authenticate_api_key(uuid);
DROP FUNCTION authenticate_access_token(text, uuid);
DROP FUNCTION user_of_refresh_token(text);

-- What `authenticate` says of an access token's session; NULL when its own id has been revoked, or the key that signed it is retired. One round trip.
CREATE FUNCTION authenticate_access_token(token_hash text, token_id uuid, key_id text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM "RevokedToken" r WHERE r.jti = token_id) THEN RETURN NULL; END IF;
  IF NOT EXISTS (SELECT FROM "SigningKey" k WHERE k.id = key_id AND (k."retiredAt" IS NULL OR k."retiredAt" > now())) THEN RETURN NULL; END IF;
  RETURN authenticate(token_hash);
END $$;

-- Whose refresh token this is, used or not: a used one may be a replay, which the caller must hear of. `active`: still a member where it acts.
CREATE FUNCTION user_of_refresh_token(token_hash text) RETURNS TABLE (token_id uuid, user_id uuid, company_id uuid, active boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT t.id, t."userId", s."companyId",
      EXISTS (SELECT FROM "Membership" m WHERE m."userId" = t."userId" AND m."companyId" = s."companyId" AND m.status = 'active')
    FROM "RefreshToken" t JOIN "Session" s ON s.id = t."sessionId" WHERE t.hash = token_hash;
END $$;

-- All that a request with an API key needs, in one round trip. The id is in the key's text: the caller compares the hash before anything
-- else, and only who has the secret is told by `state` what is wrong with it.
CREATE FUNCTION authenticate_api_key(key_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'key', jsonb_build_object('id', k.id, 'hash', k.hash, 'allowedNetworks', k."allowedNetworks",
        'state', CASE WHEN k."revokedAt" IS NOT NULL THEN 'revoked' WHEN k."expiresAt" <= now() THEN 'expired' WHEN a."disabledAt" IS NOT NULL THEN 'disabled' ELSE 'valid' END),
      'account', jsonb_build_object('id', a.id, 'name', a.name, 'roles', a.roles),
      'company', jsonb_build_object('id', c.id, 'name', c.name, 'currency', c.currency),
      'customRoles', COALESCE((SELECT jsonb_object_agg(r.slug, jsonb_build_object('level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions))
                               FROM "Role" r WHERE r."companyId" = c.id AND r.slug = ANY (a.roles)), '{}'),
      'use', (SELECT jsonb_build_object('lastUsedAt', u."lastUsedAt", 'addresses', u.addresses) FROM "ApiKeyUse" u WHERE u."companyId" = k."companyId" AND u.id = k.id))
    FROM "ApiKey" k
    JOIN "ServiceAccount" a ON a."companyId" = k."companyId" AND a.id = k."serviceAccountId"
    JOIN "Company" c ON c.id = k."companyId"
    WHERE k.id = key_id
  );
END $$;

-- A session ends, by whichever way: its access tokens that have not expired are denied by their own ids, which are those of the refresh
-- tokens that they came with.
CREATE FUNCTION deny_access_tokens() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO "RevokedToken" (jti, "userId", "expiresAt")
    SELECT t.id, t."userId", t."createdAt" + interval '16 minutes' FROM "RefreshToken" t
    JOIN "User" p ON p.id = t."userId"   -- gone already when the session goes with its user
    WHERE t."sessionId" = OLD.id AND t."createdAt" > now() - interval '16 minutes' ON CONFLICT DO NOTHING;
  RETURN OLD;
END $$;
RESET ROLE;
CREATE TRIGGER deny_access_tokens BEFORE DELETE ON "Session" FOR EACH ROW EXECUTE FUNCTION deny_access_tokens();

DO $$
DECLARE function regprocedure;
BEGIN
  SET LOCAL ROLE bulwark_identity;
  FOR function IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner = 'bulwark_identity'::regrole LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', function);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO bulwark_app', function);
  END LOOP;
  RESET ROLE;
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT current_setting('bulwark.able')::boolean THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
