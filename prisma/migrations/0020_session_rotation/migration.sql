-- A session whose user's rights somebody else changed gets a new token with its next request that brings a cookie. The former one holds for a
-- moment more: requests of the same time carry it, and an answer with the new one may be lost.
ALTER TABLE "Session" ADD COLUMN "rotateDue" BOOLEAN NOT NULL DEFAULT false;
CREATE TABLE "FormerSession" (
    "id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "userId" UUID NOT NULL,
    "sessionId" TEXT NOT NULL,
    "successor" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FormerSession_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "FormerSession_hash_key" ON "FormerSession"("hash");
CREATE INDEX "FormerSession_userId_idx" ON "FormerSession"("userId");
CREATE INDEX "FormerSession_expiresAt_idx" ON "FormerSession"("expiresAt");
ALTER TABLE "FormerSession" ADD CONSTRAINT "FormerSession_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CALL protect_user_table('"FormerSession"', 'userId');
CALL protect_sealed_column('"FormerSession"', 'successor');

CREATE POLICY identity_reads ON "FormerSession" FOR SELECT TO bulwark_identity USING (true);
CREATE POLICY identity_cleans ON "FormerSession" FOR DELETE TO bulwark_identity USING ("expiresAt" < now());
GRANT SELECT (id, hash, "sessionId", successor, "expiresAt"), DELETE ON "FormerSession" TO bulwark_identity;
GRANT SELECT ("rotateDue"), UPDATE ("rotateDue") ON "Session" TO bulwark_identity;
GRANT SELECT (id) ON "Role" TO bulwark_identity;

DO $$ BEGIN
  PERFORM set_config('bulwark.able', CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(current_user, 'bulwark_identity', 'SET') ELSE pg_has_role(current_user, 'bulwark_identity', 'MEMBER') END::text, true);
  IF NOT current_setting('bulwark.able')::boolean THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
END $$;
SET LOCAL ROLE bulwark_identity;

-- As in 0006_ways_in, with whether the session is due for a new token.
CREATE OR REPLACE FUNCTION authenticate(token_hash text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'session', jsonb_build_object('id', s.id, 'companyId', s."companyId", 'createdAt', s."createdAt", 'lastUsedAt', s."lastUsedAt",
                                    'expiresAt', s."expiresAt", 'absoluteExpiresAt', s."absoluteExpiresAt",
                                    'idleSeconds', s."idleSeconds", 'methods', s.methods, 'mfaAt', s."mfaAt", 'rotateDue', s."rotateDue"),
      'user', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name, 'language', p.language,
                                   'emailVerified', p."emailVerifiedAt" IS NOT NULL, 'factors', array_remove(ARRAY[
        CASE WHEN EXISTS (SELECT FROM "TotpFactor" f WHERE f."userId" = p.id AND f."confirmedAt" IS NOT NULL) THEN 'totp' END,
        CASE WHEN EXISTS (SELECT FROM "Passkey" f WHERE f."userId" = p.id) THEN 'passkey' END,
        CASE WHEN EXISTS (SELECT FROM "ContactFactor" f WHERE f."userId" = p.id AND f.channel = 'email' AND f."confirmedAt" IS NOT NULL) THEN 'email' END,
        CASE WHEN EXISTS (SELECT FROM "ContactFactor" f WHERE f."userId" = p.id AND f.channel = 'sms' AND f."confirmedAt" IS NOT NULL) THEN 'sms' END,
        CASE WHEN EXISTS (SELECT FROM "BackupCode" f WHERE f."userId" = p.id AND f."usedAt" IS NULL) THEN 'backupCode' END], NULL)),
      'memberships', COALESCE((
        SELECT jsonb_agg(jsonb_build_object(
          'id', m.id, 'roles', m.roles, 'branchId', m."branchId", 'departmentId', m."departmentId",
          'mfaRequired', m."mfaRequired", 'mfaGraceFrom', m."mfaGraceFrom",
          'policy', (SELECT jsonb_build_object('mfaRequired', i."mfaRequired", 'mfaRoles', i."mfaRoles", 'mfaGraceDays', i."mfaGraceDays",
                                               'stepUpMinutes', i."stepUpMinutes", 'trustedDeviceDays', i."trustedDeviceDays",
                                               'sessionIdleMinutes', i."sessionIdleMinutes", 'sessionAbsoluteHours', i."sessionAbsoluteHours")
                     FROM "SignInPolicy" i WHERE i."companyId" = m."companyId"),
          'company', (SELECT jsonb_build_object('id', c.id, 'name', c.name, 'currency', c.currency) FROM "Company" c WHERE c.id = m."companyId"),
          'teams', teams.list,
          'customRoles', COALESCE((
            SELECT jsonb_object_agg(r.slug, jsonb_build_object('level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions))
            FROM "Role" r
            WHERE r."companyId" = m."companyId" AND r.slug = ANY (m.roles || teams.roles)), '{}')
        ) ORDER BY m."createdAt", m.id)
        FROM "Membership" m
        CROSS JOIN LATERAL (
          SELECT COALESCE(jsonb_agg(jsonb_build_object('id', t.id, 'roles', t.roles) ORDER BY t.id), '[]') AS list,
                 ARRAY(SELECT unnest(t2.roles) FROM "TeamMember" tm2
                       JOIN "Team" t2 ON t2."companyId" = tm2."companyId" AND t2.id = tm2."teamId"
                       WHERE tm2."companyId" = m."companyId" AND tm2."membershipId" = m.id) AS roles
          FROM "TeamMember" tm
          JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
          WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id
        ) teams
        WHERE m."userId" = p.id AND m.status = 'active'), '[]'))
    FROM "Session" s
    JOIN "User" p ON p.id = s."userId"
    WHERE s.id = token_hash AND s."expiresAt" > now() AND s."absoluteExpiresAt" > now()
  );
END $$;

-- What `authenticate` says of the session that this token was the last one of, a moment ago. Once the session has ended, or got a new token
-- in another way, there is none of that id.
CREATE FUNCTION authenticate_former(token_hash text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT authenticate(f."sessionId") || jsonb_build_object('former', jsonb_build_object('id', f.id, 'successor', f.successor))
          FROM "FormerSession" f WHERE f.hash = token_hash AND f."expiresAt" > now());
END $$;

-- Marks the sessions in the company of the context of these members, of the members of these teams, and of who holds these roles of its own.
CREATE FUNCTION mark_sessions(memberships uuid[], teams uuid[], roles uuid[]) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH held AS (
    SELECT m.id, m."userId", m.roles || ARRAY(SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
        WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) AS roles
    FROM "Membership" m WHERE m."companyId" = context_company()),
  marked AS (
    UPDATE "Session" s SET "rotateDue" = true FROM held h
    WHERE s."companyId" = context_company() AND s."userId" = h."userId" AND (
      h.id = ANY (memberships)
      OR EXISTS (SELECT FROM "TeamMember" tm WHERE tm."companyId" = context_company() AND tm."membershipId" = h.id AND tm."teamId" = ANY (teams))
      OR EXISTS (SELECT FROM "Role" r WHERE r."companyId" = context_company() AND r.id = ANY ($3) AND r.slug = ANY (h.roles)))
    RETURNING 1)
  SELECT count(*) FROM marked
$$;

CREATE OR REPLACE FUNCTION delete_expired(throttle_seconds integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  target text;
  gone bigint;
  result jsonb := '{}';
BEGIN
  FOREACH target IN ARRAY ARRAY['Session', 'EmailToken', 'SignUpRequest', 'PendingSignIn', 'OneTimeCode', 'Challenge', 'TrustedDevice', 'RefreshToken', 'RevokedToken', 'FormerSession'] LOOP
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

REVOKE ALL ON FUNCTION authenticate_former(text), mark_sessions(uuid[], uuid[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION authenticate_former(text), mark_sessions(uuid[], uuid[], uuid[]) TO bulwark_app;

RESET ROLE;
DO $$ BEGIN
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT current_setting('bulwark.able')::boolean THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
