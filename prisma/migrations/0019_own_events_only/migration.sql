-- As in 0011_record_cost, with one comparison more in a form that no index can answer: with the primary key's, PostgreSQL looked through all
-- events of all companies at each COMMIT, for as long as its statistics knew nothing of a table that had just begun to fill.
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
                 AND id + 0 > CASE WHEN head.txid = me THEN head.last_event ELSE 0 END ORDER BY id LOOP
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
