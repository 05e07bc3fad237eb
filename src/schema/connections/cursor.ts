import { type FieldGuarantee, guarantees, type ModelName } from '../../db/guarantees.gen.ts';
import { invalidInput } from '../../errors.ts';

/** One column of an order. Columns hold no null; the last one is the tie-break `id`. */
export type OrderTerm = { column: string; direction: 'asc' | 'desc' };
export type Order = readonly OrderTerm[];

type Row = Record<string, unknown>;
type Value = string | number | Date;

/**
 * Returns the cursor of a row: its values in each column of the order. It is a position, so the
 * cursor of a deleted row still works (Relay Cursor Connections § 4.4).
 */
export const cursorOf = (row: Row, order: Order): string =>
  encodeCursor([nameOf(order), ...order.map(({ column }) => row[column])]);

/** Returns the text of a cursor: base64url of JSON. */
const encodeCursor = (values: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

/**
 * Returns the values of a cursor in the columns of the order. Errors: INVALID_INPUT for any other
 * text.
 */
export function valuesOf(cursor: string, argument: string, model: ModelName, order: Order): Value[] {
  const values = placeIn(cursor, argument, order);
  return order.map(({ column }, index) => {
    const field = guarantees[model].fields[column] as FieldGuarantee;
    const value = decoders[field.sql as keyof typeof decoders]?.(values[index]);
    if (value === undefined) throw invalidCursor(argument);
    return value;
  });
}

/**
 * Returns the values of a cursor of this order as JSON has them. Errors: INVALID_INPUT for any
 * other text.
 */
export function placeIn(cursor: string, argument: string, order: Order): unknown[] {
  const [name, ...values] = decodeCursor(cursor, argument);
  if (name !== nameOf(order) || values.length !== order.length) throw invalidCursor(argument);
  return values;
}

/** Returns the values in a cursor. Errors: INVALID_INPUT for text that is no cursor. */
function decodeCursor(cursor: string, argument: string): unknown[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor.slice(0, 4096), 'base64url').toString());
    if (Array.isArray(values)) return values;
  } catch {
    // text that is no JSON is no cursor
  }
  throw invalidCursor(argument);
}

const invalidCursor = (argument: string) =>
  invalidInput({ [argument]: 'expected a cursor of this connection in the same order' });

const nameOf = (order: Order) => order.map(({ column, direction }) => `${column} ${direction}`).join();

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Decode a value by its PostgreSQL type; undefined for a value that the type does not have. */
const decoders = {
  text: (value: unknown) =>
    typeof value === 'string' && value.isWellFormed() && !value.includes('\0') ? value : undefined,
  uuid: (value: unknown) => (typeof value === 'string' && UUID.test(value) ? value : undefined),
  integer: (value: unknown) =>
    Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? (value as number) : undefined,
  date: (value: unknown) => instant(value),
  timestamptz: (value: unknown) => instant(value),
};

/** A moment of the years 1 to 9999 (RFC 3339 § 5.6 has no others, and PostgreSQL no year 0). */
function instant(value: unknown): Date | undefined {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== value) return undefined;
  return date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999 ? date : undefined;
}
