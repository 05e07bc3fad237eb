import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attacker, holds, reaches } from '../../support/attack/actors.ts';
import { codesOf, comparable, inParallel, isEmpty } from '../../support/attack/answers.ts';
import { changedBy } from '../../support/attack/digest.ts';
import { type InsideWorld, nodes, openInsideWorld, schema } from '../../support/attack/inside-world.ts';
import type { Place, PlacedRow } from '../../support/attack/rows.ts';
import { leaks, lineOf, mayUse, permissionsOf, targets } from '../../support/attack/sight.ts';
import { attackPoints, mutationsWithIds, type Point, subsets } from '../../support/attack/walk.ts';
import { globalId, uuidOf } from '../../support/server/world.ts';

let inside: InsideWorld;
const problems: string[] = [];
let number = 1000;

beforeAll(async () => {
  inside = await openInsideWorld();
});
afterAll(() => inside?.end());

/** Runs attacks of one operation and complains when any row has changed. */
async function changingNothing(title: string, run: () => Promise<void>): Promise<void> {
  for (const table of await changedBy(inside.owner, run)) problems.push(`${title}: changed ${table}`);
}

const REFUSED = ['NOT_FOUND', 'FORBIDDEN', 'INVALID_INPUT', 'CONFLICT'];

describe('changes inside a company', () => {
  const PLACES = { Branch: 'branch', Department: 'department', Team: 'team' } as const;
  const isPlace = (kind: string): kind is keyof typeof PLACES => kind in PLACES;
  const isRow = (kind: string) => inside.rows.some(({ model }) => model === nodes.get(kind));
  /** The mutations that take rows or places, each with every set of ids that it can take. */
  let byField: Map<string, Point[]>;
  beforeAll(() => {
    const points = mutationsWithIds(schema, ([kind = '']) => isPlace(kind) || isRow(kind));
    byField = Map.groupBy(points, ({ field }) => field);
  });

  /**
   * The id that a row gives for a kind: its own, its place's, or that of a row of another model
   * which is as far away.
   */
  function idFrom(row: PlacedRow, kind: string): string {
    if (isPlace(kind)) return globalId(kind, row.place[PLACES[kind]] ?? crypto.randomUUID());
    const model = nodes.get(kind);
    const same = (other: Place) =>
      Object.entries(row.place).every(([name, value]) => other[name as keyof Place] === value);
    const found =
      row.model === model ? row : inside.rows.find((one) => one.model === model && same(one.place));
    return globalId(kind, found?.id ?? crypto.randomUUID());
  }

  /** Whether the ids name a row, or a place for a row, that the permission does not reach. */
  function isOutside(attacker: Attacker, permission: string, ids: [kind: string, id: string][]): boolean {
    const named = ids.flatMap(([, id]) => inside.byId.get(uuidOf(id)) ?? []);
    if (named.some(({ place }) => !reaches(attacker, permission, place))) return true;
    const placed = ids.filter(([kind]) => isPlace(kind));
    if (placed.length === 0) return false;
    const base: Place = named[0]?.place ?? { branch: null, department: null, team: null, user: null };
    const result = { ...base };
    for (const [kind, id] of placed) result[PLACES[kind as keyof typeof PLACES]] = uuidOf(id);
    return ![...named.map(({ place }) => place), result].every((place) =>
      reaches(attacker, permission, place, true),
    );
  }

  type Change = { attacker: Attacker; point: Point; ids: Map<string, string>; foreign: string[] };

  /**
   * Every way to name a row or place outside the access scope, alone or beside the attacker's own.
   */
  function attacksOn(point: Point): Change[] {
    const permissions = permissionsOf(lineOf(point.parent, point.field));
    const [permission = ''] = permissions;
    return inside.attackers.flatMap((attacker) => {
      const own = inside.rows.find(
        (row) => row.model === 'Employee' && reaches(attacker, permission, row.place, true),
      );
      // the attacker's own record is far where they do not work: it must not be moved
      const far = targets(inside, attacker, ({ place }) => reaches(attacker, permission, place, true)).filter(
        ({ model }) => model === 'Employee',
      );
      const paths = point.needs.map(({ path }) => path);
      // who lacks the permission is refused before any id counts
      const [from, sets] = permissions.every((one) => holds(attacker, one))
        ? [far, subsets(paths)]
        : [far.slice(0, 1), [paths]];
      const changes = from.flatMap((row) =>
        sets.flatMap((foreign) => {
          const given = point.needs.map(({ path, kinds: [kind = ''] }): [string, string] => [
            kind,
            idFrom(foreign.includes(path) ? row : (own ?? row), kind),
          ]);
          const ids = new Map(paths.map((path, index) => [path, given[index]?.[1] as string]));
          return isOutside(attacker, permission, given) ? [{ attacker, point, ids, foreign }] : [];
        }),
      );
      // a place that two rows share is the same attack
      return [...new Map(changes.map((change) => [[...change.ids.values()].join(), change])).values()];
    });
  }

  async function attack({ attacker, point, ids, foreign }: Change): Promise<void> {
    const [kind = ''] = point.kinds;
    const seed = ++number;
    const send = (named: Map<string, string>) =>
      inside.ask(
        point.document(kind),
        point.variables((path) => named.get(path) as string, seed),
        attacker.token,
      );
    const answer = await send(ids);
    const where = `${attacker.name} at ${point.title} with ${[...ids].map(([path, id]) => `${foreign.includes(path) ? 'another' : 'own'} ${path} ${id}`)}`;
    const complain = (what: string) =>
      problems.push(`${where}: ${what} ${JSON.stringify(answer.errors ?? answer.data).slice(0, 300)}`);
    const codes = codesOf(answer);
    if (codes.length === 0 || codes.some((code) => !REFUSED.includes(code)) || !isEmpty(answer.data))
      complain('was not refused:');
    if (leaks(inside, attacker, answer, [...ids.values()]).length > 0) complain('shows a row:');
    if (!mayUse(attacker, 'Mutation', point.field)) {
      if (codes.join() !== 'FORBIDDEN') complain('expected FORBIDDEN:');
      return;
    }
    const hidden = point.needs.filter(
      ({ path, kinds: [kind = ''] }) => foreign.includes(path) && isRow(kind),
    );
    if (hidden.length !== 1 || foreign.length !== 1) return;
    const path = hidden[0]?.path as string;
    const missing = globalId(hidden[0]?.kinds[0] as string, crypto.randomUUID());
    const nothing = await send(new Map(ids).set(path, missing));
    if (comparable(answer, ids.get(path) as string) !== comparable(nothing, missing))
      complain(`differs from a missing one's ${JSON.stringify(nothing.errors)}:`);
  }

  test('[R11] every mutation that names a row or place outside the access scope is refused for every role, and changes no row', async () => {
    let attacks = 0;
    for (const [field, points] of byField) {
      const all = points.flatMap(attacksOn);
      attacks += all.length;
      await changingNothing(field, () => inParallel(all, attack));
    }
    expect(problems.splice(0)).toEqual([]);
    expect(attacks).toBeGreaterThan(1000);
  });

  test("[R11] every mutation of another member's sessions, passkeys and devices is answered as a missing id, and changes no row", async () => {
    const kinds: Record<string, string> = {
      Session: `SELECT left(s.id, 12) AS id FROM "Session" s JOIN "User" u ON u.id = s."userId" WHERE u.email = 'client@acme.example' LIMIT 1`,
      TrustedDevice: `SELECT d.id FROM "TrustedDevice" d JOIN "User" u ON u.id = d."userId" WHERE u.email = 'client@acme.example'`,
      Passkey: `SELECT k.id FROM "Passkey" k JOIN "User" u ON u.id = k."userId" WHERE u.email = 'client@acme.example'`,
    };
    const points = attackPoints(schema).filter(
      ({ operation, kinds: [kind = ''] }) => operation === 'mutation' && kind in kinds,
    );
    expect(points.length).toBeGreaterThanOrEqual(4);
    for (const point of points) {
      const [kind = ''] = point.kinds;
      const theirs = globalId(kind, (await inside.owner.query(kinds[kind] as string)).rows[0].id);
      const missingId = globalId(kind, kind === 'Session' ? 'ffffffffffff' : crypto.randomUUID());
      await changingNothing(point.title, () =>
        inParallel(
          inside.attackers.filter(({ name }) => name !== 'client'),
          async (attacker) => {
            const send = (id: string) =>
              inside.ask(
                point.document(kind),
                point.variables(() => id, 1),
                attacker.token,
              );
            const [answer, nothing] = [await send(theirs), await send(missingId)];
            if (codesOf(answer).length === 0 || comparable(answer, theirs) !== comparable(nothing, missingId))
              problems.push(
                `${attacker.name} at ${point.title}: ${JSON.stringify(answer.errors ?? answer.data)}`,
              );
          },
        ),
      );
    }
    expect(problems.splice(0)).toEqual([]);
  });

  test('[R11] the same mutations with rows inside the access scope succeed for a role of less than the company', async () => {
    const narrow = inside.attackers.filter(
      ({ name }) => name.startsWith('all of a') || name.startsWith('sees') || name.startsWith('reads'),
    );
    const refused = new Map<string, string>();
    for (const [field, points] of [...byField].toSorted(
      ([a], [b]) => Number(a.startsWith('delete')) - Number(b.startsWith('delete')),
    )) {
      const point = points[0] as Point;
      const [permission = ''] = permissionsOf(lineOf('Mutation', field));
      // no role of less than the company can hold it
      if (!narrow.some((attacker) => holds(attacker, permission))) continue;
      refused.set(field, 'not tried');
      for (const attacker of narrow.filter((one) => holds(one, permission))) {
        for (const row of inside.rows.filter(
          ({ model, place }) => model === 'Employee' && reaches(attacker, permission, place, true),
        )) {
          if (!refused.has(field)) break;
          const answer = await inside.ask(
            point.document(point.kinds[0] as string),
            point.variables(
              (path) => idFrom(row, point.needs.find((one) => one.path === path)?.kinds[0] as string),
              ++number,
            ),
            attacker.token,
          );
          if (answer.errors) refused.set(field, JSON.stringify(answer.errors));
          else refused.delete(field);
        }
      }
    }
    expect([...refused]).toEqual([]);
  });
});
