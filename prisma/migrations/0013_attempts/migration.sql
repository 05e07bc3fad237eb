-- Chapter 13. Counting attempts at a secret (A4), and deleting what has expired.

-- Counts one finished attempt for each of its subjects (an account, an address) in one step, so that parallel attempts have one order: what
-- follows the last allowed failure is refused, right or wrong. While a subject is locked nothing is counted. A success clears the subjects of
-- `clearing`. A lockout lasts `first_lock` seconds, doubled for each one before it, at most `longest_lock`.
CREATE FUNCTION record_attempt(given_kind text, subjects text[], allowed integer[], clearing boolean[], succeeded boolean,
  first_lock integer, longest_lock integer, window_seconds integer, memory_seconds integer)
RETURNS TABLE (accepted boolean, wait_seconds integer, locked text[])
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  moment timestamptz;
  until timestamptz;
  one record;
BEGIN
  IF NOT succeeded THEN
    -- Locks a row that is there: it could be purged otherwise before the next statement, and the failure go uncounted.
    INSERT INTO "Throttle" (kind, subject) SELECT given_kind, s FROM unnest(subjects) s ORDER BY s
      ON CONFLICT (kind, subject) DO UPDATE SET kind = EXCLUDED.kind WHERE false;
  END IF;
  -- A COMMIT that waits for the disk holds these rows, and the statements behind it on the connection. After a crash of PostgreSQL the
  -- attempts of its last second may be forgotten.
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM FROM "Throttle" t WHERE t.kind = given_kind AND t.subject = ANY (subjects) ORDER BY t.subject FOR UPDATE;
  moment := clock_timestamp();   -- after the wait for the rows
  SELECT max(t."lockedUntil") INTO until FROM "Throttle" t WHERE t.kind = given_kind AND t.subject = ANY (subjects);
  locked := '{}';
  IF until > moment THEN
    accepted := false;
  ELSIF succeeded THEN
    accepted := true;
    -- The row stays: a failure between its own INSERT and its lock would find none and go uncounted.
    UPDATE "Throttle" t SET failures = 0, lockouts = 0, "lockedUntil" = NULL FROM unnest(subjects, clearing) AS given (subject, clears)
      WHERE t.kind = given_kind AND t.subject = given.subject AND given.clears;
  ELSE
    accepted := true;
    FOR one IN
      UPDATE "Throttle" t SET "failedAt" = moment,
        failures = CASE WHEN next.failures >= given.most THEN 0 ELSE next.failures END,
        lockouts = CASE WHEN next.failures >= given.most THEN next.lockouts + 1 ELSE next.lockouts END,
        "lockedUntil" = CASE WHEN next.failures >= given.most
          THEN moment + least(longest_lock, first_lock * power(2, least(next.lockouts, 30))) * interval '1 second' END
      FROM unnest(subjects, allowed) AS given (subject, most),
        LATERAL (SELECT CASE WHEN was."failedAt" < moment - window_seconds * interval '1 second' THEN 0 ELSE was.failures END + 1 AS failures,
                        CASE WHEN COALESCE(was."lockedUntil", was."failedAt") < moment - memory_seconds * interval '1 second' THEN 0
                             ELSE was.lockouts END AS lockouts
                 FROM "Throttle" was WHERE was.kind = given_kind AND was.subject = given.subject) next
      WHERE t.kind = given_kind AND t.subject = given.subject
      RETURNING t.subject, t."lockedUntil"
    LOOP
      IF one."lockedUntil" IS NOT NULL THEN
        locked := locked || one.subject;
        until := greatest(until, one."lockedUntil");
      END IF;
    END LOOP;
  END IF;
  wait_seconds := CASE WHEN until > moment THEN ceil(extract(epoch FROM until - moment)) ELSE 0 END;
  RETURN NEXT;
END $$;
REVOKE ALL ON FUNCTION record_attempt FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_attempt TO bulwark_app;

-- Deletes what has expired, of every user and company, at most `most` rows of each table, the oldest first, and says how many of each.
-- Failures count for `failure_seconds` and lockouts for `memory_seconds`: an attempt count without either is as good as none.
CREATE FUNCTION purge_expired(failure_seconds integer, memory_seconds integer, most integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  target text;
  gone bigint;
  result jsonb := '{}';
BEGIN
  FOREACH target IN ARRAY ARRAY['Session', 'EmailToken', 'SignUpRequest', 'MfaChallenge', 'OneTimeCode', 'WebAuthnChallenge', 'TrustedDevice',
                                'RefreshToken', 'RevokedToken', 'RotatedSessionToken', 'IdempotencyKey'] LOOP
    EXECUTE format('DELETE FROM public.%1$I WHERE "expiresAt" <= (SELECT max(t.at) FROM (SELECT "expiresAt" AS at FROM public.%1$I
      WHERE "expiresAt" < now() ORDER BY "expiresAt" LIMIT $1) t)', target) USING most;
    GET DIAGNOSTICS gone = ROW_COUNT;
    result := result || jsonb_build_object(target, gone);
  END LOOP;
  FOREACH target IN ARRAY ARRAY['TotpFactor', 'ContactFactor'] LOOP
    EXECUTE format('DELETE FROM public.%I WHERE "confirmedAt" IS NULL AND "createdAt" < now() - interval ''1 day''', target);
    GET DIAGNOSTICS gone = ROW_COUNT;
    result := result || jsonb_build_object(target, gone);
  END LOOP;
  DELETE FROM "Throttle" t USING (SELECT o.kind, o.subject FROM "Throttle" o WHERE o."failedAt" < now() - failure_seconds * interval '1 second'
    AND (o.lockouts = 0 OR greatest(o."lockedUntil", o."failedAt") < now() - memory_seconds * interval '1 second')
    ORDER BY o."failedAt" LIMIT most) old WHERE (t.kind, t.subject) = (old.kind, old.subject)
    AND t."failedAt" < now() - failure_seconds * interval '1 second';
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN result || jsonb_build_object('Throttle', gone);
END $$;
CALL protect_identity_function('purge_expired(integer, integer, integer)');
