-- Who is invited or asks to join hears of it in the language that they, or who invited them, named.
ALTER TABLE "SignUpRequest" ADD COLUMN "language" TEXT NOT NULL DEFAULT 'en';
GRANT INSERT (language) ON "User" TO bulwark_identity;
GRANT SELECT (language) ON "SignUpRequest" TO bulwark_identity;

DO $$ BEGIN
  PERFORM set_config('bulwark.able', CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(current_user, 'bulwark_identity', 'SET') ELSE pg_has_role(current_user, 'bulwark_identity', 'MEMBER') END::text, true);
  IF NOT current_setting('bulwark.able')::boolean THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
END $$;
SET LOCAL ROLE bulwark_identity;

DROP FUNCTION user_for_invitation(text, text, uuid);
DROP FUNCTION sign_up_of_token(text);

-- The user with this e-mail, made when there is none. Only the id comes back, never the name or language that somebody else gave.
CREATE FUNCTION user_for_invitation(given_email text, given_name text, given_language text, new_id uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE found_id uuid;
BEGIN
  INSERT INTO "User" (id, email, name, language) VALUES (new_id, given_email, given_name, given_language) ON CONFLICT (email) DO NOTHING;
  SELECT p.id INTO found_id FROM "User" p WHERE p.email = given_email;
  -- Above READ COMMITTED, a user that another transaction has just added is taken but not yet visible.
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'user_for_invitation: the e-mail was added at the same time, try again' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN found_id;
END $$;

CREATE FUNCTION sign_up_of_token(token_hash text) RETURNS TABLE (company_id uuid, id uuid, email text, name text, language text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT r."companyId", r.id, r.email, r.name, r.language FROM "SignUpRequest" r
    WHERE r."tokenHash" = token_hash AND r.status = 'unverified' AND r."expiresAt" > now();
END $$;

REVOKE ALL ON FUNCTION user_for_invitation(text, text, text, uuid), sign_up_of_token(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION user_for_invitation(text, text, text, uuid), sign_up_of_token(text) TO bulwark_app;

RESET ROLE;
DO $$ BEGIN
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT current_setting('bulwark.able')::boolean THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
