import pg from 'pg';
import type { FieldGuarantee } from '../guarantees.gen.ts';

/** How a statement's columns become a row as Prisma gives it: which position holds what. */
export type RowShape = {
  columns: { name: string; at: number; sql: FieldGuarantee['sql'] }[];
  /**
   * Relations to one: joined in; `presence` is a column that is only null when there is no such
   * row.
   */
  ones: { name: string; presence: number; shape: RowShape }[];
  /** Relations to many: JSON arrays of arrays, in the nested shape's order. */
  lists: { name: string; at: number; shape: RowShape }[];
};

type Cells = readonly unknown[];
type Read = (cell: never) => unknown;

const same: Read = (cell) => cell;
const moment = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as Read;
const textList = pg.types.getTypeParser(1009 as never) as Read; // _text
// ten characters are a day in UTC (ECMA-262 § 21.4.1.32), a longer year would be local time
const day = (cell: string) => new Date(cell.length === 10 ? cell : Number.NaN);

/** From PostgreSQL's text format; null never gets here. */
const FROM_TEXT: Record<string, Read> = {
  uuid: same,
  text: same,
  enum: same,
  integer: Number as Read,
  boolean: ((cell: string) => cell === 't') as Read,
  timestamptz: moment,
  date: day as Read,
  'text[]': textList,
};
/** From PostgreSQL's JSON. */
const FROM_JSON: Record<string, Read> = {
  uuid: same,
  text: same,
  enum: same,
  integer: same,
  boolean: same,
  timestamptz: ((cell: string) => new Date(cell)) as Read,
  date: day as Read,
  'text[]': same,
};

/** Every cell as the text that PostgreSQL sent, for `rowsOf`. */
export const asText = { getTypeParser: () => (cell: string) => cell };

/** Rows out of a result that was asked for with `rowMode: 'array'` and `types: asText`. */
export const rowsOf = (shape: RowShape, result: readonly Cells[]): Record<string, unknown>[] =>
  result.map((cells) => rowOf(shape, cells, FROM_TEXT));

function rowOf({ columns, ones, lists }: RowShape, cells: Cells, from: Record<string, Read>) {
  const row: Record<string, unknown> = {};
  for (const { name, at, sql } of columns) {
    const cell = cells[at];
    row[name] = cell === null ? null : (from[sql as string] as Read)(cell as never);
  }
  for (const { name, presence, shape } of ones)
    row[name] = cells[presence] === null ? null : rowOf(shape, cells, from);
  for (const { name, at, shape } of lists) {
    const items = (from === FROM_TEXT ? JSON.parse(cells[at] as string) : cells[at]) as Cells[];
    row[name] = items.map((item) => rowOf(shape, item, FROM_JSON));
  }
  return row;
}
