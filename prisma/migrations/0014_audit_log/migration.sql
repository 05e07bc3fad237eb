-- Chapter 14. The audit log's tables: appended to, never rewritten (L1, L3, L4).
--   audit_event    the events, each at its place in its company's chain, given at COMMIT, in commit order: the cursor of every reader.
--   audit_head     the end of each chain.
--   audit_pending  events that wait for COMMIT. The server may set company_id and body, and nothing else. No row outlives its transaction.
-- Chapter 15 alone writes the first two. None has a foreign key to a company: events outlive it.
CREATE TABLE audit_event (
  company_id uuid NOT NULL,
  pos bigint NOT NULL,
  at_us bigint NOT NULL,       -- microseconds since 1970, exactly what is hashed; never decreases along a chain
  action text NOT NULL,        -- this and what follows, up to entity_id, is in the body as well
  severity text NOT NULL,
  actor_id uuid,
  entity text,
  entity_id uuid,
  body text,                   -- text: the bytes that are hashed are the bytes that are stored
  salt bytea,                  -- goes with the body: without it, the commitment tells nothing of a guessed body
  commitment bytea NOT NULL,
  link bytea NOT NULL,
  PRIMARY KEY (company_id, pos),
  CONSTRAINT audit_pruned CHECK ((body IS NULL) = (salt IS NULL))
);
-- Each but the last ends with the position: a filtered page is read in its order. Times have the order of positions.
CREATE INDEX audit_event_action ON audit_event (company_id, action, pos);
CREATE INDEX audit_event_actor ON audit_event (company_id, actor_id, pos);
CREATE INDEX audit_event_entity ON audit_event (company_id, entity_id, pos);
CREATE INDEX audit_event_severe ON audit_event (company_id, severity, pos) WHERE severity IN ('HIGH', 'CRITICAL');
CREATE INDEX audit_event_time ON audit_event (company_id, at_us);

CREATE TABLE audit_head (
  company_id uuid PRIMARY KEY,
  pos bigint NOT NULL,
  at_us bigint NOT NULL,
  link bytea NOT NULL
) WITH (fillfactor = 10);   -- one row a company, rewritten by every commit: room for it on its page

CREATE TABLE audit_pending (
  company_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  action text NOT NULL,
  severity text NOT NULL CONSTRAINT audit_severity CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  actor_id uuid,
  entity text,
  entity_id uuid,
  body text NOT NULL,
  PRIMARY KEY (company_id, id)
);

-- Whether a body is one that the verifier accepts (src/audit/verify/chain.ts): texts are JSON strings, ids are UUIDs in their canonical form,
-- and no key stands twice, at the top or in the actor: parsers disagree on which one counts. (IS JSON … WITH UNIQUE KEYS needs 16.) It tells
-- of no row before or after a change: only the triggers of chapter 15 write that.
CREATE FUNCTION audit_body_is_valid(body text, parsed jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor jsonb := NULLIF(parsed -> 'actor', 'null');
  actor_id jsonb := NULLIF(actor -> 'userId', 'null');
  entity jsonb := NULLIF(parsed -> 'entity', 'null');
  entity_id jsonb := NULLIF(parsed -> 'entityId', 'null');
BEGIN
  IF jsonb_typeof(parsed) IS DISTINCT FROM 'object' OR COALESCE(jsonb_typeof(actor), 'object') <> 'object' THEN RETURN false; END IF;
  RETURN jsonb_typeof(parsed -> 'action') IS NOT DISTINCT FROM 'string' AND parsed ->> 'action' ~ '^[A-Za-z0-9_.-]+$'
    AND length(parsed ->> 'action') <= 100
    AND jsonb_typeof(parsed -> 'severity') IS NOT DISTINCT FROM 'string'
    AND COALESCE(jsonb_typeof(entity) = 'string' AND length(parsed ->> 'entity') BETWEEN 1 AND 63, true)
    AND COALESCE(jsonb_typeof(entity_id) = 'string' AND (parsed ->> 'entityId')::uuid::text = parsed ->> 'entityId', true)
    AND COALESCE(jsonb_typeof(actor_id) = 'string' AND (actor ->> 'userId')::uuid::text = actor ->> 'userId', true)
    AND (SELECT count(*) FROM json_object_keys(body::json)) = (SELECT count(*) FROM jsonb_object_keys(parsed))
    AND NOT parsed ?| '{before,after}'
    AND (actor IS NULL OR (SELECT count(*) FROM json_object_keys(body::json -> 'actor')) = (SELECT count(*) FROM jsonb_object_keys(actor)));
END $$;

-- Reads the body of an event that the server appends: of no row. One trigger parses it once; generated columns would parse it once each. A body
-- has at most 1 MiB.
CREATE FUNCTION audit_read_body() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE parsed jsonb;
BEGIN
  IF octet_length(NEW.body) <= 1048576 THEN parsed := NEW.body::jsonb; END IF;
  IF public.audit_body_is_valid(NEW.body, parsed) IS NOT TRUE THEN
    RAISE EXCEPTION 'the body of an audit event must be a JSON object of at most 1 MiB, without duplicate keys, before or after, whose action, '
      'severity and entity are strings and whose ids are UUIDs in lower case'
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.action := parsed ->> 'action';
  NEW.severity := parsed ->> 'severity';
  NEW.actor_id := (parsed #>> '{actor,userId}')::uuid;
  NEW.entity := parsed ->> 'entity';
  NEW.entity_id := (parsed ->> 'entityId')::uuid;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_read_body BEFORE INSERT ON audit_pending FOR EACH ROW WHEN (NEW.action IS NULL) EXECUTE FUNCTION audit_read_body();

-- Refuses every role: the owner would have to disable the triggers first, and the verifier shows what was changed then.
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: the audit log is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE FUNCTION audit_refuse_return() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.company_id <> OLD.company_id OR NEW.pos <= OLD.pos OR NEW.at_us < OLD.at_us THEN
    RAISE EXCEPTION '% of % is refused: the audit log is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION audit_body_is_valid, audit_read_body, audit_refuse, audit_refuse_return FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_body_is_valid TO bulwark_app;   -- the trigger runs as the role that appends
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();
-- The end of a chain never moves back. The condition is in the function: PostgreSQL plans one of the trigger's own again for each statement.
CREATE TRIGGER audit_refuse_return BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse_return();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON audit_event EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON audit_head EXECUTE FUNCTION audit_refuse();
-- ALWAYS: also in a session with session_replication_role = replica.
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_refuse, ENABLE ALWAYS TRIGGER audit_refuse_truncate;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_refuse, ENABLE ALWAYS TRIGGER audit_refuse_return,
  ENABLE ALWAYS TRIGGER audit_refuse_truncate;
ALTER TABLE audit_pending ENABLE ALWAYS TRIGGER audit_read_body;

-- Giving tables to bulwark_audit takes membership, which the owner keeps in order to verify the log, and bulwark_audit's right to create,
-- which it has until the end of chapter 15. PostgreSQL 16 separates being a member from acting as the role.
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    IF NOT pg_has_role(current_user, 'bulwark_audit', 'SET') OR NOT pg_has_role(current_user, 'bulwark_audit', 'USAGE') THEN
      EXECUTE format('GRANT bulwark_audit TO %I WITH INHERIT TRUE, SET TRUE', current_user);
    END IF;
  ELSIF NOT pg_has_role(current_user, 'bulwark_audit', 'MEMBER') THEN
    EXECUTE format('GRANT bulwark_audit TO %I', current_user);
  END IF;
END $$;
GRANT CREATE ON SCHEMA public TO bulwark_audit;

-- The server reads the log of its company. It appends for its company and for the platform (a sign-in that failed has no company).
CREATE PROCEDURE protect_audit_table(target regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY company_rows ON %s FOR SELECT TO bulwark_app USING (company_id = (SELECT context_company()))', target);
  EXECUTE format('CREATE POLICY audit_owner ON %s TO bulwark_audit USING (true) WITH CHECK (true)', target);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  EXECUTE format('GRANT SELECT ON %s TO bulwark_app', target);
  EXECUTE format('ALTER TABLE %s OWNER TO bulwark_audit', target);
END $$;
CREATE POLICY company_events ON audit_pending FOR INSERT TO bulwark_app WITH CHECK
  (company_id = (SELECT context_company()) OR company_id = '00000000-0000-7000-8000-000000000000');
GRANT INSERT (company_id, body) ON audit_pending TO bulwark_app;
CALL protect_audit_table('audit_event');
CALL protect_audit_table('audit_head');
CALL protect_audit_table('audit_pending');
DROP PROCEDURE protect_audit_table;

-- The triggers at COMMIT must know whether a company still exists.
CREATE POLICY audit_reads ON "Company" FOR SELECT TO bulwark_audit USING (true);
GRANT SELECT (id) ON "Company" TO bulwark_audit;

-- Failures that anonymous clients cause, counted by company and action. The first ones of a span of time are events of their own; the
-- others become one event when the span is over (src/auth/account/failure-bursts.ts). `users` and `addresses` count the failures of the first names.
CREATE TABLE failure_burst (
  company_id uuid NOT NULL,
  action text NOT NULL,
  count integer NOT NULL DEFAULT 1,
  started_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(),
  users jsonb NOT NULL DEFAULT '{}',
  addresses jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (company_id, action)
);
ALTER TABLE failure_burst ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY company_rows ON failure_burst TO bulwark_app
  USING (company_id = (SELECT context_company())) WITH CHECK (company_id = (SELECT context_company()));
REVOKE ALL ON failure_burst FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON failure_burst TO bulwark_app;
CREATE POLICY identity_reads ON failure_burst FOR SELECT TO bulwark_identity USING (true);
GRANT SELECT (company_id, action, started_at) ON failure_burst TO bulwark_identity;

-- Adds one to the count of a name. It holds at most 50 names, so that a row stays small.
CREATE FUNCTION count_name(tally jsonb, name text) RETURNS jsonb LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN name IS NULL OR NOT tally ? name AND (SELECT count(*) FROM jsonb_object_keys(tally)) >= 50 THEN tally
    ELSE tally || jsonb_build_object(name, COALESCE((tally ->> name)::integer, 0) + 1) END
$$;
REVOKE ALL ON FUNCTION count_name FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_name TO bulwark_app;

-- The bursts of all companies whose span is over.
CREATE FUNCTION due_failure_bursts(seconds integer) RETURNS TABLE (company_id uuid, action text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT b.company_id, b.action FROM failure_burst b WHERE b.started_at < now() - seconds * interval '1 second'
$$;
CALL protect_identity_function('due_failure_bursts(integer)');
