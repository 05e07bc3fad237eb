-- Chapter 12. Ending, limiting and refreshing sessions (A3, A5, A6, R6), and an administrator's view of second factors (M7).

-- Keeps the longest time that a session has lain unused, however its use is noted.
CREATE FUNCTION keep_longest_idle() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW."longestIdleSeconds" := greatest(OLD."longestIdleSeconds", floor(extract(epoch FROM NEW."lastUsedAt" - OLD."lastUsedAt"))::int);
  RETURN NEW;
END $$;
CREATE TRIGGER keep_longest_idle BEFORE UPDATE OF "lastUsedAt" ON "Session" FOR EACH ROW EXECUTE FUNCTION keep_longest_idle();
REVOKE ALL ON FUNCTION keep_longest_idle FROM PUBLIC;

-- Ends a user's sessions that act in the context's company or have acted there, from their next request on.
CREATE FUNCTION revoke_company_sessions(target_user uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH ended AS (DELETE FROM "Session" 
    WHERE "userId" = target_user AND context_company() = ANY ("companyId" || "enteredCompanies") RETURNING 1)
  SELECT count(*) FROM ended
$$;
CALL protect_identity_function('revoke_company_sessions(uuid)');

-- Brings the sessions in the context's company, or those of one user in it, within new limits, and never lengthens one. A session that
-- continues by refresh tokens may idle for `token_seconds`, one with a cookie for `idle_seconds`.
CREATE FUNCTION limit_company_sessions(idle_seconds integer, token_seconds integer, absolute_seconds integer, target_user uuid) RETURNS bigint
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
CALL protect_identity_function('limit_company_sessions(integer, integer, integer, uuid)');

-- Requires a new token of the sessions that act in the context's company or have acted there and belong to these members, to members of these teams, or to holders of
-- these roles of its own. Called when rights changed.
CREATE FUNCTION require_session_rotation(memberships uuid[], teams uuid[], roles uuid[]) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH held AS (
    SELECT m.id, m."userId", m.roles || ARRAY(
        SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
        WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) AS roles
    FROM "Membership" m WHERE m."companyId" = context_company()),
  marked AS (
    UPDATE "Session" s SET "rotateDue" = true FROM held h
    WHERE context_company() = ANY (s."companyId" || s."enteredCompanies") AND s."userId" = h."userId" AND (
      h.id = ANY (memberships)
      OR EXISTS (SELECT FROM "TeamMember" tm
                 WHERE tm."companyId" = context_company() AND tm."membershipId" = h.id AND tm."teamId" = ANY (teams))
      OR EXISTS (SELECT FROM "Role" r WHERE r."companyId" = context_company() AND r.id = ANY ($3) AND r.slug = ANY (h.roles)))
    RETURNING 1)
  SELECT count(*) FROM marked
$$;
CALL protect_identity_function('require_session_rotation(uuid[], uuid[], uuid[])');

-- The user of a refresh token, used or not: a used one may be a replay, which the caller must learn. `active`: still a member of the company
-- in which the session acts.
CREATE FUNCTION user_of_refresh_token(token_hash text) RETURNS TABLE (token_id uuid, user_id uuid, company_id uuid, active boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT t.id, t."userId", s."companyId",
      EXISTS (SELECT FROM "Membership" m WHERE m."userId" = t."userId" AND m."companyId" = s."companyId" AND m.status = 'active')
    FROM "RefreshToken" t JOIN "Session" s ON s.id = t."sessionId" WHERE t.hash = token_hash;
END $$;
CALL protect_identity_function('user_of_refresh_token(text)');

-- Exchanges a refresh token, as the server's role in its user's context. The lock on the session puts the exchanges of one family in order.
--   rotated   `next` is new
--   repeated  the token was exchanged within the grace: `successor` (encrypted for the row `token`) is the family's newest unused token
--   replayed  the token was exchanged before the grace
--   unknown   no such token, or it or its session has expired
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
  -- A session that is rotated meanwhile has another id afterwards.
  FOR attempt IN 1..3 LOOP
    SELECT s.* INTO family FROM "Session" s
      WHERE s.id = (SELECT t."sessionId" FROM "RefreshToken" t WHERE t.hash = token_hash) FOR UPDATE;
    EXIT WHEN FOUND;
  END LOOP;
  moment := clock_timestamp();   -- after the wait for the lock
  SELECT t.* INTO one FROM "RefreshToken" t WHERE t.hash = token_hash;
  IF one.id IS NULL OR family.id IS NULL OR one."expiresAt" <= moment
     OR least(family."expiresAt", family."absoluteExpiresAt") <= moment THEN
    RETURN NEXT;
    RETURN;
  END IF;
  token := one.id;
  session := family.id;
  IF one."usedAt" IS NULL THEN
    outcome := 'rotated';
    next := next_id;
    issued_at := moment;
    expires_at := least(moment + lifetime_seconds * interval '1 second', moment + family."idleSeconds" * interval '1 second',
                        family."absoluteExpiresAt");
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

-- A session ends, in whichever way: its access tokens that have not expired are revoked by their ids, which are those of the refresh tokens
-- they were issued with.
CREATE FUNCTION deny_access_tokens() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO "RevokedToken" (jti, "userId", "expiresAt")
    SELECT t.id, t."userId", t."createdAt" + interval '16 minutes' FROM "RefreshToken" t
    JOIN "User" p ON p.id = t."userId"   -- already deleted when the session is deleted with its user
    WHERE t."sessionId" = OLD.id AND t."createdAt" > now() - interval '16 minutes' ON CONFLICT DO NOTHING;
  RETURN OLD;
END $$;
CREATE TRIGGER deny_access_tokens BEFORE DELETE ON "Session" FOR EACH ROW EXECUTE FUNCTION deny_access_tokens();
CALL protect_identity_function('deny_access_tokens()', current_user);

-- Removes every second factor, trusted device and session of a member of the context's company. NULL, and nothing is removed, for a user who
-- has not joined it, and for one who is an active member elsewhere: their factors protect another company as well.
CREATE FUNCTION disable_factors(target_user uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE target text;
BEGIN
  IF NOT EXISTS (SELECT FROM "Membership" m
                 WHERE m."userId" = target_user AND m."companyId" = context_company() AND m.status <> 'invited')
    OR EXISTS (SELECT FROM "Membership" m WHERE m."userId" = target_user AND m."companyId" <> context_company() AND m.status = 'active')
  THEN RETURN NULL; END IF;
  FOREACH target IN ARRAY ARRAY['TotpFactor', 'ContactFactor', 'BackupCode', 'Passkey', 'TrustedDevice', 'MfaChallenge',
                                'OneTimeCode', 'Session'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "userId" = $1', target) USING target_user;
  END LOOP;
  RETURN true;
END $$;
CALL protect_identity_function('disable_factors(uuid)');

-- How many active members of a company have a second factor: of all (role NULL), and of each role, those of their teams included.
CREATE FUNCTION factor_adoption_in(company uuid) RETURNS TABLE (role text, members integer, protected integer)
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
CREATE FUNCTION factor_adoption() RETURNS TABLE (role text, members integer, protected integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$ SELECT * FROM factor_adoption_in(context_company()) $$;
-- The same of some companies, for the platform: figures without names of members.
CREATE FUNCTION factor_adoption_of_companies(companies uuid[]) RETURNS TABLE (company_id uuid, members integer, protected integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.id, COALESCE(a.members, 0), COALESCE(a.protected, 0)
  FROM unnest(companies) c (id) LEFT JOIN LATERAL (SELECT * FROM factor_adoption_in(c.id) f WHERE f.role IS NULL) a ON true
$$;
CALL protect_identity_function('factor_adoption_in(uuid)', NULL);
CALL protect_identity_function('factor_adoption()');
CALL protect_identity_function('factor_adoption_of_companies(uuid[])', 'bulwark_platform');
