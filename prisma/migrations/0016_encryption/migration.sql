-- Chapter 16. Encrypted columns refuse plain text, from raw SQL too (E1), and start-up knows every master key in use (E3).

-- Whether a value has the form of a ciphertext: b1.<key id>.<base64url>. PL/pgSQL and a pattern without bounded repeats: a microsecond, where
-- an SQL function is parsed for each statement and bounded repeats are unrolled for each match.
CREATE FUNCTION is_sealed(value text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN value OPERATOR(pg_catalog.~) '^b1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$'
     AND pg_catalog.length(pg_catalog.split_part(value, '.', 2)) OPERATOR(pg_catalog.<=) 64
     AND pg_catalog.length(pg_catalog.split_part(value, '.', 3)) OPERATOR(pg_catalog.>=) 38;
END $$;

REVOKE ALL ON FUNCTION is_sealed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_sealed TO bulwark_app, bulwark_identity;   -- the role that writes a value evaluates its type's CHECK

-- The type of an encrypted column: no value of it is plain text. PostgreSQL checks a type's values when they are assigned, and keeps the check
-- prepared for the connection; it would read and plan the CHECK of a table's column for each statement, whatever it changes.
CREATE DOMAIN sealed AS text CONSTRAINT sealed CHECK (is_sealed(VALUE));

-- Makes a column refuse plain text; `npm run new:model` writes the call.
CREATE PROCEDURE protect_sealed_column(target regclass, sealed_column name) LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE sealed', target, sealed_column);
END $$;
REVOKE ALL ON PROCEDURE protect_sealed_column FROM PUBLIC;

-- Under the company's keys.
CALL protect_sealed_column('"Employee"', 'salary');
CALL protect_sealed_column('"Employee"', 'iban');
CALL protect_sealed_column('"Employee"', 'civilId');
CALL protect_sealed_column('"Employee"', 'passport');
CALL protect_sealed_column('"PayrollRun"', 'total');
CALL protect_sealed_column('"PayrollItem"', 'amount');
CALL protect_sealed_column('"IdempotencyKey"', 'sealedRequest');
CALL protect_sealed_column('"IdempotencyKey"', 'sealedAnswer');

-- Under the platform's keys (src/auth/secrets/sealed-secret.ts): secrets that the server must read again.
CALL protect_sealed_column('"TotpFactor"', 'secret');
CALL protect_sealed_column('"ContactFactor"', 'destination');
CALL protect_sealed_column('"RefreshToken"', 'successor');
CALL protect_sealed_column('"RotatedSessionToken"', 'successor');
CALL protect_sealed_column('"SigningKey"', 'privateKey');

-- Start-up must know that every master key in use was given, over all companies. It learns ids and counts, no key.
CREATE POLICY identity_counts_master_keys ON "DataKey" FOR SELECT TO bulwark_identity USING (true);
GRANT SELECT ("masterKey") ON "DataKey" TO bulwark_identity;
CREATE FUNCTION master_keys_in_use() RETURNS TABLE (master_key text, data_keys bigint) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$ SELECT "masterKey", count(*) FROM public."DataKey" GROUP BY 1 $$;
CALL protect_identity_function('master_keys_in_use()');
