-- What sign-in must know before it knows whose context to set. Each function answers one question to somebody who already holds
-- the key to it (a token's hash, an e-mail), and lists nothing. They run as bulwark_identity, which nobody logs in as and which may
-- read these columns only.
CREATE PROCEDURE let_identity_read(target regclass, columns text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY identity_reads ON %s FOR SELECT TO bulwark_identity USING (true)', target);
  EXECUTE format('GRANT SELECT (%s) ON %s TO bulwark_identity', columns, target);
END $$;
CALL let_identity_read('"User"', 'id, email, name');
CALL let_identity_read('"Credential"', '"userId", "passwordHash"');
CALL let_identity_read('"Session"', 'id, "userId", "companyId", "createdAt", "expiresAt", "absoluteExpiresAt"');
CALL let_identity_read('"Company"', 'id, name, currency');
CALL let_identity_read('"Membership"', '"companyId", id, "userId", status, roles, "branchId", "departmentId", "createdAt"');
CALL let_identity_read('"Role"', '"companyId", slug, level, "accessScope", "readOnly", permissions');
CALL let_identity_read('"Team"', '"companyId", id, roles');
CALL let_identity_read('"TeamMember"', '"companyId", "teamId", "membershipId"');
DROP PROCEDURE let_identity_read;

CREATE POLICY identity_invites ON "User" FOR INSERT TO bulwark_identity WITH CHECK (true);
GRANT INSERT (id, email, name) ON "User" TO bulwark_identity;

-- All that a request's authentication needs, in one round trip: the session, its user, and each active membership with its roles.
-- NULL for a hash that is unknown or expired. The hash is not the token, so whoever reads the table still holds no session.
-- In PL/pgSQL, which keeps its plan for the connection: an SQL function would be planned anew for every request, ten times the work.
CREATE FUNCTION authenticate(token_hash text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'session', jsonb_build_object('id', s.id, 'companyId', s."companyId", 'createdAt', s."createdAt",
                                    'expiresAt', s."expiresAt", 'absoluteExpiresAt', s."absoluteExpiresAt"),
      'user', jsonb_build_object('id', p.id, 'email', p.email, 'name', p.name),
      'memberships', COALESCE((
        SELECT jsonb_agg(jsonb_build_object(
          'id', m.id, 'roles', m.roles, 'branchId', m."branchId", 'departmentId', m."departmentId",
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

-- The user behind an e-mail, with what their password is checked against and the companies where they are an active member, oldest
-- first. No row for an unknown e-mail. The server could read the same row in the user's context; this saves it from having to list.
CREATE FUNCTION user_for_sign_in(given_email text) RETURNS TABLE (id uuid, name text, password_hash text, companies uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.id, p.name, c."passwordHash",
         ARRAY(SELECT m."companyId" FROM "Membership" m WHERE m."userId" = p.id AND m.status = 'active' ORDER BY m."createdAt", m.id)
  FROM "User" p
  LEFT JOIN "Credential" c ON c."userId" = p.id
  WHERE p.email = given_email
$$;

-- The user with this e-mail, made when there is none. Only the id comes back, never the name that somebody else gave.
CREATE FUNCTION user_for_invitation(given_email text, given_name text, new_id uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE found_id uuid;
BEGIN
  INSERT INTO "User" (id, email, name) VALUES (new_id, given_email, given_name) ON CONFLICT (email) DO NOTHING;
  SELECT p.id INTO found_id FROM "User" p WHERE p.email = given_email;
  -- Above READ COMMITTED, a user that another transaction has just added is taken but not yet visible.
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'user_for_invitation: the e-mail was added at the same time, try again' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN found_id;
END $$;

-- Handing a function over takes membership in the new owner and its right to create, each for this moment only.
DO $$
DECLARE
  able boolean;
  function regprocedure;
BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    able := pg_has_role(current_user, 'bulwark_identity', 'SET'); -- PostgreSQL 16 tells being a member from acting as one
  ELSE
    able := pg_has_role(current_user, 'bulwark_identity', 'MEMBER');
  END IF;
  IF NOT able THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
  FOREACH function IN ARRAY ARRAY['authenticate(text)', 'user_for_sign_in(text)', 'user_for_invitation(text, text, uuid)']::regprocedure[] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', function);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO bulwark_app', function);
    EXECUTE format('ALTER FUNCTION %s OWNER TO bulwark_identity', function);
  END LOOP;
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT able THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
