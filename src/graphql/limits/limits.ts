import { AppError } from '../../errors.ts';

/** Every limit on requests. Clients see the number of the cost only. */
export const limits = {
  /** Bytes of a request body. */
  body: 1_048_576,
  /** Characters of a GraphQL document. */
  document: 50_000,
  /**
   * Brackets open at once in a document. Checked before the parser runs, which recurses: 2,000 `[`
   * overflow the stack.
   */
  nesting: 50,
  /** Objects and arrays inside each other in `variables` and `extensions`. */
  inputDepth: 12,
  /** Items of one array, and names of one object, in `variables` and `extensions`. */
  inputItems: 1_000,
  /**
   * Lexer tokens of a document. Validation is quadratic in the worst case: 1,000 tokens stay under
   * 50 ms.
   */
  tokens: 1_000,
  /** Selection sets inside each other, fragments flattened. */
  depth: 12,
  /** Aliases, `__typename` included. */
  aliases: 30,
  /** Directives of an operation, fragments included. */
  directives: 20,
  /** Directives of one field, fragment or operation. */
  directivesPerNode: 4,
  /** Fields of a document, where each fragment stands in place of its spreads. */
  size: 5_000,
  /** Estimated cost of an operation, by `@cost` and `@listSize` (cost/). */
  cost: 2_000,
} as const;

export type Limits = { [K in keyof typeof limits]: number };

export const tooComplex = (): AppError =>
  new AppError(
    'QUERY_TOO_COMPLEX',
    'The operation exceeds a limit of depth, cost or repetition; request less at once.',
  );
