import { AppError } from '../../errors.ts';

/** Every limit on requests. Clients never see the numbers. */
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
  /**
   * Cost: 1 for a leaf, 2 for an object, times the length of the list that it stands in
   * (`cost.ts`).
   */
  cost: 10_000,
  /** Assumed length of a connection when neither `first` nor `last` is given. */
  page: 50,
  /** Assumed length of a list without paging. */
  list: 10,
} as const;

export type Limits = { [K in keyof typeof limits]: number };

export const tooComplex = (): AppError =>
  new AppError(
    'QUERY_TOO_COMPLEX',
    'The operation exceeds a limit of depth, cost or repetition; request less at once.',
  );
