import { isPermission } from '../../../src/auth/authorization/permissions.ts';
import { type PolicyLine, policyMap } from '../../../src/schema/policy/policy-map.ts';
import { type Answer, uuidOf } from '../server/world.ts';
import { type Attacker, distance, holds, reaches } from './actors.ts';
import { decoded, uuidsIn } from './answers.ts';
import { type InsideWorld, schema, typeOfRow } from './inside-world.ts';
import type { PlacedRow } from './rows.ts';

const policy = new Map(policyMap(schema).map((line) => [`${line.type}.${line.field}`, line]));

export const lineOf = (type: string, field: string) => policy.get(`${type}.${field}`) as PolicyLine;
export const permissionsOf = ({ access }: PolicyLine): string[] => access.split(' and ').filter(isPermission);

/** Whether the attacker may see a field of a row. */
export function maySee(attacker: Attacker, row: PlacedRow, field: string): boolean {
  const line = lineOf(typeOfRow(row), field);
  const all = permissionsOf(line);
  const own = line.self !== null && row.place.user === attacker.userId;
  // a field that is open to who the row is about needs its type's permissions alone
  return (own ? all.slice(0, -1) : all).every((permission) => reaches(attacker, permission, row.place));
}

/**
 * One row of each model at each distance, and the attacker's own, that these permissions do not
 * reach.
 */
export function targets(
  { rows }: Pick<InsideWorld, 'rows'>,
  attacker: Attacker,
  isReached: (row: PlacedRow) => boolean,
): PlacedRow[] {
  const chosen = new Map<string, PlacedRow>();
  for (const row of rows) {
    const kind = `${row.model} ${distance(attacker, row.place)} ${row.place.user === attacker.userId}`;
    if (!isReached(row)) chosen.set(kind, row);
  }
  return [...chosen.values()];
}

type Known = Pick<InsideWorld, 'byId' | 'truth'>;

/**
 * The ids and values in an answer that the attacker may not see. `sent` are ids that the attacker
 * named.
 */
export function leaks(inside: Known, attacker: Attacker, answer: Answer, sent: string[] = []): string[] {
  const text = sent.reduce(
    (left, id) => left.replaceAll(id, '').replaceAll(uuidOf(id), ''),
    decoded(JSON.stringify({ ...answer, headers: {} })),
  );
  const ids = uuidsIn(text).flatMap((id) => {
    const row = inside.byId.get(id);
    return row && !maySee(attacker, row, 'id') ? [`${row.model} ${id}`] : [];
  });
  return [...new Set(ids), ...leakedValues(inside, attacker, answer.data)];
}

function leakedValues({ byId, truth }: Known, attacker: Attacker, data: unknown): string[] {
  if (typeof data !== 'object' || data === null) return [];
  const row = byId.get(uuidOf(String((data as { id?: string }).id ?? '')));
  return Object.entries(data).flatMap(([field, value]) => {
    if (typeof value === 'object') return leakedValues({ byId, truth }, attacker, value);
    const secret = row && field !== '__typename' && value === truth.get(row.id)?.[field];
    return secret && !maySee(attacker, row, field) ? [`${row.model}.${field} of ${row.id}`] : [];
  });
}

/** Whether an attacker holds what an operation's own field asks for. */
export const mayUse = (attacker: Attacker, parent: string, field: string): boolean => {
  const line = lineOf(parent, field);
  if (attacker.isKey && line.access === 'signedIn') return false;
  return permissionsOf(line).every((permission) => holds(attacker, permission));
};
