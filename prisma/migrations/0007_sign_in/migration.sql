-- Session limits depend on the highest level among a user's roles: the company's own ones are told with theirs. A change of one
-- user's roles shortens that user's sessions.
DO $$ BEGIN
  PERFORM set_config('bulwark.able', CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(current_user, 'bulwark_identity', 'SET') ELSE pg_has_role(current_user, 'bulwark_identity', 'MEMBER') END::text, true);
  IF NOT current_setting('bulwark.able')::boolean THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
END $$;
SET LOCAL ROLE bulwark_identity;

DROP FUNCTION own_sign_in_policies();
CREATE FUNCTION own_sign_in_policies() RETURNS TABLE (company_id uuid, company_name text, roles text[], own_level integer, policy jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, held.roles,
      (SELECT COALESCE(max(r.level), 0) FROM "Role" r WHERE r."companyId" = c.id AND r.slug = ANY (held.roles)),
      (SELECT to_jsonb(i) FROM (SELECT "passwordPreset", "mfaRequired", "mfaRoles", "mfaGraceDays", "stepUpMinutes", "trustedDeviceDays",
                                       "sessionIdleMinutes", "sessionAbsoluteHours" FROM "SignInPolicy" WHERE "companyId" = c.id) i)
    FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
    CROSS JOIN LATERAL (SELECT m.roles || ARRAY(
      SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
      WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) AS roles) held
    WHERE m."userId" = context_user() AND m.status = 'active' ORDER BY m."createdAt", m.id;
END $$;

DROP FUNCTION shorten_company_sessions(integer, integer);
-- Brings the sessions of the company of the context, or those of one user in it, within new limits; never lengthens one.
CREATE FUNCTION shorten_company_sessions(idle_seconds integer, absolute_seconds integer, target_user uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH shortened AS (
    UPDATE "Session" SET "idleSeconds" = least("idleSeconds", idle_seconds),
      "expiresAt" = least("expiresAt", now() + idle_seconds * interval '1 second', "createdAt" + absolute_seconds * interval '1 second'),
      "absoluteExpiresAt" = least("absoluteExpiresAt", "createdAt" + absolute_seconds * interval '1 second')
    WHERE "companyId" = context_company() AND (target_user IS NULL OR "userId" = target_user) RETURNING 1)
  SELECT count(*) FROM shortened
$$;
REVOKE ALL ON FUNCTION own_sign_in_policies(), shorten_company_sessions(integer, integer, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_sign_in_policies(), shorten_company_sessions(integer, integer, uuid) TO bulwark_app;

RESET ROLE;
DO $$ BEGIN
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT current_setting('bulwark.able')::boolean THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
