-- The last wall of the sealed columns: plain text does not get in, by raw SQL neither.
CREATE FUNCTION is_sealed(value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT value ~ '^b1\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{38,}$' $$;

CREATE PROCEDURE protect_sealed_column(target regclass, sealed_column name) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (is_sealed(%I))', target, sealed_column || '_sealed', sealed_column);
END $$;
REVOKE ALL ON PROCEDURE protect_sealed_column FROM PUBLIC;

CALL protect_sealed_column('"Employee"', 'salary');
CALL protect_sealed_column('"Employee"', 'iban');
CALL protect_sealed_column('"Employee"', 'civilId');
CALL protect_sealed_column('"Employee"', 'passport');
CALL protect_sealed_column('"PayrollRun"', 'total');
CALL protect_sealed_column('"PayrollItem"', 'amount');

-- Start-up must know that every master key in use was given, of all companies. It learns ids and counts, no key.
CREATE POLICY key_census ON "DataKey" FOR SELECT TO bulwark_identity USING (true);
GRANT SELECT ("masterKey") ON "DataKey" TO bulwark_identity;
CREATE FUNCTION master_keys_in_use() RETURNS TABLE (master_key text, data_keys bigint) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$ SELECT "masterKey", count(*) FROM public."DataKey" GROUP BY 1 $$;
REVOKE ALL ON FUNCTION master_keys_in_use() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION master_keys_in_use() TO bulwark_app;

-- Handing it over takes membership in the new owner, for this moment only; see 0003_identity.
DO $$
DECLARE able boolean;
BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    able := pg_has_role(current_user, 'bulwark_identity', 'SET');
  ELSE
    able := pg_has_role(current_user, 'bulwark_identity', 'MEMBER');
  END IF;
  IF NOT able THEN GRANT bulwark_identity TO CURRENT_USER; END IF;
  GRANT CREATE ON SCHEMA public TO bulwark_identity;
  ALTER FUNCTION master_keys_in_use() OWNER TO bulwark_identity;
  REVOKE CREATE ON SCHEMA public FROM bulwark_identity;
  IF NOT able THEN REVOKE bulwark_identity FROM CURRENT_USER; END IF;
END $$;
