-- What an event costs, and that it costs the same however many there are.

-- The columns beside a body were generated, each by parsing it once more, and so was its check: eight times in all. One trigger parses it once.
-- `npm run audit:verify` compares columns and body of each event.
ALTER TABLE audit_event DROP CONSTRAINT audit_body;
ALTER TABLE audit_event ALTER COLUMN action DROP EXPRESSION, ALTER COLUMN severity DROP EXPRESSION, ALTER COLUMN actor_id DROP EXPRESSION,
  ALTER COLUMN entity DROP EXPRESSION, ALTER COLUMN entity_id DROP EXPRESSION;
DROP FUNCTION audit_is_body(text);

-- A body is a JSON object that names nothing twice at its top: parsers disagree on which one counts. (IS JSON … WITH UNIQUE KEYS needs 16.)
CREATE FUNCTION audit_read_body() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE parsed jsonb := NEW.body::jsonb;
BEGIN
  IF jsonb_typeof(parsed) IS DISTINCT FROM 'object'
     OR (SELECT count(*) FROM json_object_keys(NEW.body::json)) <> (SELECT count(*) FROM jsonb_object_keys(parsed)) THEN
    RAISE EXCEPTION 'the body of an event is not a JSON object, or names something twice'
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = TG_TABLE_NAME;
  END IF;
  NEW.action := parsed ->> 'action';
  NEW.severity := parsed ->> 'severity';
  NEW.actor_id := (parsed #>> '{actor,userId}')::uuid;
  NEW.entity := parsed ->> 'entity';
  NEW.entity_id := (parsed ->> 'entityId')::uuid;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION audit_read_body FROM PUBLIC;
CREATE TRIGGER audit_read_body BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_read_body();
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_read_body;

-- The triggers at COMMIT look for events of this transaction. PostgreSQL took the index of all events of a row for that now and then, so that a
-- row with a long history made each change of it slow. Now no other index can answer: company and row are compared in a form that only this one has.
DROP INDEX audit_event_tx;
CREATE INDEX audit_event_tx ON audit_event (txid, uuid_send(entity_id));

CREATE OR REPLACE FUNCTION audit_check_row(operation text, model text, company uuid, row_id uuid) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM public.audit_event WHERE txid = pg_current_xact_id() AND uuid_send(entity_id) = uuid_send(row_id)
             AND company_id IS NOT DISTINCT FROM company AND entity = model
             AND at >= transaction_timestamp()) THEN   -- a restored dump can hold old rows with this txid
    RETURN;
  END IF;
  IF operation = 'DELETE'
     AND EXISTS (SELECT FROM public.audit_event WHERE txid = pg_current_xact_id() AND uuid_send(entity_id) = uuid_send(company)
                 AND company_id IS NOT DISTINCT FROM company AND entity = 'Company' AND action = 'company.deleted'
                 AND at >= transaction_timestamp())
     AND NOT EXISTS (SELECT FROM public."Company" WHERE id = company) THEN
    RETURN;
  END IF;
  RAISE EXCEPTION '% on % % without its audit event in the same transaction', operation, model, row_id
    USING ERRCODE = '23514', CONSTRAINT = 'audit_required', TABLE = model,
          HINT = 'Write it in a command. Rows that a foreign key would delete along are deleted first, by a call of their own.';
END $$;

CREATE OR REPLACE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
    FOR event IN SELECT id, body FROM public.audit_event WHERE txid = me AND company_id IS NOT DISTINCT FROM company
                 AND at >= transaction_timestamp()
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
