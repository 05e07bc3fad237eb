-- Second factors under administration: a company's administrator takes those of a user away, and sees how many have one.
DO $$ BEGIN
  PERFORM set_config('bulwark.able', CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(current_user, 'bulwark_identity', 'SET') ELSE pg_has_role(current_user, 'bulwark_identity', 'MEMBER') END::text, true);
  IF NOT current_setting('bulwark.able')::boolean THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
END $$;

-- Only rows of users who are members of the company of the context, and of no other one: else one company could lay another's members open.
CREATE PROCEDURE let_company_disable(target regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY company_disables ON %s FOR DELETE TO bulwark_identity USING '
    '(EXISTS (SELECT FROM public."Membership" m WHERE m."userId" = %1$s."userId" AND m."companyId" = (SELECT context_company())) '
    'AND NOT EXISTS (SELECT FROM public."Membership" m WHERE m."userId" = %1$s."userId" AND m."companyId" <> (SELECT context_company()) AND m.status = ''active''))', target);
  EXECUTE format('GRANT DELETE ON %s TO bulwark_identity', target);
END $$;
CALL let_company_disable('"TotpFactor"');
CALL let_company_disable('"ContactFactor"');
CALL let_company_disable('"BackupCode"');
CALL let_company_disable('"Passkey"');
CALL let_company_disable('"TrustedDevice"');
CALL let_company_disable('"PendingSignIn"');
CALL let_company_disable('"OneTimeCode"');
CALL let_company_disable('"Session"');
DROP PROCEDURE let_company_disable;
GRANT SELECT ("userId") ON "OneTimeCode" TO bulwark_identity;
GRANT SELECT (id, "userId", hash) ON "TrustedDevice" TO bulwark_identity;

-- Enrolments that nobody confirmed go with what has expired.
CREATE PROCEDURE let_identity_clean_unconfirmed(target regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY identity_cleans ON %s FOR DELETE TO bulwark_identity USING ("confirmedAt" IS NULL AND "createdAt" < now() - interval ''1 day'')', target);
  EXECUTE format('GRANT SELECT ("createdAt") ON %s TO bulwark_identity', target);
END $$;
CALL let_identity_clean_unconfirmed('"TotpFactor"');
CALL let_identity_clean_unconfirmed('"ContactFactor"');
DROP PROCEDURE let_identity_clean_unconfirmed;

SET LOCAL ROLE bulwark_identity;

-- Takes every second factor, trusted device and session from a member of the company of the context. NULL, and nothing is done, for nobody of it,
-- and for who is an active member elsewhere too: their factors protect another company as well.
CREATE FUNCTION disable_factors(target_user uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE target text;
BEGIN
  IF NOT EXISTS (SELECT FROM "Membership" m WHERE m."userId" = target_user AND m."companyId" = context_company())
    OR EXISTS (SELECT FROM "Membership" m WHERE m."userId" = target_user AND m."companyId" <> context_company() AND m.status = 'active')
  THEN RETURN NULL; END IF;
  FOREACH target IN ARRAY ARRAY['TotpFactor', 'ContactFactor', 'BackupCode', 'Passkey', 'TrustedDevice', 'PendingSignIn', 'OneTimeCode', 'Session'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "userId" = $1', target) USING target_user;
  END LOOP;
  RETURN true;
END $$;

-- How many active members of a company have a second factor: all of them (role NULL), and by each role, their teams' included.
CREATE FUNCTION adoption_in(company uuid) RETURNS TABLE (role text, members integer, protected integer)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT given.role, count(*)::int, (count(*) FILTER (WHERE held.protected))::int
  FROM "Membership" m
  CROSS JOIN LATERAL (SELECT
      EXISTS (SELECT FROM "TotpFactor" f WHERE f."userId" = m."userId" AND f."confirmedAt" IS NOT NULL)
      OR EXISTS (SELECT FROM "Passkey" f WHERE f."userId" = m."userId")
      OR EXISTS (SELECT FROM "ContactFactor" f WHERE f."userId" = m."userId" AND f."confirmedAt" IS NOT NULL) AS protected) held
  CROSS JOIN LATERAL (
      SELECT NULL AS role UNION SELECT unnest(m.roles)
      UNION SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
            WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) given
  WHERE m."companyId" = company AND m.status = 'active' GROUP BY given.role ORDER BY given.role NULLS FIRST
$$;
REVOKE ALL ON FUNCTION adoption_in(uuid) FROM PUBLIC;
CREATE FUNCTION factor_adoption() RETURNS TABLE (role text, members integer, protected integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$ SELECT * FROM adoption_in(context_company()) $$;
-- The same of every company, for the platform: figures, and nobody's name.
CREATE FUNCTION factor_adoption_of_companies() RETURNS TABLE (company_id uuid, company_name text, members integer, protected integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.id, c.name, COALESCE(a.members, 0), COALESCE(a.protected, 0)
  FROM "Company" c LEFT JOIN LATERAL (SELECT * FROM adoption_in(c.id) f WHERE f.role IS NULL) a ON true ORDER BY c.id
$$;

-- Whose trusted device this is, while it is one.
CREATE FUNCTION user_of_trusted_device(token_hash text) RETURNS TABLE (device_id uuid, user_id uuid, email text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT d.id, p.id, p.email FROM "TrustedDevice" d JOIN "User" p ON p.id = d."userId"
    WHERE d.hash = token_hash AND d."expiresAt" > now();
END $$;

CREATE OR REPLACE FUNCTION delete_expired(throttle_seconds integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  target text;
  gone bigint;
  result jsonb := '{}';
BEGIN
  FOREACH target IN ARRAY ARRAY['Session', 'EmailToken', 'SignUpRequest', 'PendingSignIn', 'OneTimeCode', 'Challenge', 'TrustedDevice', 'RefreshToken', 'RevokedToken'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "expiresAt" < now()', target);
    GET DIAGNOSTICS gone = ROW_COUNT;
    result := result || jsonb_build_object(target, gone);
  END LOOP;
  FOREACH target IN ARRAY ARRAY['TotpFactor', 'ContactFactor'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "confirmedAt" IS NULL AND "createdAt" < now() - interval ''1 day''', target);
    GET DIAGNOSTICS gone = ROW_COUNT;
    result := result || jsonb_build_object(target, gone);
  END LOOP;
  DELETE FROM "Throttle" WHERE "failedAt" < now() - throttle_seconds * interval '1 second' AND COALESCE("lockedUntil", "failedAt") < now() - throttle_seconds * interval '1 second';
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN result || jsonb_build_object('Throttle', gone);
END $$;

REVOKE ALL ON FUNCTION disable_factors(uuid), factor_adoption(), factor_adoption_of_companies(), user_of_trusted_device(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION disable_factors(uuid), factor_adoption(), user_of_trusted_device(text) TO bulwark_app;
GRANT EXECUTE ON FUNCTION factor_adoption_of_companies() TO bulwark_platform;

RESET ROLE;
DO $$ BEGIN
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT current_setting('bulwark.able')::boolean THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
