import type pg from 'pg';

/** One change of a row or one act of a transaction, in the order of a transaction. */
export type Seen = {
  label: string;
  company: string;
  kind: 'INSERT' | 'UPDATE' | 'DELETE' | 'event' | 'early';
  entity: string;
  id: string;
  before: Row | null;
  after: Row | null;
};
export type Row = Record<string, unknown>;

export const TABLES = ['Company', 'Branch', 'Department', 'Employee', 'PayrollRun', 'PayrollItem'];

/**
 * Records each change of a row as it happens, in a table that is part of its transaction: what was
 * rolled back is not there. It shares nothing with the triggers of the audit log. `app.label` names
 * the transaction. The triggers' names precede those of foreign keys, so that a row is recorded
 * before the rows that are deleted along with it.
 */
export async function installRecorder(owner: pg.Client): Promise<void> {
  await owner.query(`
    CREATE TABLE seen (
      seq bigint GENERATED ALWAYS AS IDENTITY, label text, company uuid, kind text, entity text, id uuid, before jsonb, after jsonb);
    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
      new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
      it jsonb := coalesce(new_row, old_row);
    BEGIN
      IF old_row IS DISTINCT FROM new_row THEN
        INSERT INTO seen (label, company, kind, entity, id, before, after) VALUES (current_setting('app.label'),
          (CASE WHEN TG_TABLE_NAME = 'Company' THEN it ->> 'id' ELSE it ->> 'companyId' END)::uuid,
          TG_OP, TG_TABLE_NAME, (it ->> 'id')::uuid, old_row, new_row);
      END IF;
      RETURN NULL;
    END $$;
    CREATE FUNCTION see_act(kind text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      INSERT INTO seen (label, company, kind) VALUES (current_setting('app.label'), current_setting('app.company_id')::uuid, kind) $$;
    GRANT EXECUTE ON FUNCTION see, see_act TO PUBLIC`);
  // Programs of several connections in one company do wait for each other in circles.
  await owner.query(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''20ms''', current_database()); END $$`,
  );
  for (const table of TABLES)
    await owner.query(
      `CREATE TRIGGER "A_see" AFTER INSERT OR UPDATE OR DELETE ON "${table}" FOR EACH ROW EXECUTE FUNCTION see()`,
    );
}

export const seenIn = async (owner: pg.Client, company: string): Promise<Seen[]> =>
  (await owner.query('SELECT * FROM seen WHERE company = $1 ORDER BY seq', [company])).rows;
