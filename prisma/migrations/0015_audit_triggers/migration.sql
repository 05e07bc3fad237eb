-- Chapter 15. COMMIT writes the event of each audited change, at the end of its company's chain (L1, L3, T6).
-- The commitment to a body: HMAC-SHA256 (RFC 2104) of it, as UTF-8, under its salt of 32 bytes. The salt is filled with zeros to a block, as
-- bits, since bytea has no XOR; bit_send puts the length before it. SQL, so that it becomes part of its caller's expression.
CREATE FUNCTION audit_commitment(salt bytea, body text) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.sha256(
    pg_catalog.substr(pg_catalog.bit_send(('x' || pg_catalog.encode(salt, 'hex'))::bit(512) # ('x' || pg_catalog.repeat('5c', 64))::bit(512)), 5)
    || pg_catalog.sha256(
      pg_catalog.substr(pg_catalog.bit_send(('x' || pg_catalog.encode(salt, 'hex'))::bit(512) # ('x' || pg_catalog.repeat('36', 64))::bit(512)), 5)
      || pg_catalog.convert_to(body, 'UTF8')))
$$;

-- Places an event at the end of a company's chain. This is the definition of the chain:
--   commitment = HMAC-SHA256(salt of 32 random bytes, body as UTF-8)
--   entry      = 0x02 | company, 16 bytes | position, 8 bytes big-endian | microseconds, 8 bytes | commitment
--   link       = SHA-256(0x02 | previous link | SHA-256(0x00 | entry)); 32 zero bytes before position 1
-- The update of the head holds the chain until COMMIT has ended: the order of the chain is the commit order. An older snapshot than the head's
-- last commit cannot update it (SQLSTATE 40001), so that no isolation level forks a chain.
CREATE FUNCTION audit_place(company uuid, action text, severity text, actor_id uuid, entity text, entity_id uuid, body text) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
  salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());   -- 244 random bits
  commitment bytea := audit_commitment(salt, body);
  now_us bigint := extract(epoch FROM clock_timestamp()) * 1000000;
  head public.audit_head;
BEGIN
  LOOP
    UPDATE public.audit_head h SET pos = h.pos + 1, at_us = greatest(h.at_us, now_us), link = sha256('\x02'::bytea || h.link || sha256(
        '\x0002'::bytea || uuid_send(company) || int8send(h.pos + 1) || int8send(greatest(h.at_us, now_us)) || commitment))
      WHERE h.company_id = company RETURNING h.* INTO head;
    EXIT WHEN FOUND;
    INSERT INTO public.audit_head (company_id, pos, at_us, link) VALUES (company, 0, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
  END LOOP;
  INSERT INTO public.audit_event (company_id, pos, at_us, action, severity, actor_id, entity, entity_id, body, salt, commitment, link)
    VALUES (company, head.pos, head.at_us, action, severity, actor_id, entity, entity_id, body, salt, commitment, head.link);
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);   -- a reader never sees a position that a crash can undo
  END IF;
END $$;

-- Places a pending event, at COMMIT, so that no client's pause holds a chain.
CREATE FUNCTION audit_place_pending() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- Transactions hold their company's chain before the platform's: in another order two of them could wait for each other.
  IF NEW.company_id = '00000000-0000-7000-8000-000000000000' THEN
    PERFORM FROM public.audit_head WHERE company_id = context_company() FOR NO KEY UPDATE;
  END IF;
  PERFORM audit_place(NEW.company_id, NEW.action, NEW.severity, NEW.actor_id, NEW.entity, NEW.entity_id, NEW.body);
  DELETE FROM public.audit_pending WHERE company_id = NEW.company_id AND id = NEW.id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_place_pending AFTER INSERT ON audit_pending
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_place_pending();

-- Events of changed rows.
--
-- An audited table has a deferred trigger, and a function of its own that writes the event from OLD and NEW: no change is without its event,
-- by any role and any statement. What the row cannot say is declared in a setting of the transaction, app.audit, a text[]:
--   1 performer, as JSON   2 request id   3 network address   4 user agent   5 'platform' when the platform's chain gets the event as well
--   6 and following: names, 'Employee 0190… employee.updated MEDIUM', or with * for any row. The first change that a name fits takes it;
--     a change without one is called <model>.created, updated or deleted.
-- Without it, and outside of the company that the transaction acts in, PostgreSQL refuses the change. An update that leaves the row as it was,
-- bit for bit, is no change.

-- Returns a column of OLD or NEW as the event shows it: an SQL expression that gives JSON as text. Decimals and bigints are strings, since JSON
-- numbers lose digits; moments are UTC with milliseconds. Secrets are masked; sealed columns hold ciphertext.
CREATE FUNCTION audit_shown(side text, name name, type regtype, secret boolean) RETURNS text LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT replace(CASE
      WHEN secret THEN $f$CASE WHEN {it} IS NULL THEN 'null' ELSE '"[secret]"' END$f$
      WHEN type = 'date'::regtype THEN
        $f$coalesce(to_json(coalesce(to_char({it}, 'YYYY-MM-DD"T00:00:00.000Z"'), {it}::text))::text, 'null')$f$
      WHEN type = 'timestamptz'::regtype THEN
        $f$coalesce(to_json(coalesce(to_char({it} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), {it}::text))::text, 'null')$f$
      WHEN type = 'bytea'::regtype THEN $f$coalesce(to_json(translate(encode({it}, 'base64'), E'\n', ''))::text, 'null')$f$
      WHEN type IN ('bigint'::regtype, 'numeric'::regtype) THEN $f$coalesce(to_json({it}::text)::text, 'null')$f$
      ELSE $f$coalesce(to_json({it})::text, 'null')$f$
    END, '{it}', format('%s.%I', side, name))
$$;

-- Returns the source of the function that writes the events of a table. `tenant_column` holds the company, `hidden` columns follow from sealed
-- ones, `severities` are those of created, updated and deleted. All of it comes from the annotations; start-up compares, whatever its role
-- (src/db/startup/audit-log.ts).
CREATE FUNCTION audit_source(target regclass, tenant_column name, hidden name[], secret name[], severities text[]) RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $proc$
  WITH columns AS (
    SELECT attname AS name, attnum AS place, audit_shown('OLD', attname, atttypid::regtype, attname = ANY (secret)) AS old,
      audit_shown('NEW', attname, atttypid::regtype, attname = ANY (secret)) AS new,
      CASE WHEN attcollation <> 0 THEN ' COLLATE "C"' WHEN atttypid IN ('numeric'::regtype, 'json'::regtype) THEN '::text' ELSE '' END AS bytes
    FROM pg_attribute WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attname <> ALL (hidden)),
  parts AS (
    SELECT string_agg(format($f$'"%s":' || %s$f$, name, old), $q$
      || ',' || $q$ ORDER BY place) AS old_row,
      string_agg(format($f$'"%s":' || %s$f$, name, new), $q$
      || ',' || $q$ ORDER BY place) AS new_row,
      string_agg(format($f$
    IF OLD.%1$I%2$s IS DISTINCT FROM NEW.%1$I%2$s THEN
      before := before || ',"%1$s":' || %3$s;
      after := after || ',"%1$s":' || %4$s;
    END IF;$f$, name, bytes, old, new), '' ORDER BY place) FILTER (WHERE name <> 'id') AS differing
    FROM columns)
  SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace($source$
DECLARE
  declared text[] := NULLIF(current_setting('app.audit', true), '')::text[];
  name text[];
  company uuid; chains uuid[]; row_id uuid; action text; severity text; performer jsonb; performer_id uuid;
  before text; after text; snapshots text; body text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    company := NEW.{{tenant}}; row_id := NEW.id; action := '{{action}}.created'; severity := '{{on_insert}}';
    snapshots := '"after":{' || {{new_row}} || '}';
  ELSIF TG_OP = 'DELETE' THEN
    company := OLD.{{tenant}}; row_id := OLD.id; action := '{{action}}.deleted'; severity := '{{on_delete}}';
    -- rows that are deleted with their company are in its event, company.deleted
    IF '{{model}}' <> 'Company' AND NOT EXISTS (SELECT FROM public."Company" c WHERE c.id = company) THEN RETURN NULL; END IF;
    snapshots := '"before":{' || {{old_row}} || '}';
  ELSE
    IF OLD *= NEW THEN RETURN NULL; END IF;
    company := NEW.{{tenant}}; row_id := NEW.id; action := '{{action}}.updated'; severity := '{{on_update}}';
    IF OLD.id <> row_id OR OLD.{{tenant}} <> company THEN
      RAISE EXCEPTION 'UPDATE on {{model}} % changes its id or company, which no audited row may', OLD.id
        USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = '{{model}}';
    END IF;
    before := '"id":"' || row_id || '"'; after := before;{{differing}}
    snapshots := '"before":{' || before || '},"after":{' || after || '}';
  END IF;
  IF declared IS NULL OR company IS DISTINCT FROM NULLIF(current_setting('app.company_id', true), '')::uuid THEN
    RAISE EXCEPTION '% on {{model}} % without its audit event: its transaction declares no performer in this company', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_write', TABLE = '{{model}}', HINT = 'Write it in a command.';
  END IF;
  FOR place IN 6 .. cardinality(declared) LOOP
    name := string_to_array(declared[place], ' ');
    IF name[1] = '{{model}}' AND name[2] IN ('*', row_id::text) THEN
      action := name[3]; severity := name[4];
      PERFORM set_config('app.audit', (declared[:place - 1] || declared[place + 1:])::text, true);
      EXIT;
    END IF;
  END LOOP;
  performer := declared[1]::jsonb; performer_id := (performer ->> 'userId')::uuid;
  body := concat('{"v":1,"action":"', action, '","severity":"', severity, '","actor":', performer, ',"entity":"{{model}}","entityId":"', row_id, '",',
    snapshots, ',"requestId":', coalesce(to_json(declared[2]), 'null'), ',"ip":', coalesce(to_json(declared[3]), 'null'),
    ',"userAgent":', coalesce(to_json(declared[4]), 'null'), '}');
  -- the body is JSON by construction; these parts of it are as they were declared
  IF (action ~ '^[A-Za-z0-9_.-]+$' AND length(action) <= 100 AND severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL') AND jsonb_typeof(performer) = 'object'
      AND coalesce(performer ->> 'userId' = performer_id::text, true) AND octet_length(body) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'the event of % on {{model}} % must have a name, a severity, a performer and at most 1 MiB', TG_OP, row_id
      USING ERRCODE = '23514', CONSTRAINT = 'audit_body', TABLE = '{{model}}';
  END IF;
  chains := ARRAY[company];
  IF declared[5] = 'platform' AND company <> '00000000-0000-7000-8000-000000000000' THEN
    chains := chains || '00000000-0000-7000-8000-000000000000'::uuid;
  END IF;
  FOREACH company IN ARRAY chains LOOP
    IF current_setting('app.audit_early', true) = 'on' THEN
      INSERT INTO public.audit_pending (company_id, action, severity, actor_id, entity, entity_id, body)
        VALUES (company, action, severity, performer_id, '{{model}}', row_id, body);
    ELSE
      PERFORM public.audit_place(company, action, severity, performer_id, '{{model}}', row_id, body);
    END IF;
  END LOOP;
  RETURN NULL;
END $source$,
    '{{model}}', relname), '{{action}}', lower(left(relname, 1)) || substr(relname, 2)), '{{tenant}}', quote_ident(tenant_column)),
    '{{on_insert}}', severities[1]), '{{on_update}}', severities[2]), '{{on_delete}}', severities[3]),
    '{{new_row}}', new_row), '{{old_row}}', old_row), '{{differing}}', differing)
  FROM parts, pg_class WHERE pg_class.oid = target
$proc$;

-- Makes a table audited, and gives it its function again once its columns or annotations have changed; `npm run new:model` writes the call.
-- TRUNCATE is refused, since it leaves no row whose event could be written.
CREATE PROCEDURE audit_table(target regclass, tenant_column name DEFAULT 'companyId', hidden name[] DEFAULT '{}', secret name[] DEFAULT '{}',
  severities text[] DEFAULT '{MEDIUM,MEDIUM,MEDIUM}') LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE function_name text := (SELECT quote_ident('audit_write_' || relname) FROM pg_class WHERE oid = target);
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION public.%s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
    'SET search_path = pg_catalog, public, pg_temp AS %L', function_name, audit_source(target, tenant_column, hidden, secret, severities));
  EXECUTE format('REVOKE ALL ON FUNCTION public.%s FROM PUBLIC', function_name);
  EXECUTE format('CREATE OR REPLACE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION public.audit_refuse()', target);
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'audit_write') THEN
    EXECUTE format('CREATE CONSTRAINT TRIGGER audit_write AFTER INSERT OR UPDATE OR DELETE ON %s DEFERRABLE INITIALLY DEFERRED '
      'FOR EACH ROW EXECUTE FUNCTION public.%s()', target, function_name);
  END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_audit;   -- the owner of a function needs it
  EXECUTE format('ALTER FUNCTION public.%s OWNER TO bulwark_audit', function_name);
  REVOKE CREATE ON SCHEMA public FROM bulwark_audit;
END $$;

-- Writes the events of the changes so far, as declared, and returns them: what follows from changed rows is decided by the log itself. They wait
-- for COMMIT, since the client still decides. A transaction sees no other one's pending events.
CREATE FUNCTION audit_changes(declared text) RETURNS TABLE (body text) LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM set_config('app.audit', declared, true);
  PERFORM set_config('app.audit_early', 'on', true);   -- only a superuser may attach a setting of ours to a function
  SET CONSTRAINTS public.audit_write IMMEDIATE;
  SET CONSTRAINTS public.audit_write DEFERRED;
  PERFORM set_config('app.audit_early', '', true);
  RETURN QUERY SELECT e.body FROM public.audit_pending e WHERE e.company_id = context_company() AND e.entity_id IS NOT NULL ORDER BY e.id;
END $$;

ALTER FUNCTION audit_commitment OWNER TO bulwark_audit;
ALTER FUNCTION audit_place OWNER TO bulwark_audit;
ALTER FUNCTION audit_place_pending OWNER TO bulwark_audit;
REVOKE CREATE ON SCHEMA public FROM bulwark_audit;
REVOKE ALL ON FUNCTION audit_changes, audit_commitment, audit_place, audit_place_pending FROM PUBLIC;
REVOKE ALL ON PROCEDURE audit_table FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_changes TO bulwark_app;

CALL audit_table('"Company"', 'id', severities => '{HIGH,MEDIUM,CRITICAL}');
CALL audit_table('"Branch"', severities => '{LOW,LOW,MEDIUM}');
CALL audit_table('"Department"', severities => '{LOW,LOW,MEDIUM}');
CALL audit_table('"Team"', severities => '{LOW,LOW,MEDIUM}');
CALL audit_table('"Membership"', severities => '{MEDIUM,MEDIUM,HIGH}');
CALL audit_table('"Role"', severities => '{HIGH,HIGH,HIGH}');
CALL audit_table('"TeamMember"', severities => '{MEDIUM,MEDIUM,MEDIUM}');
CALL audit_table('"SignInPolicy"', severities => '{HIGH,HIGH,HIGH}');
CALL audit_table('"ServiceAccount"', severities => '{HIGH,HIGH,HIGH}');
CALL audit_table('"ApiKey"', secret => '{hash}', severities => '{HIGH,MEDIUM,HIGH}');
CALL audit_table('"Employee"', hidden => '{ibanIndex,ibanLast4,civilIdIndex,civilIdLast4,passportLast4}', severities => '{MEDIUM,MEDIUM,HIGH}');
CALL audit_table('"Attendance"', severities => '{LOW,LOW,MEDIUM}');
CALL audit_table('"PayrollRun"', severities => '{MEDIUM,MEDIUM,HIGH}');
CALL audit_table('"PayrollItem"', severities => '{LOW,HIGH,HIGH}');
