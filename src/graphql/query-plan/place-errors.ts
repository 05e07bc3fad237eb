import type { ExecutionResult } from 'graphql';
import type { FieldError, Position } from './execution-state.ts';

type Data = Record<string | number, unknown>;

/**
 * Returns the answer with its errors: each makes the closest position around it null that may be
 * (GraphQL § 6.4.4). Of several errors below a position that became null the first is reported, as
 * the executor does.
 */
export function placeErrors(data: Record<string, unknown>, errors: FieldError[]): ExecutionResult {
  let root: Record<string, unknown> | null = data;
  const reported: FieldError['error'][] = [];
  for (const { error, position } of errors) {
    const positions = fromRoot(position);
    if (root === null || !holderOf(root, positions, positions.length - 1)) continue;
    reported.push(error);
    const at = positions.findLastIndex(({ nullable }) => nullable);
    if (at < 0) root = null;
    else setNull(root, positions, at);
  }
  return reported.length > 0 ? { errors: reported, data: root } : { data: root };
}

function fromRoot(position: Position): Position[] {
  const positions: Position[] = [];
  for (let at: Position | undefined = position; at; at = at.prev) positions.unshift(at);
  return positions;
}

/** What holds the position with this index; null when something around it is null already. */
function holderOf(root: Data, positions: Position[], index: number): Data | null {
  let holder: Data | null = root;
  for (const { key } of positions.slice(0, index)) holder = (holder?.[key] ?? null) as Data | null;
  return holder;
}

function setNull(root: Data, positions: Position[], index: number): void {
  const holder = holderOf(root, positions, index);
  const position = positions[index];
  if (holder && position) holder[position.key] = null;
}
