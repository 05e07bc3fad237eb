import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';

/** A row as the audit log shows it: plain JSON, sealed columns as ciphertext. */
export type Snapshot = Record<string, unknown>;
type Row = Record<string, unknown>;

/** The format of a sealed value in PostgreSQL (crypto/aead.ts): version, key id, at least an IV and a tag. */
const CIPHERTEXT = /^b1\.[\w-]+\.[\w-]{38,}$/;

/** Returns the columns that a snapshot holds: no relations, and no companions, which follow from the sealed columns. */
export const columnsOf = (model: ModelName): string[] =>
  Object.entries(guarantees[model].fields)
    .filter(([, field]) => !field.relation && !field.companionOf)
    .map(([name]) => name);

/** Returns the whole row as a snapshot. Throws when a sealed column holds anything but ciphertext. */
export function snapshotOf(model: ModelName, row: Row): Snapshot {
  return Object.fromEntries(columnsOf(model).map((column) => [column, shown(model, column, row[column])]));
}

/** Returns both snapshots of a change: the row's id and the columns that differ. Null when no column does. */
export function changeOf(
  model: ModelName,
  before: Row,
  after: Row,
): { before: Snapshot; after: Snapshot } | null {
  const [old, fresh] = [snapshotOf(model, before), snapshotOf(model, after)];
  const changed = columnsOf(model).filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(fresh[name]),
  );
  if (changed.length === 0) return null;
  const columns = columnsOf(model).filter((name) => name === 'id' || changed.includes(name));
  return { before: pick(old, columns), after: pick(fresh, columns) };
}

/** Throws when a snapshot holds a sealed column in the clear. */
export function assertSealed(model: ModelName, snapshot: Snapshot): void {
  for (const [column, value] of Object.entries(snapshot)) shown(model, column, value);
}

function shown(model: ModelName, column: string, value: unknown): unknown {
  const field = guarantees[model].fields[column];
  if (!field) throw new Error(`audit snapshot of ${model}: there is no column ${column}`);
  if (value === null || value === undefined) return null;
  if (field.secret) return '[secret]';
  if (field.sealed) return ciphertext(model, column, value);
  return asJson(value);
}

/** Returns the ciphertext: a property of Prisma's sealed values, the value itself in raw rows. */
function ciphertext(model: ModelName, column: string, value: unknown): string {
  const text = typeof value === 'object' ? (value as { ciphertext?: unknown }).ciphertext : value;
  if (typeof text === 'string' && CIPHERTEXT.test(text)) return text;
  throw new Error(
    `audit snapshot of ${model}.${column}: expected ciphertext; a sealed column is never logged in the clear`,
  );
}

/** Writes decimals as text, since JSON numbers lose digits. */
function asJson(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value === 'bigint' || isDecimal(value)) return String(value);
  return value;
}

const isDecimal = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { toFixed?: unknown }).toFixed === 'function';

const pick = (snapshot: Snapshot, columns: string[]): Snapshot =>
  Object.fromEntries(columns.map((name) => [name, snapshot[name]]));
