-- Chapter 15. What COMMIT demands of an audited change, and the chain of events (L1, L3, T6).

-- Refuses COMMIT when a row of an audited table changed and this transaction holds no event of that very row.
-- An event counts when its `entity` and `entityId` name the row. Rows that are deleted with their company are covered by company.deleted, once the
-- company is gone. Nothing else is covered by a parent's event: deleting a team deletes its members first, each with an event of its own.
-- An update that leaves the row as it was, bit for bit, changes nothing and needs no event.
-- Arguments: the model's name, the column that holds the company.
CREATE FUNCTION audit_required() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE company uuid;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD *= NEW THEN RETURN NULL; END IF;
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

-- With the index of all events of a row, each change of a row with a long history would read that history. Company and row are compared in a
-- form that only audit_event_tx can answer.
CREATE FUNCTION audit_check_row(operation text, model text, company uuid, row_id uuid) RETURNS void LANGUAGE plpgsql
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

-- Links this transaction's events to their company's chain, at COMMIT, so that no client's pause holds a chain's lock.
--   leaf = SHA-256(0x00 | body as UTF-8)
--   hash = SHA-256(0x01 | previous hash | company, 16 bytes | position, 8 bytes big-endian | microseconds, 8 bytes | leaf)
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
    -- IS NOT DISTINCT FROM and `id + 0`: with the index of a company or of ids, a table that has just begun to fill would be read whole.
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
CREATE CONSTRAINT TRIGGER audit_link AFTER INSERT ON audit_event
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link();

ALTER FUNCTION audit_required OWNER TO bulwark_audit;
ALTER FUNCTION audit_check_row OWNER TO bulwark_audit;
ALTER FUNCTION audit_link OWNER TO bulwark_audit;
REVOKE ALL ON FUNCTION audit_required, audit_check_row, audit_link FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM bulwark_audit;
-- Creating a trigger takes EXECUTE on its function.
DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION audit_required TO %I', current_user); END $$;

-- Makes a table audited; `npm run new:model` writes the call. TRUNCATE is refused, since it leaves no row whose event could be demanded.
CREATE PROCEDURE audit_table(target regclass, tenant_column name DEFAULT 'companyId') LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
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

CALL audit_table('"Company"', 'id');
CALL audit_table('"Branch"');
CALL audit_table('"Department"');
CALL audit_table('"Team"');
CALL audit_table('"Membership"');
CALL audit_table('"Role"');
CALL audit_table('"TeamMember"');
CALL audit_table('"SignInPolicy"');
CALL audit_table('"ServiceAccount"');
CALL audit_table('"ApiKey"');
CALL audit_table('"Employee"');
CALL audit_table('"Attendance"');
CALL audit_table('"PayrollRun"');
CALL audit_table('"PayrollItem"');
