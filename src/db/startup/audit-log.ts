import { events, isAction } from '../../audit/record/events.ts';
import { guarantees, type ModelGuarantee } from '../guarantees.gen.ts';
import type { Query } from '../sql.ts';

/**
 * The arguments of `audit_table` (chapter 15 of the migrations) that a model's annotations and the
 * catalogue of events give.
 */
export type AuditedTable = {
  name: string;
  tenant: string | null;
  hidden: string[];
  secret: string[];
  severities: (string | null)[];
};

/** Returns what the migrations have to say of an audited model. */
export function auditedTable(model: string, { table, tenant, fields }: ModelGuarantee): AuditedTable {
  const columns = (which: 'companionOf' | 'secret') =>
    Object.keys(fields).filter((name) => fields[name]?.[which]);
  const event = `${model[0]?.toLowerCase()}${model.slice(1)}`;
  const severities = ['created', 'updated', 'deleted'].map((change) => {
    const action = `${event}.${change}`;
    return isAction(action) ? events[action].severity : null;
  });
  return { name: table, tenant, hidden: columns('companionOf'), secret: columns('secret'), severities };
}

const TABLES = `SELECT name, f.oid IS NOT NULL AS written,
    f.prosrc = audit_source(to_regclass(quote_ident(name)), tenant, hidden, secret, severities)
      AND f.prosecdef AND f.proowner = 'bulwark_audit'::regrole AND f.proconfig = ARRAY['search_path=pg_catalog, public, pg_temp'] AS same
  FROM jsonb_to_recordset($1) AS given (name name, tenant name, hidden name[], secret name[], severities text[], columns name[])
    LEFT JOIN (pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid) ON t.tgrelid = to_regclass(quote_ident(name)) AND tgname = 'audit_write'
      AND tgenabled IN ('O', 'A') AND tgtype = 29 AND tgqual IS NULL AND tgdeferrable AND tginitdeferred
  WHERE columns <@ ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(name)) AND NOT attisdropped)`;

/**
 * The triggers of the log's own tables, and whether also a session with `session_replication_role =
 * replica` has them.
 */
const OWN: Record<string, Record<string, 'always' | 'origin'>> = {
  audit_event: { audit_refuse: 'always', audit_refuse_truncate: 'always' },
  audit_head: { audit_refuse: 'always', audit_refuse_return: 'always', audit_refuse_truncate: 'always' },
  audit_pending: { audit_place_pending: 'origin', audit_read_body: 'always' },
};

const TRIGGERS = `SELECT tgrelid::regclass::text AS table, tgname::text AS name, tgenabled::text AS enabled FROM pg_trigger
  WHERE tgrelid::regclass::text LIKE 'audit\\_%' AND NOT tgisinternal`;

/** A table that lacks one of them is a problem of its own (columns.ts). */
const columnsOf = (fields: ModelGuarantee['fields']) =>
  Object.keys(fields).filter((name) => !fields[name]?.relation);

type Table = { name: string; written: boolean; same: boolean };
type Trigger = { table: string; name: string; enabled: string };

/**
 * Each audited table has the trigger that writes its events as its annotations say, and the log its
 * own triggers (L1, L3, L4).
 */
export async function auditLogProblems(query: Query): Promise<string[]> {
  const audited = Object.entries(guarantees).filter(([, { audited }]) => audited);
  const expected = audited.map(([model, guarantee]) => auditedTable(model, guarantee));
  const given = audited.map(([, { fields }], index) => ({ ...expected[index], columns: columnsOf(fields) }));
  const tables = await query<Table>(TABLES, [JSON.stringify(given)]);
  const problems = tables.map((table) => tableProblem(table, expected));
  return [...problems, ...(await ownProblems(query))].filter((problem) => problem !== null);
}

function tableProblem({ name, written, same }: Table, expected: AuditedTable[]): string | null {
  if (!written) return `table "${name}" is audited but lacks the trigger that writes its events`;
  const table = expected.find((one) => one.name === name);
  return same || !table
    ? null
    : `events of table "${name}" are not written as its annotations say; add a migration with ${callOf(table)}`;
}

/** Returns the call of `audit_table` that gives a table its trigger. */
export function callOf({ name, tenant, hidden, secret, severities }: AuditedTable): string {
  const list = (argument: string, items: (string | null)[]) =>
    items.length > 0 && `${argument} => '{${items.join()}}'`;
  const further = [
    tenant === 'id' && "'id'",
    list('hidden', hidden),
    list('secret', secret),
    list('severities', severities),
  ];
  return `CALL audit_table(${[`'"${name}"'`, ...further.filter((argument) => argument)].join(', ')});`;
}

async function ownProblems(query: Query): Promise<string[]> {
  const found = await query<Trigger>(TRIGGERS);
  const has = (table: string, name: string, enabled: string[]) =>
    found.some((one) => one.table === table && one.name === name && enabled.includes(one.enabled));
  return Object.entries(OWN).flatMap(([table, triggers]) =>
    Object.entries(triggers)
      .filter(([name, when]) => !has(table, name, when === 'always' ? ['A'] : ['O', 'A']))
      .map(([name]) => `the audit log's table ${table} lacks its trigger ${name}: run the migrations`),
  );
}
