import { getNamedType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attacker, distance, holdsEverywhere } from '../../support/attack/actors.ts';
import {
  codesOf,
  comparable,
  decoded,
  inParallel,
  isEmpty,
  listen,
  uuidsIn,
} from '../../support/attack/answers.ts';
import {
  gid,
  type InsideWorld,
  nodes,
  openInsideWorld,
  schema,
  typeOfRow,
} from '../../support/attack/inside-world.ts';
import {
  type Arguments,
  type Examples,
  type List,
  listDocument,
  listsOf,
  pruned,
  variationsOf,
} from '../../support/attack/lists.ts';
import type { PlacedRow } from '../../support/attack/rows.ts';
import { leaks, lineOf, maySee, mayUse, permissionsOf, targets } from '../../support/attack/sight.ts';
import { attackPoints, selection } from '../../support/attack/walk.ts';
import { globalId, uuidOf } from '../../support/server/world.ts';

let inside: InsideWorld;
const problems: string[] = [];
let number = 1000;

beforeAll(async () => {
  inside = await openInsideWorld();
});
afterAll(() => inside?.end());

describe('the scene', () => {
  test.each([
    ['branch', ['branch']],
    ['department', ['branch', 'department']],
    ['team', ['branch', 'department', 'team']],
    ['self', ['branch', 'department', 'team', 'person']],
  ])(
    '[R11] has employees whom a member with the access scope %s does not reach: of another %j',
    (scope, expected) => {
      const attacker = inside.attackers.find(({ name }) => name === `all of a ${scope}`) as Attacker;
      const found = inside.rows.filter((row) => row.model === 'Employee' && !maySee(attacker, row, 'id'));
      expect(new Set(found.map(({ place }) => distance(attacker, place)))).toEqual(new Set(expected));
    },
  );

  test('[R11] has rows of every model that belong to a place or a person', () => {
    expect(new Set(inside.rows.map(({ model }) => model))).toEqual(
      new Set(['Employee', 'Attendance', 'PayrollItem']),
    );
  });
});

describe('reads inside a company', () => {
  const lists = listsOf(schema);
  const isPlaced = (type: string) => inside.rows.some(({ model }) => model === nodes.get(type));
  const isLong = isPlaced;
  const placed = () =>
    lists.filter(({ path }) =>
      path.some((step) => isPlaced(getNamedType(step.type).name.replace(/Connection$/, ''))),
    );
  /** Ids of places and rows, texts of rows, as filters take them. */
  const examples: Examples = (input, list) => {
    const kinds = (input.extensions as { relayGlobalIDFor?: { typename: string }[] }).relayGlobalIDFor;
    if (kinds) return kinds.flatMap(({ typename }) => idsOf(typename));
    if (String(input.type).replace('!', '') !== 'String') return null;
    const known = inside.rows
      .filter(({ model }) => model === nodes.get(list.node))
      .map(({ id }) => inside.truth.get(id)?.[input.name]);
    return ['a', ...known.filter((value) => typeof value === 'string').slice(0, 3)];
  };
  const sample = (all: PlacedRow[]) => all.filter((_, index) => index % 4 === 0);
  const structure = new Map<string, string[]>();
  const idsOf = (type: string) =>
    structure.get(type) ?? sample(inside.rows.filter(({ model }) => model === nodes.get(type))).map(gid);

  beforeAll(async () => {
    for (const type of ['Branch', 'Department', 'Team']) {
      const found = await inside.owner.query(`SELECT id FROM "${type}" WHERE "companyId" = $1`, [
        inside.companyId,
      ]);
      structure.set(
        type,
        found.rows.map(({ id }) => globalId(type, id)),
      );
    }
  });

  test('[R11] every list, filter and order returns the rows in the access scope of every role, in order, and counts no other', async () => {
    let asked = 0;
    for (const list of placed()) {
      const document = listDocument(list, isLong);
      for (const given of [{}, ...variationsOf(list, examples)] as Arguments[]) {
        const whole = await inside.ask(document, given);
        expect(whole.errors, `${list.title} ${JSON.stringify(given)}`).toBeUndefined();
        await inParallel(inside.attackers, async (attacker) => {
          asked += 1;
          const answer = await inside.ask(document, given, attacker.token);
          const where = `${attacker.name} at ${list.title} ${JSON.stringify(given)}`;
          const leaked = leaks(inside, attacker, answer, Object.values(given).map(String));
          if (leaked.length > 0) problems.push(`${where}: shows ${leaked}`);
          if (!list.path.every((step, index) => mayUse(attacker, parentOf(list, index), step.name))) {
            if (!codesOf(answer).includes('FORBIDDEN')) problems.push(`${where}: expected FORBIDDEN`);
          } else if (!codesOf(answer).includes('FORBIDDEN')) {
            const expected = pruned(whole.data, isShown(attacker, given));
            if (JSON.stringify(answer.data) !== JSON.stringify(expected))
              problems.push(
                `${where}: ${JSON.stringify(answer.errors ?? answer.data).slice(0, 300)} instead of ${JSON.stringify(expected).slice(0, 300)}`,
              );
          }
        });
      }
    }
    expect(problems.splice(0)).toEqual([]);
    expect(asked).toBeGreaterThan(inside.attackers.length * 40);
  });

  const parentOf = (list: List, index: number) => {
    const before = list.path[index - 1];
    return before ? getNamedType(before.type).name : 'Query';
  };

  /** Whether a list shows a node: the attacker may see it, and any row that an argument names. */
  const isShown = (attacker: Attacker, given: Arguments) => {
    const named = Object.values(given).flatMap((value) => inside.byId.get(uuidOf(String(value))) ?? []);
    const all = named.every((row) => maySee(attacker, row, 'id'));
    return (node: { id: string }) => {
      const row = inside.byId.get(uuidOf(node.id));
      return !row || (all && maySee(attacker, row, 'id'));
    };
  };

  /** Reads that name a row, by every id that they take. */
  const reading = attackPoints(schema).filter(
    ({ operation, kinds }) => operation === 'query' && kinds.some((kind) => nodes.has(kind)),
  );

  test('[R11] every read by the id of a row outside the access scope is answered as a missing id', async () => {
    let asked = 0;
    await inParallel(inside.attackers, async (attacker) => {
      for (const row of targets(inside, attacker, (row) => maySee(attacker, row, 'id'))) {
        const type = typeOfRow(row);
        for (const point of reading.filter(({ kinds }) => kinds.includes(type))) {
          const read = (id: string) =>
            inside.ask(
              point.document(type),
              point.variables(() => id, ++number),
              attacker.token,
            );
          const missing = globalId(type, crypto.randomUUID());
          const [answer, nothing] = [await read(gid(row)), await read(missing)];
          asked += 1;
          const where = `${attacker.name} at ${point.title} with ${row.model}`;
          if (comparable(answer, gid(row)) !== comparable(nothing, missing))
            problems.push(
              `${where}: differs from a missing one: ${JSON.stringify(answer.errors ?? answer.data).slice(0, 300)}`,
            );
          if (!isEmpty(answer.data) || leaks(inside, attacker, answer, [gid(row)]).length > 0)
            problems.push(`${where}: ${JSON.stringify(answer.data).slice(0, 300)}`);
        }
      }
    });
    expect(problems.splice(0)).toEqual([]);
    expect(asked).toBeGreaterThan(inside.attackers.length * 6);
  });

  test('[R11] every query without an id, read as deep as it goes, shows no row and no value outside the access scope', async () => {
    const fields = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(
      ({ name, args }) => name !== 'auditEvents' && args.every(({ type }) => !String(type).endsWith('!')),
    );
    let values = 0;
    await inParallel(inside.attackers, async (attacker) => {
      for (const field of fields) {
        const few = field.args.some(({ name }) => name === 'first') ? '(first: 5)' : '';
        const answer = await inside.ask(
          `{ ${field.name}${few}${selection(schema, field.type, '', 2)} }`,
          {},
          attacker.token,
        );
        const leaked = leaks(inside, attacker, answer);
        if (codesOf(answer).includes('QUERY_TOO_COMPLEX')) problems.push(`${field.name} is too large`);
        if (leaked.length > 0) problems.push(`${attacker.name} at ${field.name}: shows ${leaked}`);
        values += uuidsIn(decoded(JSON.stringify(answer.data))).filter((id) => inside.byId.has(id)).length;
      }
    });
    expect(problems.splice(0)).toEqual([]);
    expect(values).toBeGreaterThan(500);
  });
});

describe('subscriptions inside a company', () => {
  test('[R11] a subscription shows a change of another place to members who may read the whole audit log, and is refused to others', async () => {
    const fields = Object.values(schema.getSubscriptionType()?.getFields() ?? {});
    const [employee] = inside.rows.filter(({ model }) => model === 'Employee');
    const change = (jobTitle: string) =>
      inside.mutate('updateEmployee', { employeeId: gid(employee as PlacedRow), jobTitle });
    for (const field of fields) {
      const document = `subscription { ${field.name}${selection(schema, field.type, '', 1)} }`;
      const listening = inside.attackers.map(async (attacker) => {
        const answer = await listen(inside.world, document, {}, attacker.token, 1);
        const rightful = permissionsOf(lineOf('Subscription', field.name)).every((permission) =>
          holdsEverywhere(attacker, permission),
        );
        const where = `${attacker.name} at ${field.name}`;
        if (!rightful && (codesOf(answer).length === 0 || leaks(inside, attacker, answer).length > 0))
          problems.push(`${where}: was not refused`);
        return rightful ? answer.data.length : 0;
      });
      let over = false;
      const seen = Promise.all(listening).finally(() => {
        over = true;
      });
      // a stream shows what changes after it began, which each does at its own time
      while (!over) await change(`Moved ${++number}`);
      expect(Math.max(...(await seen))).toBeGreaterThan(0);
    }
    expect(problems.splice(0)).toEqual([]);
  });
});
