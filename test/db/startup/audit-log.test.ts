import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FieldGuarantee, guarantees } from '../../../src/db/guarantees.gen.ts';
import { auditedTable, callOf } from '../../../src/db/startup/audit-log.ts';
import { openStartupDatabase, type StartupDatabase } from '../../support/db/startup-database.ts';

let database: StartupDatabase;
beforeAll(async () => {
  database = await openStartupDatabase();
});
afterAll(() => database.end());

const call = (model: 'Branch' | 'Employee' | 'ApiKey') => callOf(auditedTable(model, guarantees[model]));
const OUT_OF_STEP = (table: string) => `events of table "${table}" are not written as its annotations say`;

test('[L1] callOf gives the call that the migrations have', () => {
  expect(call('Branch')).toBe(`CALL audit_table('"Branch"', severities => '{LOW,LOW,MEDIUM}');`);
  expect(call('ApiKey')).toBe(
    `CALL audit_table('"ApiKey"', secret => '{hash}', severities => '{HIGH,MEDIUM,HIGH}');`,
  );
  expect(callOf(auditedTable('Company', guarantees.Company))).toContain(`('"Company"', 'id', sever`);
});

test.each([
  ['a column becomes @secret', 'Branch', 'name', { secret: true }],
  ['a column is @secret no longer', 'ApiKey', 'hash', { secret: undefined }],
  ['a column becomes a companion', 'Employee', 'jobTitle', { companionOf: 'iban' }],
  ['a companion is one no longer', 'Employee', 'ibanIndex', { companionOf: undefined }],
] as const)(
  '[L1] start-up refuses an audited table when %s and its trigger does not follow',
  async (_what, model, column, changed) => {
    const fields = guarantees[model].fields as Record<string, FieldGuarantee>;
    const field = fields[column] as FieldGuarantee;
    fields[column] = { ...field, ...changed } as FieldGuarantee;
    try {
      const said = await database.problems();
      expect(said).toContain(OUT_OF_STEP(model));
      expect(said).toContain(call(model));
    } finally {
      fields[column] = field;
    }
    expect(await database.problems()).toBe('');
  },
);

const REPLACED = `CREATE OR REPLACE FUNCTION "audit_write_Branch"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog AS 'BEGIN RETURN NULL; END'`;
test.each([
  ['has another severity', `CALL audit_table('"Branch"', severities => '{LOW,LOW,LOW}')`],
  [
    'has a further column',
    'ALTER TABLE "Branch" ADD COLUMN further text',
    'ALTER TABLE "Branch" DROP COLUMN further',
  ],
  ['writes nothing', REPLACED],
  [
    'looks elsewhere first',
    'ALTER FUNCTION "audit_write_Branch"() SET search_path = pg_temp, pg_catalog, public',
  ],
  ['runs as its caller', 'ALTER FUNCTION "audit_write_Branch"() SECURITY INVOKER'],
  ['belongs to another role', 'ALTER FUNCTION "audit_write_Branch"() OWNER TO CURRENT_USER'],
])('[L1] start-up refuses an audited table whose trigger %s', async (_what, change, undo = '') => {
  const said = await database.problemsDuring(change, `${undo}; ${call('Branch')}`);
  expect(said).toContain(OUT_OF_STEP('Branch'));
});

const trigger = (events: string, how: string, condition = '') =>
  `CREATE CONSTRAINT TRIGGER audit_write AFTER ${events} ON "Branch" ${how} FOR EACH ROW ${condition} EXECUTE FUNCTION "audit_write_Branch"()`;
const [ALL, DEFERRED] = ['INSERT OR UPDATE OR DELETE', 'DEFERRABLE INITIALLY DEFERRED'];
test.each([
  ['of INSERT and UPDATE alone', trigger('INSERT OR UPDATE', DEFERRED)],
  ['that is not deferred', trigger(ALL, '')],
  ['that is deferred on demand', trigger(ALL, 'DEFERRABLE')],
  ['with a condition', trigger(ALL, DEFERRED, 'WHEN (pg_trigger_depth() > 9)')],
])('[L1] start-up refuses an audited table with a trigger %s', async (_what, create) => {
  const drop = 'DROP TRIGGER audit_write ON "Branch"';
  const said = await database.problemsDuring(`${drop}; ${create}`, `${drop}; ${call('Branch')}`);
  expect(said).toContain('table "Branch" is audited but lacks the trigger that writes its events');
});

test.each([
  ['audit_event', 'audit_refuse', 'ENABLE ALWAYS'],
  ['audit_event', 'audit_refuse_truncate', 'ENABLE ALWAYS'],
  ['audit_head', 'audit_refuse', 'ENABLE ALWAYS'],
  ['audit_head', 'audit_refuse_return', 'ENABLE ALWAYS'],
  ['audit_head', 'audit_refuse_truncate', 'ENABLE ALWAYS'],
  ['audit_pending', 'audit_place_pending', 'ENABLE'],
  ['audit_pending', 'audit_read_body', 'ENABLE ALWAYS'],
])('[L4] start-up refuses %s without its trigger %s', async (table, trigger, undo) => {
  const alter = (how: string) => `ALTER TABLE ${table} ${how} TRIGGER ${trigger}`;
  const said = await database.problemsDuring(alter('DISABLE'), alter(undo));
  expect(said).toContain(`the audit log's table ${table} lacks its trigger ${trigger}`);
});
