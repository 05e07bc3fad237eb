import type { Context } from '../../context.ts';
import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';

type Where = Record<string, unknown>;
type Selection = { select?: Record<string, unknown>; include?: Record<string, unknown> };

/**
 * Returns the rows that `totalCount` counts, of those that match: a row with a selected and
 * required relation out of the caller's access scope is not in the list (db/tenant/scope.ts).
 */
export function shownRows(model: ModelName, matching: Where, selection: unknown, context: Context): Where {
  const demands = demandsOf(model, selection, context);
  return Object.keys(demands).length > 0 ? { AND: [matching, demands] } : matching;
}

/** What the selected objects of a list demand of its rows. */
function demandsOf(model: ModelName, selection: unknown, context: Context): Where {
  const { select, include } = (selection ?? {}) as Selection;
  const demands = Object.entries({ ...include, ...select }).flatMap(([name, wanted]): [string, Where][] => {
    const field = guarantees[model].fields[name];
    if (!wanted || !field?.relation || field.list || !field.required) return [];
    const relation = field.relation as ModelName;
    const inner = demandsOf(relation, wanted, context);
    return Object.keys(inner).length > 0 || isNarrowed(relation, context) ? [[name, inner]] : [];
  });
  return Object.fromEntries(demands);
}

/**
 * A filter through such a relation finds the rows in the access scope only, even without a
 * condition.
 */
function isNarrowed(model: ModelName, { actor }: Context): boolean {
  const { visible } = guarantees[model];
  return visible !== undefined && actor?.accessScope(visible.read) !== 'company';
}
