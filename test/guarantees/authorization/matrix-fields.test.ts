import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Replica } from '../../../src/db/replicas/replica.ts';
import { replicasOf } from '../../../src/db/replicas/replicas.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { jobOf } from '../../support/jobs.ts';
import type { MailboxWorld } from '../../support/server/dev-mailbox.ts';
import {
  allows,
  codes,
  companyRoles,
  emailOf,
  lineOf,
  must,
  openPolicedWorld,
  type PolicedWorld,
  roles,
  rootOf,
} from '../../support/server/policy-world.ts';
import { type Answer, globalId, PASSWORD, rowsOf, signInAs } from '../../support/server/world.ts';

// What is enforced, tried field by field as each built-in role, against what the server says its
// policy is.
const schema = buildSchema();
let policed: PolicedWorld;
let world: MailboxWorld;
/** Sealed values as the company's administrator sees them: `type.field:id` → value. */
const plain = new Map<string, string>();
beforeAll(async () => {
  policed = await openPolicedWorld();
  world = policed.world;
  await world.services.health.sample(false); // a series has a point
  const connectionString = world.database.appUrl;
  const replica = new Replica({ connectionString, onChange: () => {} }); // left out: it is not measured
  Object.assign(world.services, { replicas: replicasOf([replica], () => {}) });
  const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
  await jobOf((sql, values) => rowsOf(world, sql, values), acme.id);
});
afterAll(() => world?.end());

type Field = GraphQLField<unknown, unknown>;
type Step = { type: string; field: string };

/** The shortest way to each object type from the root, through fields that need no argument. */
function ways(): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  const pending: [GraphQLObjectType, Step[]][] = [[schema.getQueryType() as GraphQLObjectType, []]];
  for (let next = pending.shift(); next; next = pending.shift()) {
    const [type, way] = next;
    for (const field of Object.values(type.getFields())) {
      const to = getNamedType(field.type);
      const needs = field.args.some(
        (arg) => String(arg.type).endsWith('!') && arg.defaultValue === undefined,
      );
      if (!isObjectType(to) || found.has(to.name) || needs) continue;
      found.set(to.name, [...way, { type: type.name, field: field.name }]);
      pending.push([to, found.get(to.name) as Step[]]);
    }
  }
  return found;
}

const carriesNothing = /(Connection|Edge)$/;
/**
 * Payloads that hold more than what can be read elsewhere are tried here; the rule of the others is
 * compared with their mutation's.
 */
const triedPayloads = [
  ...['SignInPayload', 'IssueTokensPayload', 'CreateApiKeyPayload'],
  ...['StartTotpEnrolmentPayload', 'StartPasskeySignInPayload'],
];
const isTried = ({ name }: GraphQLObjectType) =>
  !carriesNothing.test(name) && (!name.endsWith('Payload') || triedPayloads.includes(name));
const wayTo = ways();
/** Each type with its own fields; what is reached by signing in alone is tried there. */
const types = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType =>
    isObjectType(type) && !type.name.startsWith('__') && !Object.values(rootOf).includes(type.name),
);

const masks = (field: Field): boolean =>
  (field.extensions.pothosOptions as { unauthorizedResolver?: unknown } | undefined)?.unauthorizedResolver !==
  undefined;
const selected = (field: Field) =>
  isCompositeType(getNamedType(field.type)) ? `${field.name} { __typename }` : field.name;

/**
 * A way to rows of a type, the fields that it leads through, and what a refusal may look like
 * there.
 */
type Route = {
  document: (selection: string) => string;
  prefix: string[];
  refusals: string[];
  /** It ends the session that it is asked with. */
  ownSession?: true;
  token?: string;
};

/**
 * What only a user with a second factor has rows of: tried as one, whatever the role, since their
 * rule is the same for all.
 */
function routeOfFactors(type: GraphQLObjectType): Route | null {
  const credentials = `{ email: "${policed.withFactor.email}", password: "${PASSWORD}" }`;
  const ways: Record<string, [prefix: string, document: (selection: string) => string]> = {
    MfaChallenge: [
      'Mutation.signIn',
      (selection) =>
        `mutation { signIn(input: ${credentials}) { mfaChallenge { __typename ${selection} } } }`,
    ],
    StartTotpEnrolmentPayload: [
      'Mutation.startTotpEnrolment',
      (selection) => `mutation { startTotpEnrolment { __typename ${selection} } }`,
    ],
    Passkey: ['Query.passkeys', (selection) => `{ passkeys { edges { node { __typename ${selection} } } } }`],
    StartPasskeySignInPayload: [
      'Mutation.startPasskeySignIn',
      (selection) => `mutation { startPasskeySignIn { __typename ${selection} } }`,
    ],
    EnrolledFactor: [
      'Query.secondFactors',
      (selection) => `{ secondFactors { factors { __typename ${selection} } } }`,
    ],
  };
  const way = ways[type.name];
  return way
    ? { document: way[1], prefix: [way[0]], refusals: ['FORBIDDEN'], token: policed.withFactor.token }
    : null;
}

function routeThroughLists(type: GraphQLObjectType): Route {
  const ofFactors = routeOfFactors(type);
  if (ofFactors) return ofFactors;
  if (type.name === 'SignInPayload') {
    const credentials = `{ email: "${emailOf('client')}", password: "${PASSWORD}" }`;
    return {
      document: (selection) => `mutation { signIn(input: ${credentials}) { __typename ${selection} } }`,
      prefix: ['Mutation.signIn'],
      refusals: ['FORBIDDEN'],
    };
  }
  if (type.name === 'IssueTokensPayload') {
    return {
      document: (selection) => `mutation { issueTokens { __typename ${selection} } }`,
      prefix: ['Mutation.issueTokens'],
      refusals: ['FORBIDDEN'],
      ownSession: true,
    };
  }
  if (type.name === 'CreateApiKeyPayload') {
    const input = `{ serviceAccountId: "${policed.accountId}", name: "Walk" }`;
    return {
      document: (selection) => `mutation { createApiKey(input: ${input}) { __typename ${selection} } }`,
      prefix: ['Mutation.createApiKey'],
      refusals: ['FORBIDDEN'],
    };
  }
  if (type.name === 'HealthSeries' || type.name === 'HealthPoint') {
    const ofPoint = type.name === 'HealthPoint';
    const inner = (selection: string) => (ofPoint ? `points { __typename ${selection} }` : selection);
    return {
      document: (selection) =>
        `{ systemHealthSeries(figure: PROCESS_MEMORY) { __typename ${inner(selection)} } }`,
      prefix: ['Query.systemHealthSeries', ...(ofPoint ? ['HealthSeries.points'] : [])],
      refusals: ['FORBIDDEN'],
    };
  }
  const way = wayTo.get(type.name);
  if (!way) throw new Error(`no way from Query to ${type.name}: say here how it is reached`);
  const document = (selection: string) =>
    way.reduceRight(
      (inner, step) => `{ ${step.field}${paged(step)} ${inner} }`,
      `{ __typename ${selection} }`,
    );
  return { document, prefix: way.map(({ type, field }) => `${type}.${field}`), refusals: ['FORBIDDEN'] };
}

/** Lists inside lists cost their product: pages of 20 hold every row of the demo. */
function paged({ type, field }: Step): string {
  const { args } = (schema.getType(type) as GraphQLObjectType).getFields()[field] as Field;
  return args.some(({ name }) => name === 'first') ? '(first: 20)' : '';
}

/** All objects of a type anywhere in an answer. */
function objectsOf(type: string, value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap((item) => objectsOf(type, item));
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap((item) => objectsOf(type, item));
  return (value as { __typename?: string }).__typename === type
    ? [value as Record<string, unknown>, ...inner]
    : inner;
}

async function tryType(
  type: GraphQLObjectType,
  { document, prefix, refusals, ownSession, token: given }: Route,
  role: string,
): Promise<string[]> {
  const own = () => (ownSession ? signInAs(world.ask, emailOf(role)) : world.signIn(role));
  const token = given ?? (await own());
  const fields = Object.values(type.getFields());
  const may = (field: Field) =>
    [...prefix, `${type.name}.${field.name}`].every((name) => allows(policed, name, role));
  const allowed = fields.filter(may);
  const wrong: string[] = [];
  if (allowed.length > 0) {
    const answer = await world.inside(document(allowed.map(selected).join(' ')), {}, token);
    if (answer.errors)
      wrong.push(`${type.name}: allowed fields were refused: ${JSON.stringify(answer.errors)}`);
    if (objectsOf(type.name, answer.data).length === 0)
      wrong.push(`${type.name}: there was no row to try it on`);
  }
  // Refused on the way, no field of it is reached: one question stands for all.
  const reached = prefix.every((name) => allows(policed, name, role));
  for (const field of fields.filter((field) => !may(field)).slice(0, reached ? undefined : 1)) {
    const masked =
      masks(field) && [...prefix, `${type.name}.id`].every((name) => allows(policed, name, role));
    const answer = await world.inside(document(`${masked ? 'id ' : ''}${selected(field)}`), {}, token);
    if (masked) wrong.push(...openedWrongly(type.name, field.name, answer, await ownRow(role)));
    else if (!codes(answer).some((code) => refusals.includes(code)))
      wrong.push(`${type.name}.${field.name} was given: ${JSON.stringify(answer).slice(0, 300)}`);
  }
  return wrong;
}

/**
 * A reader without the right gets a mask or null, except on their own row, which they see as the
 * administrator does.
 */
function openedWrongly(type: string, field: string, answer: Answer, own: string | undefined): string[] {
  if (answer.errors) return [`${type}.${field}: ${JSON.stringify(answer.errors)}`];
  const rows = objectsOf(type, answer.data);
  const self = lineOf(policed, `${type}.${field}`).self !== null;
  const wrong = rows.filter((row) => {
    const value = row[field];
    const whole = plain.get(`${type}.${field}:${row.id}`);
    if (whole === undefined) throw new Error(`no role opened ${type}.${field} of ${row.id}`);
    return self && row.id === own ? value !== whole : value !== null && !isMask(value, whole);
  });
  return [
    ...(rows.length === 0 ? [`${type}.${field}: no row`] : []),
    ...wrong.map((row) => `${type}.${field} of ${row.id}: ${row[field]}`),
  ];
}

/** At most four characters, and never half of it. */
const isMask = (value: unknown, whole: string): boolean => {
  const shown = String(value).replace(/^•••• /, '');
  return shown !== value && shown.length <= Math.min(4, whole.length / 2) && whole.endsWith(shown);
};

async function ownRow(role: string): Promise<string | undefined> {
  const [row] = await rowsOf(
    world,
    'SELECT e.id FROM "Employee" e JOIN "User" p ON p.id = e."userId" WHERE p.email = $1',
    [emailOf(role)],
  );
  return row && globalId('Employee', row.id);
}

describe('[R2][R7][E7] every field of every type answers every role by the exported policy', () => {
  beforeAll(async () => {
    for (const type of types) {
      const sealed = Object.values(type.getFields()).filter(masks);
      if (sealed.length === 0) continue;
      const selection = `id ${sealed.map(({ name }) => name).join(' ')}`;
      const data = must(
        await world.inside(
          routeThroughLists(type).document(selection),
          {},
          await world.signIn('company_admin'),
        ),
      );
      for (const row of objectsOf(type.name, data))
        for (const { name } of sealed) plain.set(`${type.name}.${name}:${row.id}`, String(row[name]));
    }
    expect(plain.size).toBeGreaterThan(50);
    expect(
      [...plain.values()].every((value) => value.length > 3 && !value.includes('•') && value !== 'null'),
    ).toBe(true);
  });

  it('the policy has a line for each field, and no other', () => {
    const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && !type.name.startsWith('__')
        ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
        : [],
    );
    expect([...policed.lines.keys()].sort()).toEqual(fields.sort());
  });

  it('the policy gives the fields of a payload the rule of the mutation that returns it', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    const payloads = mutations.filter(
      ({ name, type }) => getNamedType(type).name.toLowerCase() === `${name}Payload`.toLowerCase(),
    );
    const shared = (type: Field['type']) =>
      mutations.filter((other) => getNamedType(other.type) === getNamedType(type)).length > 1;
    for (const { name, type } of payloads.filter(({ type }) => !shared(type))) {
      const { access, roles: holders } = lineOf(policed, `Mutation.${name}`);
      const payload = getNamedType(type) as GraphQLObjectType;
      for (const field of Object.keys(payload.getFields()))
        expect([name, field, lineOf(policed, `${payload.name}.${field}`)]).toEqual([
          name,
          field,
          expect.objectContaining({ access, roles: holders }),
        ]);
    }
    expect(payloads.length).toBeGreaterThan(20);
  });

  it.each(roles)('%s, through lists', async (role) => {
    const wrong: string[] = [];
    for (const type of types)
      if (isTried(type)) wrong.push(...(await tryType(type, routeThroughLists(type), role)));
    expect(wrong).toEqual([]);
  });

  const node = schema.getType('Node');
  const nodes = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : [];

  it.each(companyRoles)('%s, through node(id)', async (role) => {
    const wrong: string[] = [];
    for (const name of nodes) {
      const id = await visibleId(name, role);
      const document = (selection: string) =>
        `{ node(id: "${id}") { __typename ... on ${name} { ${selection} } } }`;
      // A row whose relation is out of reach is not there at all.
      const route = {
        ...{ document, prefix: ['Query.node'], refusals: ['FORBIDDEN', 'NOT_FOUND'] },
        ...(name === 'Passkey' && { token: policed.withFactor.token }),
      };
      wrong.push(...(await tryType(schema.getType(name) as GraphQLObjectType, route, role)));
    }
    expect(nodes.length).toBeGreaterThan(7);
    expect(wrong).toEqual([]);
  });
});

/** What belongs to the user, and their company, by their address. */
const OF_USERS: Record<string, string> = {
  ViewerUser: 'SELECT id FROM "User" WHERE email = $1',
  Company: `SELECT "companyId" AS id FROM "Membership" WHERE email = $1 AND status = 'active'`,
  ViewerCompany: `SELECT "companyId" AS id FROM "Membership" WHERE email = $1 AND status = 'active'`,
  Invitation: `SELECT "companyId" AS id FROM "Membership" WHERE email = $1 AND status = 'invited'`,
  Session: `SELECT left(s.id, 12) AS id FROM "Session" s JOIN "User" u ON u.id = s."userId" WHERE u.email = $1`,
  TrustedDevice: `SELECT d.id FROM "TrustedDevice" d JOIN "User" u ON u.id = d."userId" WHERE u.email = $1`,
  Passkey: `SELECT p.id FROM "Passkey" p JOIN "User" u ON u.id = p."userId" WHERE u.email = $1`,
  // of the platform: no role of a company reads one
  ManagedCompany: `SELECT id FROM "Company" WHERE name = 'Acme' AND $1 <> ''`,
  Job: `SELECT gen_random_uuid() AS id WHERE $1 <> ''`,
  JobQueue: `SELECT 'clean-up' AS id WHERE $1 <> ''`,
  SigningKey: `SELECT 'none' AS id WHERE $1 <> ''`,
};

/**
 * A row of the company that the role would reach if it held the permission: its own, where the
 * model knows one.
 */
async function visibleId(type: string, role: string): Promise<string> {
  if (type === 'AuditEvent') return await firstEvent();
  const ownRows = OF_USERS[type];
  if (ownRows) {
    const email = type === 'Passkey' ? policed.withFactor.email : emailOf(role);
    const [row] = await rowsOf(world, ownRows, [email]);
    return globalId(type, row.id);
  }
  const table = type === 'Member' ? 'Membership' : type;
  const own: Record<string, string> = { Employee: 'e.id', Attendance: 'a.id' };
  const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
  if (type === 'Company') return globalId(type, acme.id);
  const sql = own[table]
    ? `SELECT ${own[table]} FROM "Employee" e JOIN "Attendance" a ON a."employeeId" = e.id WHERE e.email = $2 AND e."companyId" = $1`
    : `SELECT id FROM "${table}" WHERE "companyId" = $1 AND $2 <> '' LIMIT 1`;
  const [row] = await rowsOf(world, sql, [acme.id, emailOf(role)]);
  return globalId(type, row.id);
}

async function firstEvent(): Promise<string> {
  const document = '{ auditEvents(first: 1) { edges { node { id } } } }';
  const { auditEvents } = must(await world.ask(document, {}, await world.signIn('company_admin')));
  return auditEvents.edges[0].node.id;
}
