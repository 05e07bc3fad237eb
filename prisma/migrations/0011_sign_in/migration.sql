-- Chapter 11. Signing in, signing up and accepting an invitation (A1, A7, M1 to M6).

-- The user with this e-mail, the hash that the password is verified against, and the companies of which they are an active member, oldest
-- first. No row for an unknown e-mail.
CREATE FUNCTION user_for_sign_in(given_email text) RETURNS TABLE (id uuid, name text, password_hash text, companies uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.id, p.name, c."passwordHash",
         ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
  FROM "User" p
  LEFT JOIN "Credential" c ON c."userId" = p.id
  WHERE p.email = given_email
$$;
CALL protect_identity_function('user_for_sign_in(text)');

-- What the companies of the context's user require of passwords, sessions and second factors, one row for each active membership.
-- `own_level` is the highest level among the roles that the company defined itself.
CREATE FUNCTION own_sign_in_policies() RETURNS TABLE (company_id uuid, company_name text, roles text[], own_level integer, policy jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, held.roles,
      (SELECT COALESCE(max(r.level), 0) FROM "Role" r WHERE r."companyId" = c.id AND r.slug = ANY (held.roles)),
      (SELECT to_jsonb(i) FROM (
        SELECT "passwordPreset", "mfaRequired", "mfaRoles", "mfaGraceDays", "stepUpMinutes", "trustedDeviceDays",
               "sessionIdleMinutes", "sessionAbsoluteHours" FROM "SignInPolicy" WHERE "companyId" = c.id) i)
    FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
    CROSS JOIN LATERAL (SELECT m.roles || ARRAY(
      SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
      WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) AS roles) held
    WHERE m."userId" = context_user() AND m.status = 'active' ORDER BY m."createdAt", m.id;
END $$;
CALL protect_identity_function('own_sign_in_policies()');

-- The user whose password was right and whose second factor is outstanding.
CREATE FUNCTION user_of_mfa_challenge(token_hash text)
RETURNS TABLE (user_id uuid, email text, name text, methods text[], companies uuid[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT p.id, p.email, p.name, s.methods,
      ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
    FROM "MfaChallenge" s JOIN "User" p ON p.id = s."userId"
    WHERE s.hash = token_hash AND s."expiresAt" > now();
END $$;
CALL protect_identity_function('user_of_mfa_challenge(text)');

-- The passkey with this credential id, its user, and the companies of which they are an active member, oldest first.
CREATE FUNCTION user_of_passkey(credential text)
RETURNS TABLE (passkey_id uuid, user_id uuid, email text, name text, public_key text, counter bigint, transports text[], companies uuid[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT k.id, p.id, p.email, p.name, k."publicKey", k.counter, k.transports,
      ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
    FROM "Passkey" k JOIN "User" p ON p.id = k."userId" WHERE k."credentialId" = credential;
END $$;
CALL protect_identity_function('user_of_passkey(text)');

-- Stores a WebAuthn challenge.
CREATE FUNCTION store_webauthn_challenge(challenge_id uuid, challenge_kind text, target_user uuid, challenge text, seconds integer) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO "WebAuthnChallenge" (id, kind, "userId", value, "expiresAt")
    VALUES (challenge_id, challenge_kind, target_user, challenge, now() + seconds * interval '1 second')
$$;
CALL protect_identity_function('store_webauthn_challenge(uuid, text, uuid, text, integer)');

-- Takes a WebAuthn challenge: of two requests that bring the same one, one gets it.
CREATE FUNCTION consume_webauthn_challenge(challenge_id uuid, challenge_kind text) RETURNS TABLE (user_id uuid, challenge text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH taken AS (DELETE FROM "WebAuthnChallenge" WHERE id = challenge_id AND kind = challenge_kind RETURNING "userId", value, "expiresAt")
  SELECT "userId", value FROM taken WHERE "expiresAt" > now()
$$;
CALL protect_identity_function('consume_webauthn_challenge(uuid, text)');

-- The user of a trusted device that has not expired.
CREATE FUNCTION user_of_trusted_device(token_hash text) RETURNS TABLE (device_id uuid, user_id uuid, email text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT d.id, p.id, p.email FROM "TrustedDevice" d JOIN "User" p ON p.id = d."userId"
    WHERE d.hash = token_hash AND d."expiresAt" > now();
END $$;
CALL protect_identity_function('user_of_trusted_device(text)');

-- What an e-mail token of this kind rests on at the moment, hashed: the address it is mailed to, and by kind the version of the password,
-- the recovery address, the second factors, and the membership with its roles and place. Whatever is listed here makes the token void when
-- it changes.
CREATE FUNCTION email_token_basis(target_user uuid, token_kind "EmailTokenKind", company uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(p.email,
      CASE WHEN token_kind IN ('resetPassword', 'unlock', 'recoverMfa', 'verifyRecoveryEmail') THEN
        (SELECT extract(epoch FROM c."changedAt") FROM "Credential" c WHERE c."userId" = p.id) END,
      CASE WHEN token_kind IN ('recoverMfa', 'verifyRecoveryEmail') THEN
        jsonb_build_array(p."recoveryEmail", extract(epoch FROM p."recoveryEmailVerifiedAt")) END,
      CASE WHEN token_kind = 'recoverMfa' THEN jsonb_build_array(
        ARRAY(SELECT extract(epoch FROM f."confirmedAt") FROM "TotpFactor" f WHERE f."userId" = p.id AND f."confirmedAt" IS NOT NULL),
        ARRAY(SELECT jsonb_build_array(f.channel, extract(epoch FROM f."confirmedAt")) FROM "ContactFactor" f
              WHERE f."userId" = p.id AND f."confirmedAt" IS NOT NULL ORDER BY f.channel),
        ARRAY(SELECT k.id FROM "Passkey" k WHERE k."userId" = p.id ORDER BY k.id)) END,
      CASE WHEN token_kind = 'invitation' THEN
        (SELECT jsonb_build_array(m.id, m.status, m.roles, m."branchId", m."departmentId")
         FROM "Membership" m WHERE m."companyId" = company AND m."userId" = p.id) END)::text, 'UTF8')), 'hex')
  FROM "User" p WHERE p.id = target_user
$$;
CALL protect_identity_function('email_token_basis(uuid, "EmailTokenKind", uuid)', NULL);

CREATE FUNCTION set_email_token_basis() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.basis := email_token_basis(NEW."userId", NEW.kind, NEW."companyId");
  RETURN NEW;
END $$;
CREATE TRIGGER basis BEFORE INSERT ON "EmailToken"
  FOR EACH ROW EXECUTE FUNCTION set_email_token_basis();
CALL protect_identity_function('set_email_token_basis()', NULL);

-- The user of an e-mail token that is unused, has not expired, and rests on what it was mailed for. The caller marks it used in that
-- user's context.
CREATE FUNCTION user_of_email_token(token_hash text)
RETURNS TABLE (user_id uuid, email text, name text, language text, kind text, company_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT p.id, p.email, p.name, p.language, t.kind::text, t."companyId"
    FROM "EmailToken" t JOIN "User" p ON p.id = t."userId"
    WHERE t.hash = token_hash AND t."usedAt" IS NULL AND t."expiresAt" > now()
      AND t.basis = email_token_basis(t."userId", t.kind, t."companyId");
END $$;
CALL protect_identity_function('user_of_email_token(text)');

-- How strangers may join this company. NULL columns while it has no policy of its own; no row when there is no such company.
CREATE FUNCTION sign_up_rules(company uuid) RETURNS TABLE (company_name text, mode text, domains text[], roles text[], preset text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT c.name, i."signUpMode"::text, i."signUpDomains", i."signUpRoles", i."passwordPreset"::text
    FROM "Company" c LEFT JOIN "SignInPolicy" i ON i."companyId" = c.id WHERE c.id = company;
END $$;
CALL protect_identity_function('sign_up_rules(uuid)');

-- The sign-up request whose e-mail this token verifies.
CREATE FUNCTION sign_up_of_token(token_hash text) RETURNS TABLE (company_id uuid, id uuid, email text, name text, language text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT r."companyId", r.id, r.email, r.name, r.language FROM "SignUpRequest" r
    WHERE r."tokenHash" = token_hash AND r.status = 'unverified' AND r."expiresAt" > now();
END $$;
CALL protect_identity_function('sign_up_of_token(text)');

-- The id of the user with this e-mail, who is added if there is none. Name and language of an existing user are not told.
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
CALL protect_identity_function('user_for_invitation(text, text, text, uuid)');

-- These users, and every member of the context's company who shares a verified address with one of them: for four eyes, one human. A
-- subaddress (RFC 5233) is the same mailbox.
CREATE FUNCTION same_humans(users uuid[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (WITH address AS (
      SELECT u.id, lower(regexp_replace(a.email, '\+[^@]*@', '@')) AS mailbox FROM "User" u
      CROSS JOIN LATERAL (VALUES (u.email, u."emailVerifiedAt"), (u."recoveryEmail", u."recoveryEmailVerifiedAt")) a (email, verified)
      WHERE a.email IS NOT NULL AND a.verified IS NOT NULL
        AND (u.id = ANY (users) OR EXISTS (SELECT FROM "Membership" m WHERE m."userId" = u.id AND m."companyId" = context_company())))
    SELECT ARRAY(SELECT unnest(users) UNION
      SELECT other.id FROM address own JOIN address other ON other.mailbox = own.mailbox WHERE own.id = ANY (users)));
END $$;
CALL protect_identity_function('same_humans(uuid[])');

-- The invitations that the context's user can still accept.
CREATE FUNCTION own_invitations() RETURNS TABLE (company_id uuid, company_name text, roles text[], invited_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, m.roles, m."invitedUntil"::timestamptz FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
    WHERE m."userId" = context_user() AND m.status = 'invited' AND m."invitedUntil" > now() ORDER BY m."createdAt", m.id;
END $$;
CALL protect_identity_function('own_invitations()');
