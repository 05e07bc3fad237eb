import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWire, type Wire } from '../../../bench/wire.ts';
import { closeServices, openServer, openServices } from '../../../src/app.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import type { Services } from '../../../src/services.ts';
import type { Shortcut, Shortcuts } from '../../../src/shortcuts.ts';
import { expectSame, told } from '../../support/comparison.ts';
import { generatedQuery, seeded } from '../../support/generated-queries.ts';
import {
  type Answer,
  accept,
  asker,
  globalId,
  newcomer,
  openWorld,
  PASSWORD,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';
import { change, codeOf, issueTokens, newKey } from '../../support/sign-in/credentials.ts';

/**
 * Servers on one database that differ in their shortcuts alone. The state is changed by another
 * instance, so that they learn of it from PostgreSQL only.
 */
const COMPOSITIONS: Record<string, Shortcuts> = {
  all: {},
  'all but prefetch': { prefetch: false },
  'all but identity versions': { identityVersions: false },
  none: {
    ...{ queryPlan: false, fastPath: false, identityVersions: false, prefetch: false },
    deferredAuthentication: false,
  },
};

type Server = { name: string; ask: World['ask']; services: Services; end: () => Promise<void> };
let world: World;
let wire: Wire;
let servers: Server[];
let globex: string;
let admin: string;

beforeAll(async () => {
  world = await openWorld();
  wire = await openWire(world.database.appUrl);
  servers = [];
  for (const [name, shortcuts] of Object.entries(COMPOSITIONS)) servers.push(await opened(name, shortcuts));
  const [found] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
  globex = found.id;
  admin = await world.signIn('company_admin');
});
afterAll(async () => {
  for (const server of servers ?? []) await server.end();
  await wire?.close();
  await world?.end();
});

async function opened(name: string, shortcuts: Shortcuts): Promise<Server> {
  const connections = { app: wire.url, platform: world.database.platformUrl };
  const services = await openServices(world.config, connections, world.services.log, shortcuts);
  const server = openServer(services, shortcuts);
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  const end = async () => {
    await server.close();
    await closeServices(services);
  };
  return { name, ask: asker(url), services, end };
}
const named = (name: string) => servers.find((server) => server.name === name) as Server;
const usesOf = (name: string) => named(name).services.uses;

type Caller = { token: string | undefined; email: string; id: string; password: string };
type Question = { token: string | undefined; query: string; headers: Record<string, string> };

async function callers(): Promise<Caller[]> {
  const roles = ['company_admin', 'hr_admin', 'manager', 'company_member', 'view_only', 'external_auditor'];
  const made: Caller[] = [];
  for (const role of roles) {
    const { token, email, id } = await newcomer(world, [role]);
    made.push({ token, email, id, password: PASSWORD });
  }
  const invite = 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }';
  const [both, tokens] = made as [Caller, Caller];
  const input = { email: both.email, name: 'Of both', roles: ['manager'] };
  await world.ask(invite, { input }, await world.signIn('company_admin', 'globex'));
  await accept(world, both.email);
  tokens.token = (await issueTokens(world, tokens.token as string)).accessToken;
  const { key } = await newKey(world, admin, ['view_only']);
  const machine = { token: key, email: '', id: '', password: '' };
  return [...made, machine, { ...machine, token: undefined }];
}

/** Changes of state, each of one caller; they return tokens of before, which are asked again. */
const CHANGES: Record<string, (of: Caller) => Promise<unknown>> = {
  'the session is revoked': async (of) => {
    await world.ask('mutation { signOut { signedOut } }', {}, of.token);
    await rowsOf(world, `DELETE FROM "Session" s USING "User" u WHERE u.id = s."userId" AND u.email = $1`, [
      of.email,
    ]);
    return async () => {
      of.token = await signInAs(world.ask, of.email, of.password);
    };
  },
  'the roles change': async ({ id }) => {
    const roles = [pick(['manager', 'view_only', 'hr_admin', 'company_member', 'external_auditor'])];
    await change(world, 'setMemberRoles', { memberId: id, roles }, admin, '{ id }');
  },
  'the password changes': async (of) => {
    const fresh = await signInAs(world.ask, of.email, of.password);
    const input = { currentPassword: of.password, newPassword: `${PASSWORD}-${random()}` };
    await change(world, 'changePassword', input, fresh, '{ sessionToken }');
    return async () => {
      of.password = input.newPassword;
      of.token = await signInAs(world.ask, of.email, of.password);
    };
  },
  'the company is switched': async (of) => {
    const companyId = globalId('Company', globex);
    const query = 'mutation ($input: SwitchCompanyInput!) { switchCompany(input: $input) { sessionToken } }';
    const { data } = await world.ask(query, { input: { companyId } }, of.token);
    return async () => {
      of.token = data?.switchCompany?.sessionToken ?? of.token;
    };
  },
  'the session acts in another company': async ({ email }) => {
    await rowsOf(
      world,
      `UPDATE "Session" s SET "companyId" = m."companyId" FROM "User" u, "Membership" m
       WHERE u.id = s."userId" AND u.email = $1 AND m."userId" = u.id AND m."companyId" <> s."companyId"`,
      [email],
    );
  },
  'the member is suspended': async (of) => {
    await change(world, 'suspendMember', { memberId: of.id }, admin, '{ id }');
    return async () => {
      await change(world, 'restoreMember', { memberId: of.id }, admin, '{ id }');
      of.token = await signInAs(world.ask, of.email, of.password);
    };
  },
  'a record changes': async () => {
    await rowsOf(world, `SET session_replication_role = replica; UPDATE "Employee" SET name = name || '.'`);
  },
};

const random = seeded(20261129);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

const FIXED = [
  '{ viewer { roles company { name } user { email name } } }',
  '{ employees(first: 5) { edges { node { name email salary department { name } } } } }',
  '{ company { name currency } branches(first: 20) { edges { node { name } } } }',
  'query Members { members(first: 3) { edges { node { email roles } } } }',
  '{ payrollRuns(first: 3) { edges { node { period total } } } }',
];

/** Generated queries but for those whose answers hold what the requests before them left. */
async function queries(): Promise<string[]> {
  const rows = await rowsOf(world, `SELECT id, "departmentId" FROM "Employee" ORDER BY id LIMIT 6`);
  const ids = rows.flatMap(({ id, departmentId }) => [
    globalId('Employee', id),
    globalId('Department', departmentId),
  ]);
  const schema = buildSchema();
  const generated = Array.from({ length: 24 }, () => generatedQuery(schema, random, ids));
  return [...FIXED, ...generated.filter((query) => !/audit|session|lastUsed|anomal|emo/i.test(query))];
}

/**
 * Returns what each request left in the audit log, but for what is new each time. Of an answer
 * without data only the kinds of events count: which of several refused fields ended it is a race
 * (`expectSame`).
 */
async function eventsOf(answers: Answer[]): Promise<(of: Answer) => string[]> {
  const rows = await rowsOf(
    world,
    `SELECT body::jsonb->>'requestId' AS request, body::jsonb - 'requestId' AS body, body::jsonb - 'requestId' - 'data' AS kind
     FROM audit_event WHERE body::jsonb->>'requestId' = ANY($1)`,
    [answers.map(({ headers }) => headers.get('x-request-id'))],
  );
  return ({ headers, data }) =>
    rows
      .filter(({ request }) => request === headers.get('x-request-id'))
      .map(({ body, kind }) => JSON.stringify(data ? body : kind))
      .sort();
}

/**
 * Asks each server the questions, all at the same time, and expects the answers and events of the
 * one without shortcuts.
 */
async function expectSameOf(questions: Question[], after: string): Promise<string[]> {
  // another instance does the upkeep that the first request after a change does, such as recording
  // the entered company
  for (const { token, headers } of questions) await world.ask('{ __typename }', {}, token, headers);
  const answered: Answer[][] = [];
  for (const { ask } of servers)
    answered.push(
      await Promise.all(questions.map(({ token, query, headers }) => ask(query, {}, token, headers))),
    );
  const events = await eventsOf(answered.flat());
  const plain = answered.at(-1) as Answer[];
  for (const [at, answers] of answered.entries()) {
    for (const [number, answer] of answers.entries()) {
      const expected = plain[number] as Answer;
      const name = `${servers[at]?.name}, after ${after}: ${questions[number]?.query}`;
      expectSame(told(answer), told(expected), name);
      expect(events(answer), name).toEqual(events(expected));
    }
  }
  return plain.map(codeOf);
}

const CREATE =
  'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { __typename } } }';
/** Changes that end alike for each of the servers that are asked after it, one by one. */
const WRITTEN_AFTER = Object.keys(CHANGES).filter((name) => name !== 'a record changes');

/**
 * Asks each server for a new branch, and expects the answer, the row and the events of the one
 * without shortcuts.
 */
async function expectSameWrite({ token }: Caller, after: string): Promise<string[]> {
  await world.ask('{ __typename }', {}, token);
  const written: [name: string, code: string, rows: number, actions: string[]][] = [];
  for (const server of servers) {
    const name = crypto.randomUUID();
    const answer = await server.ask(CREATE, { input: { name } }, token);
    const rows = await rowsOf(world, 'SELECT id FROM "Branch" WHERE name = $1', [name]);
    const events = await rowsOf(
      world,
      `SELECT action FROM audit_event WHERE body::jsonb->>'requestId' = $1 ORDER BY action`,
      [answer.headers.get('x-request-id')],
    );
    written.push([server.name, codeOf(answer), rows.length, events.map(({ action }) => action)]);
  }
  const [, ...expected] = written.at(-1) as (typeof written)[number];
  for (const [name, ...found] of written) expect(found, `${name}, after ${after}`).toEqual(expected);
  return [expected[0]];
}

describe('[R6] a server with shortcuts', () => {
  it('answers and audits as one without, while sessions, roles, passwords and companies change', async () => {
    const [people, documents] = [await callers(), await queries()];
    const users = people.filter(({ email }) => email !== '');
    const [ofBoth] = users as [Caller];
    const question = ({ token }: Caller, from = documents): Question => ({
      token,
      query: pick(from),
      headers: random() < 0.2 ? { 'x-company-id': globex } : {},
    });
    const codes = new Set<string>();
    const all = Object.keys(CHANGES);
    for (let step = 0; step < 3 * all.length; step++) {
      const name = all[step % all.length] as string;
      const of = name.includes('company') && random() < 0.7 ? ofBoth : pick(users);
      // by the one whose rights change: a query whose answer tells, and any other
      const asked = [question(of, FIXED.slice(0, 2)), question(of), question(pick(people))];
      await expectSameOf(asked, 'nothing');
      for (const code of await expectSameOf(asked, 'the same')) codes.add(code);
      const settle = await CHANGES[name]?.(of);
      for (const code of await expectSameOf(asked, name)) codes.add(code);
      if (typeof settle === 'function') await settle();
    }
    expect([...codes]).toEqual(expect.arrayContaining(['ok', 'FORBIDDEN', 'UNAUTHENTICATED', 'NOT_FOUND']));
  });

  it('writes and audits as one without, while the same changes', async () => {
    const people = await callers();
    const users = people.filter(({ email }) => email !== '');
    const codes = new Set<string>();
    for (let step = 0; step < 3 * WRITTEN_AFTER.length; step++) {
      const name = WRITTEN_AFTER[step % WRITTEN_AFTER.length] as string;
      const of = name === 'the roles change' ? pick(users.slice(1)) : (users[0] as Caller);
      for (let time = 0; time < 2; time++)
        for (const code of await expectSameWrite(of, 'nothing')) codes.add(code);
      const settle = await CHANGES[name]?.(of);
      for (const code of await expectSameWrite(of, name)) codes.add(code);
      if (typeof settle === 'function') await settle();
    }
    expect([...codes]).toEqual(expect.arrayContaining(['ok', 'FORBIDDEN', 'UNAUTHENTICATED']));
  });

  it('used each of them, and counted why it did not', () => {
    const { queryPlan, fastPath, identityVersions, prefetch, deferredAuthentication } = usesOf('all');
    for (const { used } of [queryPlan, fastPath, identityVersions, prefetch])
      expect(used).toBeGreaterThan(20);
    expect(deferredAuthentication.used).toBeGreaterThan(10);
    for (const reason of ['not cached', 'modified', 'refused'] as const)
      expect(identityVersions.fallbacks[reason], reason).toBeGreaterThan(0);
    for (const reason of ['operation', 'credential', 'statement', 'identity changed'] as const)
      expect(deferredAuthentication.fallbacks[reason], reason).toBeGreaterThan(0);
    for (const reason of ['unknown document', 'unknown credential', 'actor changed', 'refusal'] as const)
      expect(prefetch.fallbacks[reason], reason).toBeGreaterThan(0);
  });

  it.each(Object.entries(COMPOSITIONS))('uses those that it is composed with: %s', (name, shortcuts) => {
    for (const [shortcut, { used }] of Object.entries(usesOf(name))) {
      // without cached identities there is nothing to prefetch or to write by
      const on = shortcuts[shortcut as Shortcut] !== false;
      const cached = ['prefetch', 'deferredAuthentication'].includes(shortcut);
      const possible = on && (!cached || shortcuts.identityVersions !== false);
      expect(used > 0, shortcut).toBe(possible);
    }
  });
});

/** What breaks in the database, and how many statements a request then sends: each once. */
const BREAKS: [what: string, breaks: string, mends: string, statements: number][] = [
  [
    'the table that is read',
    'ALTER TABLE "Branch" RENAME TO "Elsewhere"',
    'ALTER TABLE "Elsewhere" RENAME TO "Branch"',
    3, // authentication, and the query with its context
  ],
  [
    'the authentication of sessions',
    'ALTER FUNCTION authenticate_if_changed(text, text) RENAME TO elsewhere',
    'ALTER FUNCTION elsewhere(text, text) RENAME TO authenticate_if_changed',
    3,
  ],
];
const BRANCHES = '{ branches(first: 20) { edges { node { name } } } }';

describe('[F7] with a part of the database broken, no statement is sent again', () => {
  it.each(BREAKS)('%s', async (_what, breaks, mends, statements) => {
    const server = named('all');
    for (let time = 0; time < 2; time++) expect(codeOf(await server.ask(BRANCHES, {}, admin))).toBe('ok');
    const fallbacks = () => Object.values(server.services.uses.fastPath.fallbacks).reduce((a, b) => a + b);
    const before = fallbacks();
    await rowsOf(world, breaks);
    try {
      wire.reset();
      expect(codeOf(await server.ask(BRANCHES, {}, admin))).toBe('INTERNAL');
      expect(wire.traffic.statements).toBeLessThanOrEqual(statements);
      expect(fallbacks()).toBe(before);
    } finally {
      await rowsOf(world, mends);
    }
    expect(codeOf(await server.ask(BRANCHES, {}, admin))).toBe('ok');
  });
});
