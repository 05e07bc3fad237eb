import type { ModelName } from '../../db/guarantees.gen.ts';
import { type Order, type OrderTerm, valuesOf } from './cursor.ts';
import { type PageArgs, pageOf } from './page.ts';

type Where = Record<string, unknown>;
/** Prisma's arguments for one page of a model. */
type KeysetQuery = { where: Where; orderBy: Record<string, 'asc' | 'desc'>[]; take: number };

/** `more`: whether to read one row beyond the page, which tells whether others follow. */
type Wanted = { where?: Where; more?: boolean | undefined };

/**
 * Returns the query for a page of rows in this order (keyset pagination). Errors: INVALID_INPUT as
 * `pageOf` and `valuesOf`.
 */
export function keysetQuery(
  model: ModelName,
  args: PageArgs,
  order: Order,
  { where = {}, more = true }: Wanted = {},
): KeysetQuery {
  const { take, backward } = pageOf(args);
  const bounds = [
    ...boundOf(model, args.after, 'after', order),
    ...boundOf(model, args.before, 'before', order.map(reversed)),
  ];
  return {
    where: bounds.length > 0 ? { AND: [where, ...bounds] } : where,
    orderBy: (backward ? order.map(reversed) : order).map(({ column, direction }) => ({
      [column]: direction,
    })),
    take: more ? take + 1 : take,
  };
}

const reversed = ({ column, direction }: OrderTerm): OrderTerm => ({
  column,
  direction: direction === 'asc' ? 'desc' : 'asc',
});

function boundOf(
  model: ModelName,
  cursor: string | null | undefined,
  argument: 'after' | 'before',
  order: Order,
): Where[] {
  if (cursor == null) return [];
  // a cursor holds the order of the connection, also when it is read backwards
  const named = argument === 'after' ? order : order.map(reversed);
  return [beyond(order, valuesOf(cursor, argument, model, named))];
}

/**
 * Returns the condition for rows beyond a position: further in the first column, or equal there and
 * further in the next. The condition on the first column alone is implied; it lets PostgreSQL read
 * a range of the index.
 */
const beyond = (order: Order, values: readonly unknown[]): Where => ({
  AND: order
    .slice(0, 1)
    .map(({ column, direction }) => ({ [column]: { [`${further[direction]}e`]: values[0] } })),
  OR: order.map(({ column, direction }, index) => ({
    ...Object.fromEntries(order.slice(0, index).map((term, at) => [term.column, values[at]])),
    [column]: { [further[direction]]: values[index] },
  })),
});
const further = { asc: 'gt', desc: 'lt' } as const;
