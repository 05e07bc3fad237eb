import type { GraphQLSchema } from 'graphql';
import type pg from 'pg';
import type { ModelName } from '../../../src/db/guarantees.gen.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { connect } from '../db/companies.ts';
import { type MailboxWorld, openMailboxWorld } from '../server/dev-mailbox.ts';
import { type Answer, globalId, uuidOf } from '../server/world.ts';
import { rowsOfWaysIn } from '../sign-in/identity-rows.ts';
import { type Attacker, type Home, makeAttackers } from './actors.ts';
import { type PlacedRow, placedRows } from './rows.ts';
import { nodeTypes, selection } from './walk.ts';

export const schema: GraphQLSchema = buildSchema();
/** The node types of the schema and their models, both ways. */
export const nodes = nodeTypes(schema);
const typeOf = new Map([...nodes].map(([type, model]) => [model, type]));
export const typeOfRow = ({ model }: PlacedRow): string => typeOf.get(model) as string;
export const gid = (row: PlacedRow): string => globalId(typeOfRow(row), row.id);

/** Acme with its attackers, and its rows as the owner of the database reads them. */
export type InsideWorld = {
  world: MailboxWorld;
  owner: pg.Client;
  companyId: string;
  attackers: Attacker[];
  rows: PlacedRow[];
  byId: Map<string, PlacedRow>;
  /** Every value of each row, unmasked, by the row's id. */
  truth: Map<string, Record<string, unknown>>;
  /** As an administrator, or with this token. */
  ask: (query: string, variables?: object, token?: string) => Promise<Answer>;
  mutate: Mutate;
  end: () => Promise<void>;
};
// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its document asks for
type Mutate = (name: string, input: object) => Promise<any>;
type Scene = Pick<InsideWorld, 'owner' | 'companyId' | 'mutate'>;

export async function openInsideWorld(): Promise<InsideWorld> {
  const world = await openMailboxWorld();
  const owner = await connect(world.database.ownerUrl);
  const companyId = (await owner.query(`SELECT id FROM "Company" WHERE name = 'Acme'`)).rows[0].id;
  const admin = await world.signIn('admin');
  const ask: InsideWorld['ask'] = (query, variables = {}, token = admin) =>
    world.inside(query, variables, token);
  const mutate = mutator(ask);
  const scene = { owner, companyId, mutate };
  const attackers = await makeAttackers(world, owner, await moreTeams(scene));
  for (const attacker of attackers.filter(({ name }) => /^all of a (branch|self)$/.test(name)))
    await ownRecordElsewhere(scene, attacker);
  await mutate('createPayrollRun', { period: '2026-01' });
  await rowsOfWaysIn(world);
  await givePasskey(owner, 'client@acme.example');
  await brand(owner);
  const rows = await placedRows(owner, companyId, [...nodes.values()] as ModelName[]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const truth = await readTruth(ask, rows);
  const end = async () => {
    await owner.end();
    await world.end();
  };
  return { ...scene, world, attackers, rows, byId, truth, ask, end };
}

const mutator =
  (ask: InsideWorld['ask']): Mutate =>
  async (name, input) => {
    const field = schema.getMutationType()?.getFields()[name];
    if (!field) throw new Error(`the schema has no mutation ${name}`);
    const document = `mutation ($input: ${field.args[0]?.type}) { ${name}(input: $input)${selection(schema, field.type, '', 1)} }`;
    const { data, errors } = await ask(document, { input });
    if (errors) throw new Error(`${name}: ${JSON.stringify(errors)}`);
    return data[name];
  };

/**
 * A second team in each department, an employee of it with pay and papers, and one without
 * anything. Returns where attackers work.
 */
async function moreTeams({ owner, companyId, mutate }: Scene): Promise<Home> {
  const teams = (
    await owner.query(
      `SELECT d."branchId" AS branch, d.id AS department, t.id AS team FROM "Team" t
       JOIN "Department" d ON d."companyId" = t."companyId" AND d.id = t."departmentId" WHERE t."companyId" = $1 ORDER BY t.id`,
      [companyId],
    )
  ).rows as { branch: string; department: string; team: string }[];
  const seconds: string[] = [];
  for (const { branch, department, team } of teams) {
    const place = { branchId: globalId('Branch', branch), departmentId: globalId('Department', department) };
    const { team: second } = await mutate('createTeam', {
      departmentId: place.departmentId,
      name: `B ${team}`,
    });
    seconds.push(uuidOf(second.id));
    for (const teamId of [second.id, globalId('Team', team)]) {
      const { employee } = await mutate('createEmployee', { ...place, teamId, ...newEmployee() });
      if (teamId !== second.id) continue;
      await mutate('setEmployeeSalary', { employeeId: employee.id, salary: `${5000 + seconds.length}.25` });
      await mutate('recordAttendance', { employeeId: employee.id, workedOn: '2026-01-06', minutes: 60 });
    }
  }
  return { ...(teams[0] as (typeof teams)[0]), secondTeam: seconds[0] as string };
}
const newEmployee = () => ({
  name: 'N',
  email: `${crypto.randomUUID()}@inside.example`,
  startedOn: '2024-01-15',
});

/** An employee of another branch who is the attacker. */
async function ownRecordElsewhere(
  { owner, companyId, mutate }: Scene,
  { userId, branch }: Attacker,
): Promise<void> {
  const [place] = (
    await owner.query(
      `SELECT d.id, d."branchId", m.id AS "memberId" FROM "Department" d JOIN "Membership" m ON m."companyId" = d."companyId" AND m."userId" = $3
       WHERE d."companyId" = $1 AND d."branchId" <> $2 LIMIT 1`,
      [companyId, branch, userId],
    )
  ).rows;
  await mutate('createEmployee', {
    branchId: globalId('Branch', place.branchId),
    departmentId: globalId('Department', place.id),
    memberId: globalId('Member', place.memberId),
    ...newEmployee(),
  });
}

/** A passkey of a member who does not sign in any more. */
const givePasskey = (owner: pg.Client, email: string) =>
  owner.query(
    `INSERT INTO "Passkey" (id, "userId", "credentialId", "publicKey", counter, "deviceType", "backedUp", name)
     SELECT gen_random_uuid(), id, gen_random_uuid(), '', 0, 'singleDevice', false, 'Walk' FROM "User" WHERE email = $1`,
    [email],
  );

/** Every text of an employee holds the row's id: a leak of any is one of the id. */
async function brand(owner: pg.Client): Promise<void> {
  await owner.query(`SET session_replication_role = replica;
    UPDATE "Employee" SET name = 'Name ' || id, "jobTitle" = 'Title ' || id, email = id || '@inside.example';
    SET session_replication_role = origin`);
}

/** What the administrator reads of each row. */
async function readTruth(ask: InsideWorld['ask'], rows: PlacedRow[]): Promise<InsideWorld['truth']> {
  const found = new Map<string, Record<string, unknown>>();
  for (const [type, model] of nodes) {
    const ids = rows.filter((row) => row.model === model).map(gid);
    for (let at = 0; at < ids.length; at += 20) {
      const { data, errors } = await ask(
        `query ($ids: [ID!]!) { nodes(ids: $ids)${selection(schema, schema.getQueryType()?.getFields().nodes?.type as never, type, 0)} }`,
        { ids: ids.slice(at, at + 20) },
      );
      if (errors) throw new Error(JSON.stringify(errors));
      for (const node of data.nodes) found.set(uuidOf(node.id), node);
    }
  }
  return found;
}
