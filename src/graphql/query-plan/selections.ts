import { getLoaderMapping } from '@pothos/selection-mapper';
import type { Context } from '../../context.ts';
import type { Position, Selection } from './execution-state.ts';

/**
 * Compiles which selection loaded a field of this type with its row; null when its row was loaded
 * without it. Pothos answers the same from weak maps, with an entry for each position of an answer:
 * a third of the work of three nested lists. Here the position itself holds it.
 */
export function selectionFinder(type: string) {
  let key: string | undefined; // the same for each row
  return (row: unknown, context: Context, position: Position): Selection | null => {
    const above = closest(position.prev);
    if (!above?.selection) return getLoaderMapping(context, position as never, type, row as never);
    key ??= `${type}@${pathBetween(above, position)}`;
    return above.selection.nested[key] ?? null;
  };
}

/** The closest position that a selection was looked up for. */
function closest(position: Position | undefined): Position | undefined {
  let above = position;
  while (above && above.selection === undefined) above = above.prev;
  return above;
}

/** Response names joined by `.`, without indices of lists. */
function pathBetween(above: Position, position: Position): string {
  const names: string[] = [];
  for (let at: Position | undefined = position; at && at !== above; at = at.prev)
    if (typeof at.key === 'string') names.unshift(at.key);
  return names.join('.');
}
