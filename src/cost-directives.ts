/**
 * `@cost` and `@listSize` of a field (IBM GraphQL Cost Directives § 3), as its extensions hold them
 * under `directives`.
 */
export type CostDirectives = { cost?: { weight: string }; listSize?: ListSize };

export type ListSize = {
  /** The length where no slicing argument is given. */
  assumedSize?: number;
  /** Arguments that are the length, or as long as the list. */
  slicingArguments?: readonly string[];
  /** Fields of the returned object that have this length, instead of the field itself. */
  sizedFields?: readonly string[];
  requireOneSlicingArgument?: boolean;
};

/** Returns the directives of a field. */
export const costDirectivesOf = (field: { extensions: Readonly<Record<string, unknown>> }): CostDirectives =>
  (field.extensions.directives ?? {}) as CostDirectives;
