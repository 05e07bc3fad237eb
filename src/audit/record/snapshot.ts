import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';

/** A row as the record shows it: plain JSON, sealed columns as ciphertext. */
export type Image = Record<string, unknown>;
type Row = Record<string, unknown>;

/** What a sealed column looks like in PostgreSQL (crypto/aead.ts): format, key id, at least an IV and a tag. */
const CIPHERTEXT = /^b1\.[\w-]+\.[\w-]{38,}$/;

/** The columns of a model that an image holds: not relations, nor the companions, which follow from the sealed columns. */
export const columnsOf = (model: ModelName): string[] =>
  Object.entries(guarantees[model].fields)
    .filter(([, field]) => !field.relation && !field.companionOf)
    .map(([name]) => name);

/** The whole row as an image. Throws when a sealed column holds anything but ciphertext: plain values never get on the record. */
export function imageOf(model: ModelName, row: Row): Image {
  return Object.fromEntries(columnsOf(model).map((column) => [column, shown(model, column, row[column])]));
}

/** Both images of a change: the row's id and the columns that differ. */
export function changeOf(model: ModelName, before: Row, after: Row): { before: Image; after: Image } {
  const [old, fresh] = [imageOf(model, before), imageOf(model, after)];
  const columns = columnsOf(model).filter(
    (name) => name === 'id' || JSON.stringify(old[name]) !== JSON.stringify(fresh[name]),
  );
  return { before: pick(old, columns), after: pick(fresh, columns) };
}

/** Throws when an image holds a sealed or secret column in the clear, whoever made it. */
export function assertSealed(model: ModelName, image: Image): void {
  for (const [column, value] of Object.entries(image)) shown(model, column, value);
}

function shown(model: ModelName, column: string, value: unknown): unknown {
  const field = guarantees[model].fields[column];
  if (!field) throw new Error(`audit image of ${model}: there is no column ${column}`);
  if (value === null || value === undefined) return null;
  if (field.secret) return '[secret]';
  if (field.sealed) return ciphertext(model, column, value);
  return asJson(value);
}

/** Sealed values of Prisma's rows know their ciphertext; raw rows are the ciphertext. */
function ciphertext(model: ModelName, column: string, value: unknown): string {
  const text = typeof value === 'object' ? (value as { ciphertext?: unknown }).ciphertext : value;
  if (typeof text === 'string' && CIPHERTEXT.test(text)) return text;
  throw new Error(
    `audit image of ${model}.${column}: expected ciphertext; a sealed column never gets on the record in the clear`,
  );
}

/** Exact as text: JSON's numbers would lose a decimal's digits. */
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

const pick = (image: Image, columns: string[]): Image =>
  Object.fromEntries(columns.map((name) => [name, image[name]]));
