import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles as catalogue, isForServices, isPermission } from '../../src/auth/policy.ts';
import { buildSchema } from '../../src/schema/index.ts';
import type { PolicyLine } from '../../src/schema/policy-map.ts';
import { issueTokens, newKey } from '../credentials.ts';
import { type Enrolled, enrolled } from '../factors.ts';
import { documentOf, examples, type Fill, operationsOf, type Slot, variablesOf } from '../operations.ts';
import { from, openPostedWorld, type PostedWorld } from '../outbox.ts';
import { rowsOfWaysIn } from '../ways-in.ts';
import { type Answer, admit, globalId, PASSWORD, rowsOf, signInAs } from '../world.ts';

// What is enforced, tried operation by operation and field by field as each built-in role, against what the server says its policy is.
const schema: GraphQLSchema = buildSchema();
const roles = Object.keys(catalogue);
let world: PostedWorld;
let demoHash: string;
let lines: Map<string, PolicyLine>;
/** Sealed values as the company's administrator sees them: `type.field:id` → value. */
const plain = new Map<string, string>();

const emailOf = (role: string) =>
  role === 'super_admin' ? 'platform@bulwark.example' : `${role}@acme.example`;

beforeAll(async () => {
  world = await openPostedWorld();
  [{ passwordHash: demoHash }] = await rowsOf(world, 'SELECT "passwordHash" FROM "Credential" LIMIT 1');
  await addPlatformAdmin();
  await addRows();
  const { data } = await world.ask(
    '{ policies { lines { type field access self inherited visibility roles event } } }',
    {},
    await world.signIn('company_admin'),
  );
  lines = new Map(data.policies.lines.map((line: PolicyLine) => [`${line.type}.${line.field}`, line]));
}, 60_000);
afterAll(() => world?.end());

const must = (answer: Answer) => {
  expect(answer.errors).toBeUndefined();
  return answer.data;
};

async function addPlatformAdmin(): Promise<void> {
  const input = { email: emailOf('platform_admin'), name: 'Platform Admin', roles: ['platform_admin'] };
  must(
    await world.ask(
      'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }',
      { input },
      await world.signIn('super_admin'),
    ),
  );
  await admit(world, input.email);
}

/** Somebody of Acme with an authenticator app and a passkey. */
let withFactor: Enrolled;

/** A row of each kind that the demo has none of, so that nothing below is true of an empty list. */
async function addRows(): Promise<void> {
  const input = { slug: 'nothing', name: 'Nothing', level: 1, reach: 'self', permissions: [] };
  for (const role of ['super_admin', 'company_admin']) {
    must(
      await world.ask(
        'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
        { input },
        await world.signIn(role),
      ),
    );
  }
  must(
    await world.ask(
      'mutation { createPayrollRun(input: { period: "2026-01" }) { id } }',
      {},
      await world.signIn('finance_admin'),
    ),
  );
  await rowsOfWaysIn(world);
  // everybody is invited by a company that is not theirs
  await rowsOf(
    world,
    `SET session_replication_role = replica;
     INSERT INTO "Membership" ("companyId", id, "personId", email, name, status, "invitedUntil", roles)
     SELECT c.id, gen_random_uuid(), p.id, p.email, p.name, 'invited', now() + interval '1 day', '{client}' FROM "Person" p, "Company" c
     WHERE c.name = 'Globex' ON CONFLICT DO NOTHING;
     SET session_replication_role = origin`,
  );
  withFactor = await enrolled(world);
  await rowsOf(
    world,
    `INSERT INTO "Passkey" (id, "personId", "credentialId", "publicKey", counter, "deviceType", "backedUp", name)
     SELECT gen_random_uuid(), id, 'walk', '', 0, 'singleDevice', false, 'Walk' FROM "Person" WHERE email = $1`,
    [withFactor.email],
  );
  must(
    await world.ask(
      'mutation { setSignInPolicy(input: { signUpMode: open }) { signUpMode } }',
      {},
      await world.signIn('company_admin'),
    ),
  );
  ({ accountId } = await newKey(world, await world.signIn('company_admin'), ['client']));
  await issueTokens(world, await signInAs(world.ask, emailOf('client')));
}
/** A service account of Acme. */
let accountId: string;

const lineOf = (name: string): PolicyLine => {
  const line = lines.get(name);
  if (!line) throw new Error(`the policy map has no line ${name}`);
  return line;
};
const allows = (name: string, role: string): boolean => {
  const { access, roles: holders } = lineOf(name);
  return ['public', 'authenticated', 'signedIn'].includes(access) || holders.includes(role);
};
/** The same for the key of a service account with this role: less what is for people alone. */
const allowsKey = (name: string, role: string): boolean => {
  const { access } = lineOf(name);
  if (access === 'signedIn') return false;
  return allows(name, role) && access.split(' and ').filter(isPermission).every(isForServices);
};
const rootOf = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };
const codes = (answer: Pick<Answer, 'errors'>): string[] =>
  (answer.errors ?? []).map(({ extensions }) => extensions.code);

/** Ids of nothing: who may use an operation is refused by what it finds, who may not before it looks. */
const nothing = ({ nodes, name, global }: Pick<Slot, 'nodes' | 'name' | 'global'>) => {
  if (name === 'sessionId') return '0123456789ab';
  return global ? globalId(nodes[0] ?? 'Employee', crypto.randomUUID()) : crypto.randomUUID();
};
const ids = examples((_node, slot) => nothing(slot));
/** A role that everybody may grant, for it holds nothing. */
const fill: Fill = (slot) => (slot.name === 'roles' ? ['nothing'] : ids(slot));

/** The first event of a subscription, then the connection is let go. */
async function firstEvent(document: string, variables: object, token: string): Promise<Answer> {
  const response = await fetch(world.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: document, variables }),
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    text += new TextDecoder().decode(next.value);
    const event = /^data: (\{.*\})$/m.exec(text) ?? /^(\{.*\})$/m.exec(text);
    if (!event) continue;
    await reader.cancel();
    return JSON.parse(event[1] as string);
  }
  throw new Error(`no event: ${text}`);
}

async function run(operation: ReturnType<typeof operationsOf>[number], role: string | null): Promise<Answer> {
  // These end a session: each gets one of its own.
  const own = ENDS_SESSIONS.includes(operation.name) && role;
  const token = own ? await signInAs(world.ask, emailOf(role)) : role ? await world.signIn(role) : '';
  const answer = await runAs(operation, token);
  if (own) await asBefore(emailOf(role));
  return answer;
}

async function runAs(operation: ReturnType<typeof operationsOf>[number], token: string): Promise<Answer> {
  const variables = variablesOf(operation, fill);
  const input = await inputs[operation.name]?.();
  if (input) variables.input = input;
  if (operation.kind === 'subscription') return firstEvent(documentOf(operation), { after: '0' }, token);
  return world.ask(documentOf(operation), variables, token, from());
}

const ENDS_SESSIONS = [
  'signOut',
  'issueTokens',
  'switchCompany',
  'changePassword',
  'revokeOtherSessions',
  'revokeAllSessions',
];
/** What examples by name and type cannot know. */
const inputs: Record<string, () => Promise<object>> = {
  refreshTokens: async () => {
    const session = await signInAs(world.ask, emailOf('client'));
    return { refreshToken: (await issueTokens(world, session)).refreshToken };
  },
  signIn: async () => ({ email: emailOf('client'), password: PASSWORD }),
  changePassword: async () => ({
    currentPassword: PASSWORD,
    newPassword: `Walking-lantern-${crypto.randomUUID()}`,
  }),
  addContactFactor: async () => ({
    channel: 'email',
    destination: `${crypto.randomUUID()}@walk.example`,
  }),
  signUp: async () => {
    const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
    return { companyId: acme.id, email: `${crypto.randomUUID()}@walk.example`, name: 'Walk' };
  },
};
/** Public, but asking for a link that nobody was mailed. */
const BY_LINK = [
  ...['acceptInvitation', 'resetPassword', 'unlockAccount', 'verifyEmail'],
  ...['recoverAccount', 'verifyRecoveryEmail'],
];
/** Public, but asking for a sign-in that waits. */
const BY_PENDING = [
  ...['completeSignIn', 'requestCode', 'startRecovery'],
  ...['startPasskeySecondFactor', 'completeSignInByPasskey'],
];
/** Allowed, but asking for a second factor or a code of one, which nobody here has. */
const BY_FACTOR = ['stepUp', 'requestCode', 'confirmContactFactor', 'removeFactor'];
/** Allowed, but asking for what a passkey signed. */
const BY_PASSKEY = ['finishPasskeySignIn', 'finishPasskeyRegistration', 'stepUpByPasskey'];
/** The answers to examples of who may. */
const fine = (name: string): string[] => [
  ...['FORBIDDEN', 'NOT_FOUND', 'CONFLICT'],
  ...(BY_PENDING.includes(name) ? ['UNAUTHENTICATED'] : []),
  ...(BY_FACTOR.includes(name) ? ['INVALID_INPUT'] : []),
  ...(BY_PASSKEY.includes(name) ? ['PASSKEY_REFUSED'] : []),
];

/** Its password is the demo's again, and its sessions are new ones. */
async function asBefore(email: string): Promise<void> {
  world.forget();
  await rowsOf(
    world,
    `UPDATE "Credential" SET "passwordHash" = $2 WHERE "personId" = (SELECT id FROM "Person" WHERE email = $1)`,
    [email, demoHash],
  );
}

const operations = operationsOf(schema);

describe('[R2][R7] every operation does for every role what the exported policy says', () => {
  it.each(roles)('%s', async (role) => {
    const wrong: string[] = [];
    for (const operation of operations) {
      const name = `${rootOf[operation.kind]}.${operation.name}`;
      const answer = await run(operation, role);
      const allowed = !codes(answer).includes('FORBIDDEN');
      if (allowed !== allows(name, role))
        wrong.push(`${name}: the policy says ${allows(name, role)}, the server ${allowed}`);
      // What is allowed got as far as the rows: no answer of the kind that says the question was wrong.
      if (codes(answer).some((code) => !fine(operation.name).includes(code)))
        wrong.push(`${name}: ${codes(answer)}`);
    }
    expect(wrong).toEqual([]);
    expect(operations.length).toBeGreaterThan(40);
  });

  it.each(roles.filter((role) => catalogue[role as keyof typeof catalogue].level < 5))(
    '[A7] an API key of a service account with the role %s, less what is for people alone',
    async (role) => {
      const { key } = await newKey(world, await world.signIn('company_admin'), [role]);
      const wrong: string[] = [];
      for (const operation of operations) {
        const name = `${rootOf[operation.kind]}.${operation.name}`;
        const found = codes(await runAs(operation, key));
        if (found.includes('FORBIDDEN') === allowsKey(name, role)) wrong.push(`${name}: ${found}`);
        if (found.some((code) => !fine(operation.name).includes(code))) wrong.push(`${name}: ${found}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('a stranger may use what is public, and is told to sign in for the rest', async () => {
    for (const operation of operations) {
      const name = `${rootOf[operation.kind]}.${operation.name}`;
      const found = codes(await run(operation, null));
      const waiting = BY_PENDING.includes(operation.name) ? ['UNAUTHENTICATED'] : [];
      const unsigned = BY_PASSKEY.includes(operation.name) ? ['PASSKEY_REFUSED'] : waiting;
      const open = BY_LINK.includes(operation.name) ? ['NOT_FOUND'] : unsigned;
      expect([name, found]).toEqual([name, lineOf(name).access === 'public' ? open : ['UNAUTHENTICATED']]);
    }
  });
});

describe('[R5][R7] a read-only role holds no operation that writes on the record', () => {
  it.each(Object.entries(catalogue).flatMap(([name, role]) => (role.readOnly ? [name] : [])))(
    '%s',
    (role) => {
      const written = [...lines.values()].filter(({ type, event }) => type === 'Mutation' && event !== null);
      expect(written.length).toBeGreaterThan(15);
      expect(written.filter(({ roles }) => roles.includes(role))).toEqual([]);
    },
  );
});

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

/** A way to rows of a type, the fields that it leads through, and what a refusal may look like there. */
type Route = {
  document: (selection: string) => string;
  prefix: string[];
  refusals: string[];
  /** It ends the session that it is asked with. */
  ownSession?: true;
  token?: string;
};

/** What only somebody with a second factor has rows of: tried as one, whatever the role, since their rule is the same for all. */
function routeOfFactors(type: GraphQLObjectType): Route | null {
  const credentials = `{ email: "${withFactor.email}", password: "${PASSWORD}" }`;
  const ways: Record<string, [prefix: string, document: (selection: string) => string]> = {
    PendingSignIn: [
      'Mutation.signIn',
      (selection) => `mutation { signIn(input: ${credentials}) { pending { __typename ${selection} } } }`,
    ],
    TotpEnrolment: [
      'Mutation.enrolTotp',
      (selection) => `mutation { enrolTotp { __typename ${selection} } }`,
    ],
    Passkey: ['Query.passkeys', (selection) => `{ passkeys { __typename ${selection} } }`],
    PasskeyChallenge: [
      'Mutation.startPasskeySignIn',
      (selection) => `mutation { startPasskeySignIn { __typename ${selection} } }`,
    ],
    OwnFactor: [
      'Query.secondFactors',
      (selection) => `{ secondFactors { factors { __typename ${selection} } } }`,
    ],
  };
  const way = ways[type.name];
  return way
    ? { document: way[1], prefix: [way[0]], refusals: ['FORBIDDEN'], token: withFactor.token }
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
  if (type.name === 'TokenPayload') {
    return {
      document: (selection) => `mutation { issueTokens { __typename ${selection} } }`,
      prefix: ['Mutation.issueTokens'],
      refusals: ['FORBIDDEN'],
      ownSession: true,
    };
  }
  if (type.name === 'ApiKeyPayload') {
    const input = `{ serviceAccountId: "${accountId}", name: "Walk" }`;
    return {
      document: (selection) => `mutation { createApiKey(input: ${input}) { __typename ${selection} } }`,
      prefix: ['Mutation.createApiKey'],
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
  const may = (field: Field) => [...prefix, `${type.name}.${field.name}`].every((name) => allows(name, role));
  const allowed = fields.filter(may);
  const wrong: string[] = [];
  if (allowed.length > 0) {
    const answer = await world.ask(document(allowed.map(selected).join(' ')), {}, token);
    if (answer.errors)
      wrong.push(`${type.name}: allowed fields were refused: ${JSON.stringify(answer.errors)}`);
    if (objectsOf(type.name, answer.data).length === 0)
      wrong.push(`${type.name}: there was no row to try it on`);
  }
  // Refused on the way, no field of it is reached: one question stands for all.
  const reached = prefix.every((name) => allows(name, role));
  for (const field of fields.filter((field) => !may(field)).slice(0, reached ? undefined : 1)) {
    const masked = masks(field) && [...prefix, `${type.name}.id`].every((name) => allows(name, role));
    const answer = await world.ask(document(`${masked ? 'id ' : ''}${selected(field)}`), {}, token);
    if (masked) wrong.push(...openedWrongly(type.name, field.name, answer, await ownRow(role)));
    else if (!codes(answer).some((code) => refusals.includes(code)))
      wrong.push(`${type.name}.${field.name} was given: ${JSON.stringify(answer).slice(0, 300)}`);
  }
  return wrong;
}

/** A reader without the right gets a mask or null, except on their own row, which they see as the administrator does. */
function openedWrongly(type: string, field: string, answer: Answer, own: string | undefined): string[] {
  if (answer.errors) return [`${type}.${field}: ${JSON.stringify(answer.errors)}`];
  const rows = objectsOf(type, answer.data);
  const self = lineOf(`${type}.${field}`).self !== null;
  const wrong = rows.filter((row) => {
    const value = row[field];
    const whole = plain.get(`${type}.${field}:${row.id}`);
    if (whole === undefined) throw new Error(`nobody opened ${type}.${field} of ${row.id}`);
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
    'SELECT e.id FROM "Employee" e JOIN "Person" p ON p.id = e."personId" WHERE p.email = $1',
    [emailOf(role)],
  );
  return row && globalId('Employee', row.id);
}

describe('[R2][R7][E7] every field of every type answers every role as the exported policy says', () => {
  beforeAll(async () => {
    for (const type of types) {
      const sealed = Object.values(type.getFields()).filter(masks);
      if (sealed.length === 0) continue;
      const selection = `id ${sealed.map(({ name }) => name).join(' ')}`;
      const data = must(
        await world.ask(routeThroughLists(type).document(selection), {}, await world.signIn('company_admin')),
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
    expect([...lines.keys()].sort()).toEqual(fields.sort());
  });

  it.each(roles)('%s, through lists', async (role) => {
    const wrong: string[] = [];
    for (const type of types)
      if (!carriesNothing.test(type.name))
        wrong.push(...(await tryType(type, routeThroughLists(type), role)));
    expect(wrong).toEqual([]);
  });

  const node = schema.getType('Node');
  const nodes = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : [];

  it.each(roles.filter((role) => catalogue[role as keyof typeof catalogue].level < 5))(
    '%s, through node(id)',
    async (role) => {
      const wrong: string[] = [];
      for (const name of nodes) {
        const id = await visibleId(name, role);
        const document = (selection: string) =>
          `{ node(id: "${id}") { __typename ... on ${name} { ${selection} } } }`;
        // A row whose relation is out of reach is not there at all.
        const route = { document, prefix: ['Query.node'], refusals: ['FORBIDDEN', 'NOT_FOUND'] };
        wrong.push(...(await tryType(schema.getType(name) as GraphQLObjectType, route, role)));
      }
      expect(nodes.length).toBeGreaterThan(7);
      expect(wrong).toEqual([]);
    },
  );
});

/** A row of the company that the role would reach if it held the permission: its own, where the model knows one. */
async function visibleId(type: string, role: string): Promise<string> {
  const table = type === 'Member' ? 'Membership' : type;
  const own: Record<string, string> = { Employee: 'e.id', Attendance: 'a.id' };
  const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
  const sql = own[table]
    ? `SELECT ${own[table]} FROM "Employee" e JOIN "Attendance" a ON a."employeeId" = e.id WHERE e.email = $2 AND e."companyId" = $1`
    : `SELECT id FROM "${table}" WHERE "companyId" = $1 AND $2 <> '' LIMIT 1`;
  const [row] = await rowsOf(world, sql, [acme.id, emailOf(role)]);
  return globalId(type, row.id);
}
