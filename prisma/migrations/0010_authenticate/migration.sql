-- Chapter 10. Authenticating a request (A1 to A6): each credential's function says in one round trip all that a request needs to know.
-- They are PL/pgSQL, which keeps its plan for the connection: an SQL function would be planned for every request, at ten times the cost.

-- The session with this hash, its user, and each active membership with its roles; NULL for an unknown or expired hash.
-- `factors` are those that the user could use now. `policy` is the company's row, NULL while it has none: then the defaults of
-- src/auth/authorization/sign-in-policy.ts hold. Whatever this function reads must renew an identity version (chapter 17).
CREATE FUNCTION authenticate(token_hash text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'session', jsonb_build_object('id', s.id, 'companyId', s."companyId", 'createdAt', s."createdAt", 'lastUsedAt', s."lastUsedAt",
                                    'expiresAt', s."expiresAt", 'absoluteExpiresAt', s."absoluteExpiresAt",
                                    'idleSeconds', s."idleSeconds", 'methods', s.methods, 'mfaAt', s."mfaAt", 'rotateDue', s."rotateDue",
                                    'enteredCompanies', s."enteredCompanies", 'longestIdleSeconds', s."longestIdleSeconds"),
      'user', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name, 'language', p.language,
                                 'emailVerified', p."emailVerifiedAt" IS NOT NULL, 'factors', array_remove(ARRAY[
        CASE WHEN EXISTS (SELECT FROM "TotpFactor" f WHERE f."userId" = p.id AND f."confirmedAt" IS NOT NULL) THEN 'totp' END,
        CASE WHEN EXISTS (SELECT FROM "Passkey" f WHERE f."userId" = p.id) THEN 'passkey' END,
        CASE WHEN EXISTS (SELECT FROM "ContactFactor" f
                          WHERE f."userId" = p.id AND f.channel = 'email' AND f."confirmedAt" IS NOT NULL) THEN 'email' END,
        CASE WHEN EXISTS (SELECT FROM "ContactFactor" f
                          WHERE f."userId" = p.id AND f.channel = 'sms' AND f."confirmedAt" IS NOT NULL) THEN 'sms' END,
        CASE WHEN EXISTS (SELECT FROM "BackupCode" f WHERE f."userId" = p.id AND f."usedAt" IS NULL) THEN 'backupCode' END], NULL)),
      'memberships', COALESCE((
        SELECT jsonb_agg(jsonb_build_object(
          'id', m.id, 'roles', m.roles, 'branchId', m."branchId", 'departmentId', m."departmentId",
          'mfaRequired', m."mfaRequired", 'mfaGraceFrom', m."mfaGraceFrom",
          'policy', (SELECT jsonb_build_object(
                       'mfaRequired', i."mfaRequired", 'mfaRoles', i."mfaRoles", 'mfaGraceDays', i."mfaGraceDays",
                       'stepUpMinutes', i."stepUpMinutes", 'trustedDeviceDays', i."trustedDeviceDays",
                       'sessionIdleMinutes', i."sessionIdleMinutes", 'sessionAbsoluteHours', i."sessionAbsoluteHours")
                     FROM "SignInPolicy" i WHERE i."companyId" = m."companyId"),
          'company', jsonb_build_object('id', c.id, 'name', c.name, 'currency', c.currency),
          'teams', teams.list,
          'customRoles', COALESCE((
            SELECT jsonb_object_agg(r.slug, jsonb_build_object(
              'level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions))
            FROM "Role" r
            WHERE r."companyId" = m."companyId" AND r.slug = ANY (m.roles || teams.roles)), '{}')
        ) ORDER BY m."createdAt", m.id)
        FROM "Membership" m
        JOIN "Company" c ON c.id = m."companyId"
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
CALL protect_identity_function('authenticate(text)');

-- What `authenticate` says of the session that had this token before its last rotation, and the token that followed. Requests of the same
-- moment still carry the former token. Once the session has ended, or was rotated again, there is no session of that id.
CREATE FUNCTION authenticate_rotated(token_hash text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT authenticate(f."sessionId") || jsonb_build_object('former', jsonb_build_object('id', f.id, 'successor', f.successor))
          FROM "RotatedSessionToken" f WHERE f.hash = token_hash AND f."expiresAt" > now());
END $$;
CALL protect_identity_function('authenticate_rotated(text)');

-- The API key with this id, its service account and company, and the rights of its creator while they are an active member. The id is in the key's text: the caller compares the hash before anything
-- else, and only a caller that holds the secret is told by `state` why the key is refused.
CREATE FUNCTION authenticate_api_key(key_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'key', jsonb_build_object('id', k.id, 'hash', k.hash, 'allowedNetworks', k."allowedNetworks",
        'state', CASE WHEN k."revokedAt" IS NOT NULL THEN 'revoked' WHEN k."expiresAt" <= now() THEN 'expired'
                      WHEN a."disabledAt" IS NOT NULL THEN 'disabled' ELSE 'valid' END),
      'account', jsonb_build_object('id', a.id, 'name', a.name, 'roles', a.roles),
      'creator', CASE WHEN m.id IS NOT NULL THEN jsonb_build_object(
        'roles', m.roles, 'branchId', m."branchId", 'departmentId', m."departmentId", 'teams', teams.list) END,
      'company', jsonb_build_object('id', c.id, 'name', c.name, 'currency', c.currency),
      'customRoles', COALESCE((
        SELECT jsonb_object_agg(r.slug, jsonb_build_object(
          'level', r.level, 'accessScope', r."accessScope", 'readOnly', r."readOnly", 'permissions', r.permissions))
        FROM "Role" r WHERE r."companyId" = c.id AND r.slug = ANY (a.roles || m.roles || teams.roles)), '{}'),
      'use', (SELECT jsonb_build_object('lastUsedAt', u."lastUsedAt", 'addresses', u.addresses)
              FROM "ApiKeyUse" u WHERE u."companyId" = k."companyId" AND u.id = k.id))
    FROM "ApiKey" k
    JOIN "ServiceAccount" a ON a."companyId" = k."companyId" AND a.id = k."serviceAccountId"
    JOIN "Company" c ON c.id = k."companyId"
    LEFT JOIN "Membership" m ON m."companyId" = k."companyId" AND m."userId" = k."createdById" AND m.status = 'active'
    CROSS JOIN LATERAL (
      SELECT COALESCE(jsonb_agg(jsonb_build_object('id', t.id, 'roles', t.roles) ORDER BY t.id), '[]') AS list,
             ARRAY(SELECT unnest(t2.roles) FROM "TeamMember" tm2
                   JOIN "Team" t2 ON t2."companyId" = tm2."companyId" AND t2.id = tm2."teamId"
                   WHERE tm2."companyId" = m."companyId" AND tm2."membershipId" = m.id) AS roles
      FROM "TeamMember" tm
      JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
      WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id
    ) teams
    WHERE k.id = key_id
  );
END $$;
CALL protect_identity_function('authenticate_api_key(uuid)');
