import { beforeAll, describe, expect, test } from 'vitest';
import { guarantees, type ModelName } from '../../src/db/guarantees.gen.ts';
import { buildSchema } from '../../src/schema/index.ts';
import { comparable, decoded, inParallel, uuidsIn } from '../support/attack/answers.ts';
import { attackPoints, nodeTypes, type Point } from '../support/attack/walk.ts';
import type { Layout } from '../support/layout/layout.ts';
import { globalId } from '../support/server/world.ts';

const READ = '{ company { name } employees(first: 5) { edges { node { id name salary } } } }';
const ROLES = ['company_admin', 'hr_admin', 'staff'];
const READS = 300;

const schema = buildSchema();
const nodes = nodeTypes(schema);

/** Isolation between companies, whose statements share the connections of one PgBouncer. */
export function isolation(layout: Layout): void {
  describe('between companies', () => {
    /** Rows of Globex by their node type. */
    const target = new Map<string, string>();
    let secrets: Set<string>;

    beforeAll(async () => {
      const [globex] = await layout.rows(`SELECT id FROM "Company" WHERE name = 'Globex'`);
      secrets = new Set([globex.id]);
      for (const [type, model] of nodes) {
        const { table, tenant } = guarantees[model as ModelName];
        const found = await layout.rows(`SELECT id FROM "${table}" WHERE "${tenant}" = $1`, [globex.id]);
        for (const { id } of found) secrets.add(id);
        if (found[0]) target.set(type, globalId(type, found[0].id));
      }
    });

    test('parallel reads of both companies at all instances each return their own rows [T4]', async () => {
      const client = layout.client();
      const tokens = await Promise.all(
        ['acme', 'globex'].map((name) => layout.signIn(`company_admin@${name}.example`)),
      );
      const one = (token = '') => client.ask(READ, {}, token);
      const [acme, globex] = [await one(tokens[0]), await one(tokens[1])];
      expect(acme.data.company.name).toBe('Acme');
      expect(acme.data.employees.edges[0].node.salary).toMatch(/^\d+/);
      expect(globex.data.company.name).toBe('Globex');
      const answers = await Promise.all(Array.from({ length: READS }, (_, index) => one(tokens[index % 2])));
      for (const [index, { data }] of answers.entries())
        expect(data).toEqual(index % 2 ? globex.data : acme.data);
      const served = new Set(await Promise.all(answers.map(layout.servedBy, layout)));
      expect(served.size).toBe(layout.instances.length);
    });

    /** Operations whose every id is of a type that Globex has a row of. */
    const attackable = () =>
      attackPoints(schema).filter(
        ({ operation, needs, kinds }) =>
          operation !== 'subscription' &&
          [{ kinds }, ...needs].every(({ kinds }) => kinds.some((kind) => target.has(kind))),
      );

    /** The same operation with the ids of Globex, and with ids of no row. */
    async function probe({ document, variables, kinds }: Point, number: number, token: string) {
      const kindOf = (kinds: string[]) => kinds.find((kind) => target.has(kind)) as string;
      const theirs = target.get(kindOf(kinds)) as string;
      const absent = globalId(kindOf(kinds), crypto.randomUUID());
      const given = (id: string) => variables((_, at) => (at === kinds ? id : idFor(at)), number);
      const idFor = (at: string[]) => target.get(kindOf(at)) as string;
      const ask = (id: string) => layout.client().ask(document(kindOf(kinds)), given(id), token);
      const [answer, other] = [await ask(theirs), await ask(absent)];
      return { answer: comparable(answer, theirs), other: comparable(other, absent) };
    }

    test.each(ROLES)(
      'by %s, each operation answers for an id of Globex as for one of no row, and changes nothing [T3]',
      async (role) => {
        const token = await layout.signIn(`${role}@acme.example`);
        const before = await digest(layout);
        const points = attackable();
        expect(points.length).toBeGreaterThan(30);
        const problems: string[] = [];
        await inParallel([...points.entries()], async ([number, point]) => {
          const { answer, other } = await probe(point, number, token);
          if (answer !== other) problems.push(`${point.title}: ${answer} differs from ${other}`);
          const leaked = uuidsIn(decoded(answer)).filter((id) => secrets.has(id));
          if (leaked.length > 0) problems.push(`${point.title} holds ${leaked}`);
        });
        expect(problems).toEqual([]);
        expect(await digest(layout)).toEqual(before);
      },
    );
  });
}

/** A digest of each table's rows of Globex. */
async function digest(layout: Layout): Promise<unknown[]> {
  const statements = [...new Set(nodes.values())].map((model) => {
    const { table, tenant } = guarantees[model as ModelName];
    return `SELECT '${table}' AS name, md5(string_agg(t::text, '' ORDER BY id)) AS digest FROM "${table}" t
      WHERE "${tenant}" = (SELECT id FROM "Company" WHERE name = 'Globex')`;
  });
  return layout.rows(statements.join(' UNION ALL '));
}
