import { cursorOf, type Order, placeIn } from './cursor.ts';
import { type Connection, connectionOf, type PageArgs, pageOf } from './page.ts';

type Row = Record<string, unknown>;
type Place = readonly (string | number)[];

/**
 * Returns one page of rows in memory, in this order. Errors: INVALID_INPUT as `pageOf` and
 * `placeIn`.
 */
export function pageInMemory<T extends Row>(rows: readonly T[], args: PageArgs, order: Order): Connection<T> {
  const { take, backward } = pageOf(args);
  const [after, before] = [boundOf(args.after, 'after', order), boundOf(args.before, 'before', order)];
  const within = rows
    .map((row) => ({ row, place: placeOf(row, order) }))
    .filter(({ place }) => !after || compared(place, after, order) > 0)
    .filter(({ place }) => !before || compared(place, before, order) < 0)
    .sort((a, b) => compared(a.place, b.place, order));
  const read = (backward ? within.reverse() : within).slice(0, take + 1).map(({ row }) => row);
  return connectionOf(
    read,
    args,
    (row) => cursorOf(row, order),
    () => rows.length,
  );
}

const boundOf = (
  cursor: string | null | undefined,
  argument: 'after' | 'before',
  order: Order,
): Place | null => (cursor == null ? null : (placeIn(cursor, argument, order) as Place));

/** Returns the values of a row in the columns of the order, as a cursor has them: ISO dates. */
const placeOf = (row: Row, order: Order): Place =>
  JSON.parse(JSON.stringify(order.map(({ column }) => row[column])));

/** Names sort as in PostgreSQL (prisma/migrations/0018_name_order); ISO dates and UUIDs as text. */
const { compare: collated } = new Intl.Collator('und');

function compared(a: Place, b: Place, order: Order): number {
  for (const [index, { direction }] of order.entries()) {
    const [left, right] = [a[index] as string, b[index] as string];
    const sign = collated(left, right) || (left < right ? -1 : Number(left > right));
    if (sign !== 0) return direction === 'asc' ? sign : -sign;
  }
  return 0;
}
