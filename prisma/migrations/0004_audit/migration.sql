-- The record: what happened, chained per company, and PostgreSQL as its keeper.
--   audit_event   what happened. The server may set company_id and body, and nothing else, and never change them.
--   audit_chain   each event's place in its company's chain, given at COMMIT, in commit order: the cursor of every reader.
--   audit_head    the end of each chain.
-- Nothing here has a foreign key to a company: events outlive it.

-- Giving tables to bulwark_audit asks for membership, and for its right to create here, which it has only during this migration.
-- The owner stays a member, to verify the record; PostgreSQL 16 tells being a member from acting as one.
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

-- A JSON object that names nothing twice at its top: parsers disagree on which one counts. (IS JSON … WITH UNIQUE KEYS needs 16.)
CREATE FUNCTION audit_is_body(body text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_typeof(body::jsonb) = 'object'
     AND (SELECT count(*) FROM json_object_keys(body::json)) = (SELECT count(*) FROM jsonb_object_keys(body::jsonb))
$$;

CREATE TABLE audit_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  company_id uuid NOT NULL,
  txid xid8 NOT NULL DEFAULT pg_current_xact_id(),   -- the top-level transaction's, also inside savepoints
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  body text NOT NULL CONSTRAINT audit_body CHECK (audit_is_body(body)),   -- text: the hashed bytes are the stored bytes
  action text NOT NULL GENERATED ALWAYS AS (body::jsonb ->> 'action') STORED,
  severity text NOT NULL GENERATED ALWAYS AS (body::jsonb ->> 'severity') STORED
    CONSTRAINT audit_severity CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  actor_id uuid GENERATED ALWAYS AS ((body::jsonb #>> '{actor,userId}')::uuid) STORED,
  entity text GENERATED ALWAYS AS (body::jsonb ->> 'entity') STORED,
  entity_id uuid GENERATED ALWAYS AS ((body::jsonb ->> 'entityId')::uuid) STORED
);
CREATE INDEX audit_event_tx ON audit_event (txid, company_id, entity_id);   -- for the triggers below
CREATE INDEX audit_event_action ON audit_event (company_id, action);
CREATE INDEX audit_event_actor ON audit_event (company_id, actor_id);
CREATE INDEX audit_event_entity ON audit_event (company_id, entity_id);
CREATE INDEX audit_event_severe ON audit_event (company_id, severity) WHERE severity IN ('HIGH', 'CRITICAL');

CREATE TABLE audit_chain (
  company_id uuid NOT NULL,
  pos bigint NOT NULL,
  event_id bigint NOT NULL UNIQUE,
  at_us bigint NOT NULL,    -- microseconds since 1970, exactly what is hashed; never decreases along a chain
  leaf bytea NOT NULL,      -- the body's own hash: a pruned body leaves a chain that still verifies
  hash bytea NOT NULL,
  PRIMARY KEY (company_id, pos)
);
CREATE INDEX audit_chain_time ON audit_chain (company_id, at_us);

CREATE TABLE audit_head (
  company_id uuid PRIMARY KEY,
  pos bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL DEFAULT '\x00',
  txid xid8 NOT NULL DEFAULT '0',
  last_event bigint NOT NULL DEFAULT 0,
  at_us bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);   -- one row a company, rewritten by every commit: room for it on its page

-- Refuses COMMIT when a row of an audited table changed and this transaction holds no event of that very row.
-- An event counts when its `entity` and `entityId` name the row. Rows that go with their company are covered by company.deleted, but
-- only once the company is gone. Nothing else is covered by a parent's event: who deletes a team deletes its members first, each on the record.
-- Arguments: the model's name, the column that holds the company.
CREATE FUNCTION audit_required() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE company uuid;
BEGIN
  IF TG_OP <> 'DELETE' THEN
    IF TG_ARGV[1] = 'id' THEN company := NEW.id; ELSE company := NEW."companyId"; END IF;
    PERFORM public.audit_check_row(TG_OP, TG_ARGV[0], company, NEW.id);
  END IF;
  IF TG_OP <> 'INSERT' THEN
    IF TG_ARGV[1] = 'id' THEN company := OLD.id; ELSE company := OLD."companyId"; END IF;
    PERFORM public.audit_check_row(TG_OP, TG_ARGV[0], company, OLD.id);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION audit_check_row(operation text, model text, company uuid, row_id uuid) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM public.audit_event WHERE txid = pg_current_xact_id() AND company_id = company AND entity_id = row_id
             AND entity = model AND at >= transaction_timestamp()) THEN   -- a restored dump can hold old rows with this txid
    RETURN;
  END IF;
  IF operation = 'DELETE'
     AND EXISTS (SELECT FROM public.audit_event WHERE txid = pg_current_xact_id() AND company_id = company AND entity_id = company
                 AND entity = 'Company' AND action = 'company.deleted' AND at >= transaction_timestamp())
     AND NOT EXISTS (SELECT FROM public."Company" WHERE id = company) THEN
    RETURN;
  END IF;
  RAISE EXCEPTION '% on % % without its audit event in the same transaction', operation, model, row_id
    USING ERRCODE = '23514', CONSTRAINT = 'audit_required', TABLE = model,
          HINT = 'Write it in a command. Rows that a foreign key would delete along are deleted first, by a call of their own.';
END $$;

-- Gives this transaction's events their places, at COMMIT: nobody waits for a client while a chain is locked.
CREATE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off
  SET lock_timeout = '5s' AS $$   -- the server's role could hold the advisory lock
DECLARE
  me xid8 := pg_current_xact_id();
  company uuid;
  head public.audit_head;
  event record;
  body_hash bytea;
BEGIN
  IF EXISTS (SELECT FROM public.audit_head WHERE company_id = NEW.company_id AND txid = me AND last_event >= NEW.id) THEN
    RETURN NULL;   -- an earlier firing in this transaction linked it
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'a transaction with audit events must be READ COMMITTED, not %', upper(current_setting('transaction_isolation'))
      USING ERRCODE = '25001', HINT = 'An older snapshot would not see the end of the chain, and fork it.';
  END IF;
  FOR company IN SELECT DISTINCT company_id FROM public.audit_event WHERE txid = me AND at >= transaction_timestamp() ORDER BY 1 LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended(company::text, 4711));   -- a fair queue; the row lock below is what is correct
    INSERT INTO public.audit_head (company_id) VALUES (company) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT head FROM public.audit_head WHERE company_id = company FOR UPDATE;   -- its own statement: a new snapshot
    head.at_us := greatest(head.at_us, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
    FOR event IN SELECT id, body FROM public.audit_event WHERE txid = me AND company_id = company AND at >= transaction_timestamp()
                 AND id > CASE WHEN head.txid = me THEN head.last_event ELSE 0 END ORDER BY id LOOP
      head.pos := head.pos + 1;
      head.last_event := event.id;
      body_hash := sha256('\x00'::bytea || convert_to(event.body, 'UTF8'));
      head.hash := sha256('\x01'::bytea || head.hash || uuid_send(company) || int8send(head.pos) || int8send(head.at_us) || body_hash);
      INSERT INTO public.audit_chain (company_id, pos, event_id, at_us, leaf, hash)
        VALUES (company, head.pos, event.id, head.at_us, body_hash, head.hash);
    END LOOP;
    UPDATE public.audit_head SET pos = head.pos, hash = head.hash, txid = me, last_event = head.last_event, at_us = head.at_us
      WHERE company_id = company;
  END LOOP;
  PERFORM set_config('synchronous_commit', 'on', true);   -- a reader never sees a position that a crash can undo
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_link AFTER INSERT ON audit_event
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link();

-- Nobody rewrites the record, whoever they are: the owner would have to switch the triggers off first, and the verifier shows the rest.
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: the record is only ever added to', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE FUNCTION audit_head_moves_on() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.company_id <> OLD.company_id OR NEW.pos <= OLD.pos OR NEW.at_us < OLD.at_us THEN
    RAISE EXCEPTION 'UPDATE of audit_head is refused: the end of a chain only moves on' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_head_moves_on();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON audit_event EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON audit_chain EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON audit_head EXECUTE FUNCTION audit_refuse();
-- ALWAYS: also for a session that calls itself a replica.
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_refuse, ENABLE ALWAYS TRIGGER audit_refuse_truncate;
ALTER TABLE audit_chain ENABLE ALWAYS TRIGGER audit_refuse, ENABLE ALWAYS TRIGGER audit_refuse_truncate;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_refuse, ENABLE ALWAYS TRIGGER audit_refuse_truncate,
  ENABLE ALWAYS TRIGGER audit_head_moves_on;

-- Readers see their company's record. The server may write for its company, and for the platform (a sign-in of nobody's).
CREATE PROCEDURE protect_audit_table(target regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY company_rows ON %s FOR SELECT TO bulwark_app USING (company_id = (SELECT context_company()))', target);
  EXECUTE format('CREATE POLICY keeper ON %s TO bulwark_audit USING (true) WITH CHECK (true)', target);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
  EXECUTE format('GRANT SELECT ON %s TO bulwark_app', target);
  EXECUTE format('ALTER TABLE %s OWNER TO bulwark_audit', target);
END $$;
CREATE POLICY company_events ON audit_event FOR INSERT TO bulwark_app WITH CHECK
  (company_id = (SELECT context_company()) OR company_id = '00000000-0000-7000-8000-000000000000');
GRANT INSERT (company_id, body) ON audit_event TO bulwark_app;
CALL protect_audit_table('audit_event');
CALL protect_audit_table('audit_chain');
CALL protect_audit_table('audit_head');
DROP PROCEDURE protect_audit_table;

CREATE POLICY audit_sees_whether_it_exists ON "Company" FOR SELECT TO bulwark_audit USING (true);
GRANT SELECT (id) ON "Company" TO bulwark_audit;

ALTER FUNCTION audit_required OWNER TO bulwark_audit;
ALTER FUNCTION audit_check_row OWNER TO bulwark_audit;
ALTER FUNCTION audit_link OWNER TO bulwark_audit;
REVOKE ALL ON FUNCTION audit_required, audit_check_row, audit_link, audit_refuse, audit_head_moves_on FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_check_row TO bulwark_audit;
REVOKE CREATE ON SCHEMA public FROM bulwark_audit;

-- Puts a table under the record; `npm run new:model` writes the call. TRUNCATE would leave no row to ask for its event.
CREATE PROCEDURE audit_table(target regclass, tenant_column name DEFAULT 'companyId') LANGUAGE plpgsql AS $$
DECLARE model name := (SELECT relname FROM pg_catalog.pg_class WHERE oid = target);
BEGIN
  IF tenant_column NOT IN ('companyId', 'id') THEN
    RAISE EXCEPTION 'audit_table(%): the company is in "companyId" or "id", not in "%"', target, tenant_column;
  END IF;
  EXECUTE format('CREATE CONSTRAINT TRIGGER audit_required AFTER INSERT OR UPDATE OR DELETE ON %s DEFERRABLE INITIALLY DEFERRED '
                 'FOR EACH ROW EXECUTE FUNCTION public.audit_required(%L, %L)', target, model, tenant_column);
  EXECUTE format('CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION public.audit_refuse()', target);
END $$;
REVOKE ALL ON PROCEDURE audit_table FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION audit_required TO %I', current_user); END $$;

CALL audit_table('"Company"', 'id');
CALL audit_table('"Membership"');
CALL audit_table('"Role"');
CALL audit_table('"Branch"');
CALL audit_table('"Department"');
CALL audit_table('"Team"');
CALL audit_table('"TeamMember"');
CALL audit_table('"Employee"');
CALL audit_table('"Attendance"');
CALL audit_table('"PayrollRun"');
CALL audit_table('"PayrollItem"');
