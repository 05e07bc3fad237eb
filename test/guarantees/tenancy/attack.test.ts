import { type GraphQLSchema, isInputObjectType, isObjectType } from 'graphql';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  roles as builtIn,
  isForServices,
  isPermission,
} from '../../../src/auth/authorization/permissions.ts';
import { publicIdOf } from '../../../src/auth/session/public-id.ts';
import { guarantees, type ModelName } from '../../../src/db/guarantees.gen.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { type PolicyLine, policyMap } from '../../../src/schema/policy/policy-map.ts';
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
  attackPoints,
  creatorOf,
  cursorFields,
  nodeTypes,
  OF_USERS,
  PLAIN,
  type Point,
} from '../../support/attack/walk.ts';
import { connect } from '../../support/db/companies.ts';
import { ibanOf } from '../../support/iban.ts';
import { jobOf } from '../../support/jobs.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { type Answer, signInAs } from '../../support/server/world.ts';
import { newKey } from '../../support/sign-in/credentials.ts';
import { rowsOfWaysIn } from '../../support/sign-in/identity-rows.ts';

const schema: GraphQLSchema = buildSchema();
const points = attackPoints(schema);
const nodes = nodeTypes(schema);
const kinds = [...nodes.keys(), ...OF_USERS, ...PLAIN];
const lines = new Map(policyMap(schema).map((line) => [`${line.type}.${line.field}`, line]));
const roles = Object.keys(builtIn).filter((role) => role !== 'platform_admin'); // the demo has one account of the platform, with the greater role

let world: MailboxWorld;
let owner: pg.Client;
let company: Record<'acme' | 'globex' | 'third', string>;
/** Globex as it was before the attacks, and what an answer must not hold of it. */
let untouched: string;
let secrets: Set<string>;
const target = new Map<string, string>();
let number = 0;

beforeAll(async () => {
  world = await openMailboxWorld();
  owner = await connect(world.database.ownerUrl);
  const platform = await world.signIn('super_admin');
  const third = await world.ask(
    'mutation { createCompany(input: {name: "Initech", currency: "EUR", administrator: {email: "boss@initech.example", name: "Boss"}}) { company { id } } }',
    {},
    platform,
  );
  const ids = await rows<{ name: string; id: string }>('SELECT name, id FROM "Company"');
  const idOf = (name: string) => ids.find((row) => row.name === name)?.id as string;
  company = { acme: idOf('Acme'), globex: idOf('Globex'), third: idIn(third.data.createCompany.company.id) };
  await Promise.all(roles.map((role) => world.signIn(role)));
  await rowsOfWaysIn(world);
  const open = 'mutation { setSignInPolicy(input: { signUpMode: OPEN }) { signInPolicy { signUpMode } } }';
  await world.ask(open, {}, await world.signIn('company_admin'));
  for (const name of ['acme', 'globex'] as const) {
    await givePasskey(`client@${name}.example`);
    await fill(name);
  }
  await brand();
  for (const kind of kinds) target.set(kind, (await candidates(kind, company.globex))[0] as string);
  secrets = new Set(uuidsIn(await everythingOf(company.globex)));
  untouched = await everythingOf(company.globex);
});
afterAll(async () => {
  await owner?.end();
  await world?.end();
});

const rows = async <Row>(sql: string, values: unknown[] = []) =>
  (await owner.query(sql, values)).rows as Row[];
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** A row of every node type, made by the schema's own operations where the demo has none. */
async function fill(name: 'acme' | 'globex'): Promise<void> {
  const token = await world.signIn('company_admin', name);
  for (const type of nodes.keys()) {
    const creator = creatorOf(schema, type);
    if ((await candidates(type, company[name])).length > 0 || !creator) continue;
    const ids = new Map<string, string>();
    for (const kind of kinds) ids.set(kind, (await candidates(kind, company[name]))[0] as string);
    const { errors } = await world.ask(
      creator.document,
      creator.variables((_path, [kind]) => ids.get(kind as string) as string, ++number),
      token,
    );
    if (errors) throw new Error(`${type}: the walk cannot make a row of ${name}: ${JSON.stringify(errors)}`);
  }
  for (const kind of kinds) {
    if ((await candidates(kind, company[name])).length === 0)
      throw new Error(`${name} has no ${kind}: give the demo one, or the schema a create operation`);
  }
}

/** Ids of a kind in a company as clients write them, newest first. */
async function candidates(kind: string, companyId: string): Promise<string[]> {
  const model = nodes.get(kind);
  if (model) {
    const { table, tenant } = guarantees[model as ModelName];
    const found = await rows<{ id: string }>(
      `SELECT id FROM "${table}" WHERE "${tenant}" = $1 ORDER BY id DESC LIMIT 5`,
      [companyId],
    );
    return found.map(({ id }) => globalId(kind, id));
  }
  if (kind === 'company') return [companyId];
  if (OF_USERS.includes(kind)) return (await ofUsers(kind, companyId)).map((id) => globalId(kind, id));
  if (kind === 'row') return candidates('Employee', companyId).then((ids) => ids.map(idIn));
  return ofUsers('ViewerUser', companyId);
}

/** Ids of what belongs to the users of a company. */
async function ofUsers(kind: string, companyId: string): Promise<string[]> {
  if (['ViewerCompany', 'ManagedCompany', 'Invitation'].includes(kind)) return [companyId];
  if (kind === 'Job') return [await jobOf(rows, companyId)];
  if (kind === 'Passkey') return passkeysOf(companyId);
  if (kind === 'TrustedDevice') {
    const devices = `SELECT d.id FROM "TrustedDevice" d JOIN "Membership" m ON m."userId" = d."userId"
      WHERE m."companyId" = $1 ORDER BY 'company_admin' = ANY (m.roles) DESC, d.id LIMIT 5`;
    return (await rows<{ id: string }>(devices, [companyId])).map(({ id }) => id);
  }
  const people = `SELECT "userId" AS id FROM "Membership" WHERE "companyId" = $1 ORDER BY id DESC LIMIT 5`;
  const sessions = `SELECT left(id, 12) AS id FROM "Session" WHERE "companyId" = $1 ORDER BY "createdAt" DESC LIMIT 5`;
  return (await rows<{ id: string }>(kind === 'ViewerUser' ? people : sessions, [companyId])).map(
    ({ id }) => id,
  );
}
const passkeysOf = async (companyId: string, email = 'client@%') => {
  const sql = `SELECT k.id FROM "Passkey" k JOIN "Membership" m USING ("userId") WHERE m."companyId" = $1 AND m.email LIKE $2 ORDER BY k.id DESC`;
  return (await rows<{ id: string }>(sql, [companyId, email])).map(({ id }) => id);
};
/**
 * A passkey past every ceremony, verified just now. A user who has one is asked for it at sign-in:
 * sign them in first.
 */
async function givePasskey(email: string): Promise<void> {
  const user = `(SELECT id FROM "User" WHERE email = $1)`;
  await rows(
    `INSERT INTO "Passkey" (id, "userId", "credentialId", "publicKey", counter, "deviceType", "backedUp", name)
     VALUES (gen_random_uuid(), ${user}, gen_random_uuid(), '', 0, 'singleDevice', false, 'Walk')`,
    [email],
  );
  await rows(`UPDATE "Session" SET "mfaAt" = now() WHERE "userId" = ${user}`, [email]);
}
const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');
const idIn = (global: string) => Buffer.from(global, 'base64').toString().split(':')[1] as string;

/** An id of the kind that nothing has. */
const missing = (kind: string): string => {
  const id = crypto.randomUUID();
  if (kind === 'Session') return globalId(kind, id.replaceAll('-', '').slice(0, 12));
  return nodes.has(kind) || OF_USERS.includes(kind) ? globalId(kind, id) : id;
};

/** Makes every text of Globex tell where it comes from. */
async function brand(): Promise<void> {
  await owner.query('SET session_replication_role = replica');
  for (const [table, column] of [
    ['Employee', 'name'],
    ['Employee', 'jobTitle'],
    ['Branch', 'name'],
    ['Department', 'name'],
    ['Team', 'name'],
    ['Role', 'name'],
    ['Membership', 'name'],
  ]) {
    await owner.query(`UPDATE "${table}" SET "${column}" = 'Globex ' || "${column}" WHERE "companyId" = $1`, [
      company.globex,
    ]);
  }
  await owner.query('SET session_replication_role = origin');
}

/** All rows of a company in every table, the record's included. */
async function everythingOf(companyId: string): Promise<string> {
  const tables = await rows<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND (a.attname IN ('companyId', 'company_id') OR (c.relname = 'Company' AND a.attname = 'id')) ORDER BY 1`,
  );
  expect(tables.length).toBeGreaterThan(12);
  const contents: object[] = [];
  for (const { table, column } of tables) {
    contents.push(
      await rows(
        `SELECT '${table}' AS t, to_jsonb(x) AS r FROM "${table}" x WHERE "${column}" = $1 ORDER BY 2`,
        [companyId],
      ),
    );
  }
  return JSON.stringify(contents);
}

type Attack = { point: Point; role: string; kind: string };

/**
 * The point's operation with `id` in its place and the caller's own company's ids in all others.
 */
async function ask(
  { point, role, kind }: Attack,
  id: string,
  own: Map<string, string>,
  token?: string,
): Promise<Answer> {
  const variables = point.variables(
    (path, [other]) => (path === point.path.join('.') ? id : (own.get(other as string) as string)),
    number,
    { roles: [role] },
  );
  const bearer = token ?? (await world.signIn(role));
  return point.operation === 'subscription'
    ? listen(world, point.document(kind), variables, bearer)
    : world.inside(point.document(kind), variables, bearer);
}

/** What an answer holds of Globex: its ids, plain or inside of a global id or cursor, its texts. */
function leaks(answer: Answer, sent: string): string[] {
  const text = decoded(comparable(answer, sent));
  const ids = uuidsIn(text);
  return [...ids.filter((id) => secrets.has(id)), ...(text.match(/globex/gi) ?? [])];
}

const ruleOf = ({ parent, field }: Point) => lines.get(`${parent}.${field}`) as PolicyLine;
/** `node` and `nodes` require what the type of the id requires. */
const rulesOf = (point: Point, kind: string) => {
  const ofType = /^Query.nodes?$/.test(`${point.parent}.${point.field}`) && lines.get(`${kind}.id`);
  return [ruleOf(point), ...(ofType ? [ofType] : [])];
};
const holds = (point: Point, role: string, kind = '') =>
  rulesOf(point, kind).every(({ roles }) => roles.includes(role));
/** What is for people alone no key may, whatever its account's roles. */
const forKeys = (point: Point, kind: string) =>
  rulesOf(point, kind).every(
    ({ access }) => access !== 'signedIn' && access.split(' and ').filter(isPermission).every(isForServices),
  );
/**
 * The platform's administrators are there for companies: they list, make and delete them, and their
 * own record says which.
 */
const rightful = ({ point, role, kind }: Attack) =>
  role === 'super_admin' &&
  (ruleOf(point).access.startsWith('platform.') || ['company', 'ManagedCompany', 'Job'].includes(kind));

const OWN_LISTS = ['invitations', 'passkeys', 'sessions', 'trustedDevices'];
/** Lists that no company has a part in. */
const PLATFORM_LISTS = ['companies', 'jobQueues', 'jobs', 'signingKeys'];

async function ownIds(): Promise<Map<string, string>> {
  const own = new Map<string, string>();
  for (const kind of kinds) own.set(kind, (await candidates(kind, company.acme))[0] as string);
  return own;
}

describe('the walk', () => {
  test('[T3] finds every place of the schema that takes an id, in arguments and in inputs', () => {
    const titles = points.map(({ title }) => title);
    expect(titles).toEqual(
      expect.arrayContaining([
        'employee(id)',
        'node(id)',
        'nodes(ids)',
        'employees(filter.branchId)',
        'auditEvents(filter.entityId)',
        'updateEmployee(input.teamId)',
        'switchCompany(input.companyId)',
      ]),
    );
    const isId = ({ type }: { type: unknown }) => /^\[?ID!?\]?!?$/.test(String(type));
    const places = Object.values(schema.getTypeMap()).flatMap((type) => {
      if (isInputObjectType(type)) {
        return Object.values(type.getFields())
          .filter(isId)
          .map(({ name }) => `${type.name}.${name}`);
      }
      if (!isObjectType(type) || type.name.startsWith('__')) return [];
      return Object.values(type.getFields()).flatMap((field) =>
        field.args.filter(isId).map(({ name }) => `${type.name}.${field.name}(${name})`),
      );
    });
    expect(places.length).toBeGreaterThan(40);
    expect(new Set(points.map(({ place }) => place))).toEqual(new Set(places));
  });

  test('[T3] knows the rule of every operation that it attacks', () => {
    for (const point of points) expect(ruleOf(point), point.title).toBeDefined();
    expect(new Set(points.map(({ operation }) => operation))).toEqual(
      new Set(['query', 'mutation', 'subscription']),
    );
  });
});

describe("another company's id", () => {
  const problems: string[] = [];
  let asked = 0;

  /** By a user of that role, or by the API key of a service account with it. */
  async function attack(one: Attack, own: Map<string, string>, key?: string): Promise<void> {
    const theirs = target.get(one.kind) as string;
    const missingId = missing(one.kind);
    const [answer, nothing] = [await ask(one, theirs, own, key), await ask(one, missingId, own, key)];
    asked += 2;
    const where = `${key ? 'a key of ' : ''}${one.role} at ${one.point.title} with ${one.kind}`;
    const complain = (what: string) =>
      void problems.push(`${where}: ${what}: ${JSON.stringify(answer.errors ?? answer.data).slice(0, 300)}`);
    if (comparable(answer, theirs) !== comparable(nothing, missingId))
      complain(
        `differs from a missing one's ${JSON.stringify(nothing.errors ?? nothing.data).slice(0, 200)}`,
      );
    if (leaks(answer, theirs).length > 0) complain(`holds ${leaks(answer, theirs)}`);
    const codes = codesOf(answer);
    if (!one.point.kinds.includes(one.kind)) {
      if (
        codes.some((code) => !['NOT_FOUND', 'FORBIDDEN', 'BAD_REQUEST', 'INVALID_INPUT'].includes(code)) ||
        (codes.length === 0 && !isEmpty(answer.data))
      )
        complain('was not refused');
    } else if (!holds(one.point, one.role, one.kind) || (key && !forKeys(one.point, one.kind))) {
      if (codes.join() !== 'FORBIDDEN' || !isEmpty(answer.data)) complain('expected FORBIDDEN');
    } else if (
      codes.length > 0
        ? codes.join() !== 'NOT_FOUND' || !isEmpty(answer.data)
        : one.point.operation === 'mutation' || !isEmpty(answer.data)
    ) {
      complain('expected NOT_FOUND or an empty list');
    }
  }

  for (const operation of ['query', 'mutation', 'subscription'] as const) {
    const ours = points.filter((point) => point.operation === operation);
    test(`[T3] in every ${operation}, by every role, is answered as a missing id, NOT_FOUND with the permission`, async () => {
      const own = await ownIds();
      const attacks = ours
        .flatMap((point) => roles.flatMap((role) => point.kinds.map((kind) => ({ point, role, kind }))))
        .filter((one) => !rightful(one));
      expect(attacks.length).toBeGreaterThan(ours.length * 14);
      await inParallel(attacks, (one) => attack(one, own));
      expect(problems.splice(0)).toEqual([]);
    });

    if (operation === 'subscription') continue;
    test(`[T3] in every ${operation}, of every other type than the one that is expected`, async () => {
      const own = await ownIds();
      // who holds nothing is refused before any id counts: one role for each set of answers, and
      // the strongest
      const askers = (point: Point) =>
        ['company_admin', roles.find((role) => !holds(point, role)), 'super_admin'].filter(
          (role) => role !== undefined,
        );
      const attacks = ours
        .flatMap((point) =>
          askers(point).flatMap((role) =>
            kinds.filter((kind) => !point.kinds.includes(kind)).map((kind) => ({ point, role, kind })),
          ),
        )
        .filter((one) => !rightful(one));
      expect(attacks.length).toBeGreaterThan(ours.length * 5);
      await inParallel(attacks, (one) => attack(one, own));
      expect(problems.splice(0)).toEqual([]);
    });
  }

  test('[T3][A7] in every operation, by API keys with each role: as a missing one, NOT_FOUND where the key may', async () => {
    const own = await ownIds();
    const admin = await world.signIn('company_admin');
    const asking = ['company_admin', 'hr_admin', 'external_auditor', 'view_only', 'operator'];
    for (const role of asking) {
      const { key } = await newKey(world, admin, [role]);
      const attacks = points.flatMap((point) => point.kinds.map((kind) => ({ point, role, kind })));
      expect(attacks.length).toBeGreaterThan(60);
      await inParallel(attacks, (one) => attack(one, own, key));
    }
    expect(problems.splice(0)).toEqual([]);
  });

  test('[T3] a cursor of another company, in every connection, by every role that may read it', async () => {
    const fields = cursorFields(schema);
    expect(fields.map(({ title }) => title)).toEqual(expect.arrayContaining(['employees', 'auditEvents']));
    for (const { title, document, cursors, path } of fields) {
      if (PLATFORM_LISTS.includes(title)) continue;
      const theirs = await world.ask(cursors, {}, await world.signIn('company_admin', 'globex'));
      const cursor = JSON.stringify(theirs.data).match(/"cursor":"([^"]+)"/)?.[1] as string;
      // what belongs to a user: a cursor holds values of the caller's own rows alone
      const isOwn = OWN_LISTS.includes(title);
      if (!cursor && isOwn) continue;
      expect(cursor, title).toBeDefined();
      for (const role of roles.filter((role) => role !== 'super_admin' || title !== 'auditEvents')) {
        const answer = await world.ask(document, { after: cursor }, await world.signIn(role));
        expect(leaks(answer, cursor), `${role} at ${title}`).toEqual([]);
        const plain = Buffer.from(cursor, 'base64').toString();
        const line = lines.get(`Query.${path[0]}`) as PolicyLine;
        if (isOwn || uuidsIn(plain).length === 0 || !line.roles.includes(role)) continue;
        // the neighbour of their id: rows of the same moment stand on the same side of both
        const neighbour = (id: string) =>
          id.slice(0, -1) + (Number.parseInt(id.slice(-1), 16) ^ 1).toString(16);
        const missingId = Buffer.from(plain.replace(UUID, neighbour)).toString('base64');
        const nothing = await world.ask(document, { after: missingId }, await world.signIn(role));
        expect(comparable(answer, cursor), `${role} at ${title}`).toBe(comparable(nothing, missingId));
      }
    }
  });

  test("[T3] another company's names, e-mails and IBANs find nothing, and nothing is counted", async () => {
    const [employee] = await rows<{ name: string }>(
      `SELECT name FROM "Employee" WHERE "companyId" = $1 LIMIT 1`,
      [company.globex],
    );
    const search =
      'query ($filter: EmployeeFilter) { employees(filter: $filter) { totalCount edges { node { name email } } } }';
    for (const role of roles.filter((role) => lines.get('Query.employees')?.roles.includes(role))) {
      for (const name of [employee?.name, 'Globex', 'globex.example']) {
        const { data, errors } = await world.ask(search, { filter: { name } }, await world.signIn(role));
        expect({ data, errors }, role).toEqual({
          data: { employees: { totalCount: 0, edges: [] } },
          errors: undefined,
        });
      }
    }
    const iban = ibanOf(9_000_000_001);
    const globexAdmin = await world.signIn('company_admin', 'globex');
    const set = await world.ask(
      'mutation ($input: SetEmployeeIdentityInput!) { setEmployeeIdentity(input: $input) { employee { iban } } }',
      { input: { employeeId: target.get('Employee'), iban } },
      globexAdmin,
    );
    expect(set.data.setEmployeeIdentity.employee.iban).toBe(iban);
    untouched = await everythingOf(company.globex);
    const found = async (token: string) =>
      (await world.ask(search, { filter: { iban } }, token)).data.employees.totalCount;
    expect(await found(globexAdmin)).toBe(1);
    expect(await found(await world.signIn('company_admin'))).toBe(0);
  });

  test("[T3] the stream of another company's audit log is refused, whatever cursor and company are named", async () => {
    const stream =
      'subscription ($after: String) { auditEvents(after: $after) { cursor entityId before after } }';
    const token = await world.signIn('external_auditor');
    const answer = await listen(world, stream, { after: '0' }, token, 6);
    expect(answer.data.length).toBeGreaterThan(5);
    expect(leaks(answer, 'none')).toEqual([]);
    const [foreign, random] = await Promise.all(
      [company.globex, crypto.randomUUID()].map((id) =>
        world.ask('{ auditEvents { edges { cursor } } }', {}, token, { 'x-company-id': id }),
      ),
    );
    expect(codesOf(foreign as Answer)).toEqual(['NOT_FOUND']);
    expect(comparable(foreign as Answer, company.globex)).toBe(comparable(random as Answer, 'none'));
  });

  test('[T3] the attacks change no row and add no event of the other company', async () => {
    expect(asked).toBeGreaterThan(1000);
    expect(await everythingOf(company.globex)).toBe(untouched);
  });
});

describe('the same operations with ids of their own company', () => {
  const NEVER = [
    'INVALID_INPUT',
    'BAD_REQUEST',
    'QUERY_TOO_COMPLEX',
    'INTERNAL',
    'UNAUTHENTICATED',
    'UNAVAILABLE',
  ];

  /** Ids of the own company in all places, tried in turn until they belong together. */
  async function withOwnIds(point: Point): Promise<Answer> {
    const platform = ruleOf(point).access.startsWith('platform.');
    const email = platform ? 'platform@bulwark.example' : 'company_admin@acme.example';
    // what every signed-in user may change is their session
    const personal = ruleOf(point).access === 'signedIn' && point.operation === 'mutation';
    const token = personal
      ? await signInAs(world.ask, email)
      : await world.signIn(platform ? 'super_admin' : 'company_admin');
    const joins = point.title.startsWith('joinCompany');
    if (joins) await inviteTo(company.third, email);
    const home = platform || joins ? company.third : company.acme;
    const choices: string[][] = [];
    for (const {
      kinds: [kind],
    } of point.needs) {
      choices.push((await ownOf(kind as string, email, home)) ?? (await candidates(kind as string, home)));
    }
    let answer: Answer | undefined;
    for (const combination of product(choices)) {
      const ids = new Map(point.needs.map(({ path }, index) => [path, combination[index] as string]));
      const variables = point.variables((path) => ids.get(path) as string, ++number);
      const document = point.document(point.kinds[0] as string);
      answer = await (point.operation === 'subscription'
        ? listen(world, document, variables, token)
        : world.ask(document, variables, token));
      if (!codesOf(answer).includes('NOT_FOUND')) return answer;
    }
    return answer as Answer;
  }
  /** An invitation that they can accept. */
  const inviteTo = (companyId: string, email: string) =>
    owner.query(
      `SET session_replication_role = replica;
       INSERT INTO "Membership" ("companyId", id, "userId", email, name, status, "invitedUntil", roles)
       SELECT '${companyId}', gen_random_uuid(), id, email, name, 'invited', now() + interval '1 day', '{client}' FROM "User" WHERE email = '${email}';
       SET session_replication_role = origin`,
    );
  /**
   * What belongs to the caller and not to their company, and would change how they sign in if it
   * were there before.
   */
  async function ownOf(kind: string, email: string, home: string): Promise<string[] | null> {
    if (kind === 'Session') return [globalId(kind, publicIdOf(await signInAs(world.ask, email)))];
    if (kind !== 'Passkey') return null;
    await givePasskey(email);
    return (await passkeysOf(home, email)).map((id) => globalId(kind, id));
  }
  afterEach(() =>
    owner.query(
      `DELETE FROM "Passkey" k USING "User" p WHERE p.id = k."userId" AND p.email NOT LIKE 'client@%'`,
    ),
  );
  const product = (lists: string[][]): string[][] =>
    lists.reduce<string[][]>((all, list) => all.flatMap((head) => list.map((item) => [...head, item])), [[]]);
  // what takes things away comes last
  const order = ({ title }: Point) => (/^(delete|remove|revoke|switch|join)/.test(title) ? 1 : 0);

  for (const point of points.toSorted((a, b) => order(a) - order(b))) {
    test(`[T3] ${point.operation} ${point.title} is reached by the walk: its examples are valid, and own ids are found`, async () => {
      const answer = await withOwnIds(point);
      const hint = `${point.title} refuses the walk's examples: give test/support/attack/walk.ts one that it takes (byName): ${JSON.stringify(answer.errors)}`;
      expect(
        codesOf(answer).filter((code) => NEVER.includes(code)),
        hint,
      ).toEqual([]);
      expect(codesOf(answer), JSON.stringify(answer.errors)).not.toContain('NOT_FOUND');
    });
  }
});
