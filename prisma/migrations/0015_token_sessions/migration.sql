-- A session that goes on by tokens may lie unused for as long as its refresh tokens last, longer than one with a cookie: a change of roles
-- or of the policy cut it down to a cookie's idle time, so that an app was signed out within the days that it had been told.
DO $$ BEGIN
  PERFORM set_config('bulwark.able', CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(current_user, 'bulwark_identity', 'SET') ELSE pg_has_role(current_user, 'bulwark_identity', 'MEMBER') END::text, true);
  IF NOT current_setting('bulwark.able')::boolean THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
END $$;
SET LOCAL ROLE bulwark_identity;

DROP FUNCTION shorten_company_sessions(integer, integer, uuid);
-- Brings the sessions of the company of the context, or those of one user in it, within new limits; never lengthens one. `token_seconds`
-- is the idle time of those that have refresh tokens.
CREATE FUNCTION shorten_company_sessions(idle_seconds integer, token_seconds integer, absolute_seconds integer, target_user uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH within AS (
    SELECT s.id, CASE WHEN EXISTS (SELECT FROM "RefreshToken" t WHERE t."sessionId" = s.id) THEN token_seconds ELSE idle_seconds END AS idle
    FROM "Session" s WHERE s."companyId" = context_company() AND (target_user IS NULL OR s."userId" = target_user)),
  shortened AS (
    UPDATE "Session" s SET "idleSeconds" = least(s."idleSeconds", w.idle),
      "expiresAt" = least(s."expiresAt", now() + w.idle * interval '1 second', s."createdAt" + absolute_seconds * interval '1 second'),
      "absoluteExpiresAt" = least(s."absoluteExpiresAt", s."createdAt" + absolute_seconds * interval '1 second')
    FROM within w WHERE s.id = w.id RETURNING 1)
  SELECT count(*) FROM shortened
$$;
REVOKE ALL ON FUNCTION shorten_company_sessions(integer, integer, integer, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shorten_company_sessions(integer, integer, integer, uuid) TO bulwark_app;

RESET ROLE;
DO $$ BEGIN
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT current_setting('bulwark.able')::boolean THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
