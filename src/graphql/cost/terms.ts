export type Variables = Readonly<Record<string, unknown>>;

/** A number that may depend on the variables of a request. */
export type Term = number | ((variables: Variables) => number);

/** Beyond it, numbers are no longer exact; products of lengths stay finite. */
const LARGEST = 1e9;

/** Returns what a length counts as: a negative one is refused by its field, and holds nothing. */
export const lengthOf = (length: number): number => Math.min(LARGEST, Math.max(0, length));

export const evaluated = (term: Term, variables: Variables): number =>
  typeof term === 'number' ? term : term(variables);

export function product(a: Term, b: Term): Term {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  if (b === 1) return a;
  return (variables) => evaluated(a, variables) * evaluated(b, variables);
}

/**
 * Returns the sum of terms. A term that stands in it several times is computed once: fragments that
 * spread fragments twice each would otherwise take 2^n steps.
 */
export function sum(terms: readonly Term[]): Term {
  let fixed = 0;
  const times = new Map<Exclude<Term, number>, number>();
  for (const term of terms)
    if (typeof term === 'number') fixed += term;
    else times.set(term, (times.get(term) ?? 0) + 1);
  if (times.size === 0) return fixed;
  const varying = [...times];
  return (variables) => {
    let total = fixed;
    for (const [term, count] of varying) total += count * term(variables);
    return total;
  };
}

export function larger(terms: readonly Term[]): Term {
  const [first = 0, ...others] = terms;
  if (others.length === 0) return first;
  return (variables) => Math.max(...terms.map((term) => evaluated(term, variables)));
}
