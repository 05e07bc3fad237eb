-- Until when an invitation can be accepted; who has accepted has none.
ALTER TABLE "Membership" ADD COLUMN "invitedUntil" TIMESTAMPTZ(3),
    ADD CONSTRAINT "Membership_invited_check" CHECK ((status = 'invited') = ("invitedUntil" IS NOT NULL));
GRANT SELECT ("invitedUntil") ON "Membership" TO bulwark_identity;

DO $$ BEGIN
  PERFORM set_config('bulwark.able', CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(current_user, 'bulwark_identity', 'SET') ELSE pg_has_role(current_user, 'bulwark_identity', 'MEMBER') END::text, true);
  IF NOT current_setting('bulwark.able')::boolean THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
END $$;

-- Second factors are a company's to take from those who joined it, and not from whomever it invites.
CREATE PROCEDURE let_company_disable_members(target regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('DROP POLICY company_disables ON %s', target);
  EXECUTE format('CREATE POLICY company_disables ON %s FOR DELETE TO bulwark_identity USING '
    '(EXISTS (SELECT FROM public."Membership" m WHERE m."userId" = %1$s."userId" AND m."companyId" = (SELECT context_company()) AND m.status <> ''invited'') '
    'AND NOT EXISTS (SELECT FROM public."Membership" m WHERE m."userId" = %1$s."userId" AND m."companyId" <> (SELECT context_company()) AND m.status = ''active''))', target);
END $$;
CALL let_company_disable_members('"TotpFactor"');
CALL let_company_disable_members('"ContactFactor"');
CALL let_company_disable_members('"BackupCode"');
CALL let_company_disable_members('"Passkey"');
CALL let_company_disable_members('"TrustedDevice"');
CALL let_company_disable_members('"PendingSignIn"');
CALL let_company_disable_members('"OneTimeCode"');
CALL let_company_disable_members('"Session"');
DROP PROCEDURE let_company_disable_members;

SET LOCAL ROLE bulwark_identity;

CREATE OR REPLACE FUNCTION disable_factors(target_user uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE target text;
BEGIN
  IF NOT EXISTS (SELECT FROM "Membership" m WHERE m."userId" = target_user AND m."companyId" = context_company() AND m.status <> 'invited')
    OR EXISTS (SELECT FROM "Membership" m WHERE m."userId" = target_user AND m."companyId" <> context_company() AND m.status = 'active')
  THEN RETURN NULL; END IF;
  FOREACH target IN ARRAY ARRAY['TotpFactor', 'ContactFactor', 'BackupCode', 'Passkey', 'TrustedDevice', 'PendingSignIn', 'OneTimeCode', 'Session'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "userId" = $1', target) USING target_user;
  END LOOP;
  RETURN true;
END $$;

-- What the user of the context is invited to and can accept still.
CREATE FUNCTION own_invitations() RETURNS TABLE (company_id uuid, company_name text, roles text[], invited_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, m.roles, m."invitedUntil"::timestamptz FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
    WHERE m."userId" = context_user() AND m.status = 'invited' AND m."invitedUntil" > now() ORDER BY m."createdAt", m.id;
END $$;
REVOKE ALL ON FUNCTION own_invitations() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_invitations() TO bulwark_app;

RESET ROLE;
DO $$ BEGIN
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT current_setting('bulwark.able')::boolean THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
