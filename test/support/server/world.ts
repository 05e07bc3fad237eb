import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { inject } from 'vitest';
import { closeServices, openServer, openServices } from '../../../src/app.ts';
import { system } from '../../../src/audit/record/body.ts';
import { identityTransactions } from '../../../src/auth/identity-command.ts';
import type { Config } from '../../../src/config.ts';
import { join } from '../../../src/domain/access/join.ts';
import { afterCommit } from '../../../src/domain/after-commit.ts';
import { createLog } from '../../../src/http/logger.ts';
import type { Services } from '../../../src/services.ts';
import { configWith, PASSWORD } from './demo.ts';
import { type FreshDatabase, freshDatabase } from './fresh-database.ts';
import { asOwner } from './global-setup.ts';

export { PASSWORD };

/**
 * The demo's two companies on a database of the test file's own, behind a real server on a loopback
 * port.
 */
export type World = {
  url: string;
  database: FreshDatabase;
  services: Services;
  config: Config;
  /** All that the server has logged. */
  logged: () => string;
  /** One operation over HTTP. */
  ask: Ask;
  /** The same without a socket in between, for tests of thousands of operations. */
  inside: Ask;
  /** The session token of `<role>@<company>.example`; kept for the file. */
  signIn: (role: string, company?: 'acme' | 'globex') => Promise<string>;
  /** The kept tokens were ended: `signIn` signs in again. */
  forget: () => void;
  end: () => Promise<void>;
};

type Ask = (
  query: string,
  variables?: object,
  token?: string,
  headers?: Record<string, string>,
) => Promise<Answer>;

export type Answer = {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for
  data: any;
  errors?: {
    message: string;
    path?: string[];
    extensions: { code: string; fields?: Record<string, string>; requestId?: string };
  }[];
};

/** `appUrl` leads the server to its database by another way, such as a proxy. */
export async function openWorld(
  changes: Partial<Config> = {},
  way: (appUrl: string) => string | Promise<string> = (appUrl) => appUrl,
): Promise<World> {
  const database = await freshDatabase('demo');
  const lines: string[] = [];
  const config = { ...testConfig(), ...changes };
  const log =
    createLog(config, { destination: { write: (line: string) => void lines.push(line) } }) ?? pino();
  const services = await openServices(
    config,
    { app: await way(database.appUrl), platform: database.platformUrl },
    log,
  );
  const server = openServer(services);
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  const [ask, inside] = [asker(url), inProcess(server)];
  const tokens = new Map<string, string>();
  const signIn = async (role: string, company: 'acme' | 'globex' = 'acme') => {
    const email = role === 'super_admin' ? 'platform@bulwark.example' : `${role}@${company}.example`;
    const token = tokens.get(email) ?? (await signInAs(ask, email));
    tokens.set(email, token);
    return token;
  };
  const end = async () => {
    await server.close();
    await closeServices(services);
    await database.drop();
  };
  const forget = () => tokens.clear();
  return { url, database, services, config, logged: () => lines.join(''), ask, inside, signIn, forget, end };
}

/** With the key that the demo is sealed under. */
export const testConfig = (): Config => configWith(Buffer.from(inject('postgres').demo.key, 'base64'));

/** `send` leads to the server by another way, such as a proxy. */
export const asker =
  (url: string, send = fetch): Ask =>
  async (query, variables = {}, token, headers = {}) => {
    const response = await send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    return {
      status: response.status,
      headers: response.headers,
      ...((await response.json()) as Omit<Answer, 'status' | 'headers'>),
    };
  };

const inProcess =
  (server: FastifyInstance): Ask =>
  async (query, variables = {}, token, headers = {}) => {
    const answer = await server.inject({
      method: 'POST',
      url: '/graphql',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      payload: JSON.stringify({ query, variables }),
    });
    return {
      status: answer.statusCode,
      headers: new Headers(answer.headers as Record<string, string>),
      ...JSON.parse(answer.body),
    };
  };

export async function signInAs(ask: World['ask'], email: string, password = PASSWORD): Promise<string> {
  const answer = await ask('mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }', {
    input: { email, password },
  });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data.signIn.sessionToken;
}

/** Rows as the database's owner sees them, whom no wall stops. */
export const rowsOf = (world: World, sql: string, values: unknown[] = []): Promise<any[]> =>
  asOwner(world.database.ownerUrl, async (db) => (await db.query(sql, values)).rows);

/** A node's id as the API gives it, and back. */
export const globalId = (type: string, uuid: string): string =>
  Buffer.from(`${type}:${uuid}`).toString('base64');
export const uuidOf = (id: string): string => Buffer.from(id, 'base64').toString().split(':')[1] ?? '';

/** An invited user has accepted, with the demo's password, so that `signInAs` works for them. */
export async function admit(world: World, email: string): Promise<void> {
  await rowsOf(
    world,
    `INSERT INTO "Credential" ("userId", "passwordHash")
     SELECT p.id, c."passwordHash" FROM "User" p, "Credential" c JOIN "User" d ON d.id = c."userId"
     WHERE p.email = $1 AND d.email = 'platform@bulwark.example' ON CONFLICT DO NOTHING`,
    [email],
  );
  await accept(world, email);
}

/** The user of this address accepts all that they are invited to. */
export async function accept(world: World, email: string): Promise<void> {
  const invited = await rowsOf(
    world,
    `SELECT "companyId", "userId" FROM "Membership" WHERE email = $1 AND status = 'invited'`,
    [email],
  );
  const origin = { requestId: crypto.randomUUID(), ip: null, userAgent: 'test' };
  const transaction = identityTransactions(world.services, origin, system, afterCommit());
  for (const place of invited) await transaction(place, (tx) => join(tx, place));
}

/** A new member with these roles, who is linked to no employee, signed in. `id` is the member's. */
export async function newcomer(world: World, roles: string[], company: 'acme' | 'globex' = 'acme') {
  const email = `${crypto.randomUUID()}@newcomer.example`;
  const answer = await world.ask(
    'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
    { input: { email, name: 'Newcomer', roles } },
    await world.signIn('company_admin', company),
  );
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  await admit(world, email);
  return { id: answer.data.inviteMember.member.id as string, email, token: await signInAs(world.ask, email) };
}

/**
 * One digest a table, the record, the sessions and the counts of denials left out: equal digests,
 * nothing was written.
 */
export const digestOf = (world: World): Promise<{ name: string; digest: string }[]> =>
  rowsOf(
    world,
    `SELECT table_name AS name, md5(query_to_xml(format('SELECT t::text FROM %I t WHERE (${DENIALS}) IS NOT TRUE ORDER BY 1', table_name), false, true, '')::text) AS digest
     FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
     AND table_name NOT LIKE 'audit%' AND table_name <> 'Session' ORDER BY 1`,
  );
const DENIALS = `to_jsonb(t) ->> ''kind'' = ''denial'' OR to_jsonb(t) ->> ''action'' = ''access.denied''`;
