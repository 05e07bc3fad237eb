import { invalidInput } from '../../errors.ts';

/** The arguments of a connection (Relay Cursor Connections § 4). */
export type PageArgs = {
  first?: number | null | undefined;
  last?: number | null | undefined;
  after?: string | null | undefined;
  before?: string | null | undefined;
};

/** The maximum and the default number of rows on a page. */
const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

/** The rows of a page. `backward` reads from the end. */
export type Page = { take: number; backward: boolean };

/**
 * Returns the rows of a page. Errors: INVALID_INPUT for `first` with `last`, and for a number
 * outside of 0 to 100.
 */
export function pageOf({ first, last }: PageArgs): Page {
  if (first != null && last != null) throw invalidInput({ last: 'expected `first` or `last`, not both' });
  const [name, count] =
    last != null ? (['last', last] as const) : (['first', first ?? DEFAULT_PAGE] as const);
  if (count < 0 || count > MAX_PAGE) throw invalidInput({ [name]: `expected 0 to ${MAX_PAGE}` });
  return { take: count, backward: last != null };
}

/** A row of a list. Its cursor is made when a client selects it. */
class Edge<Row> {
  readonly node: Row;
  readonly #cursorOf: (row: Row) => string;

  constructor(node: Row, cursorOf: (row: Row) => string) {
    this.node = node;
    this.#cursorOf = cursorOf;
  }
  get cursor(): string {
    return this.#cursorOf(this.node);
  }
}

export type Connection<Row> = {
  edges: { readonly cursor: string; readonly node: Row }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  totalCount: () => Promise<number> | number;
};

/**
 * Returns the connection of rows that `pageOf` determined, in the order of reading. `pageInfo` is
 * true of rows that were read with one more than the page has. Rows beyond
 * `after` or `before` are assumed to exist (Relay Cursor Connections § 5.1 allows it).
 */
export function connectionOf<Row>(
  read: readonly Row[],
  args: PageArgs,
  cursorOf: (row: Row) => string,
  totalCount: Connection<Row>['totalCount'],
): Connection<Row> {
  const { take, backward } = pageOf(args);
  const rows = read.length > take ? read.slice(0, take) : read;
  const edges = (backward ? rows.toReversed() : rows).map((node) => new Edge(node, cursorOf));
  return new ReadPage(edges, { args, backward, more: read.length > take }, totalCount);
}

/** How a page was read, and whether more rows follow in the order of reading. */
type Reading = { args: PageArgs; backward: boolean; more: boolean };

/** A class, since an object literal makes its getters again for each list of an answer. */
class ReadPage<Row> implements Connection<Row> {
  readonly edges: Connection<Row>['edges'];
  readonly totalCount: Connection<Row>['totalCount'];
  readonly #reading: Reading;

  constructor(edges: Connection<Row>['edges'], reading: Reading, totalCount: Connection<Row>['totalCount']) {
    this.edges = edges;
    this.#reading = reading;
    this.totalCount = totalCount;
  }
  get pageInfo(): Connection<Row>['pageInfo'] {
    const { args, backward, more } = this.#reading;
    return {
      hasNextPage: backward ? args.before != null : more,
      hasPreviousPage: backward ? more : args.after != null,
      startCursor: this.edges[0]?.cursor ?? null,
      endCursor: this.edges.at(-1)?.cursor ?? null,
    };
  }
}
