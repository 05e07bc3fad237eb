import { expect } from 'vitest';
import { closeServices, openServer, openServices } from '../../../src/app.ts';
import { createLog } from '../../../src/http/logger.ts';
import { mutationOf } from '../documents.ts';
import { type Answer, asker, rowsOf, type World } from '../server/world.ts';

type Asking = Pick<World, 'ask'>;
export type Tokens = {
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
  refreshTokenExpiresAt: string;
};

export const codeOf = ({ errors }: Pick<Answer, 'errors'>) => errors?.[0]?.extensions.code ?? 'ok';
const TOKENS = 'accessToken expiresIn refreshToken refreshTokenExpiresAt';

/** Goes on by tokens; `token` is a session's, which ends with it. */
export async function issueTokens({ ask }: Asking, token: string): Promise<Tokens> {
  const { data, errors } = await ask(`mutation { issueTokens { ${TOKENS} } }`, {}, token);
  expect(errors).toBeUndefined();
  return data.issueTokens;
}

export const refresh = ({ ask }: Asking, refreshToken: string) =>
  ask(`mutation ($input: RefreshTokensInput!) { refreshTokens(input: $input) { ${TOKENS} } }`, {
    input: { refreshToken },
  });

/** Who a credential is, as the server sees it: the code of an error, or a company's name. */
export async function company({ ask }: Asking, token: string, headers = {}): Promise<string> {
  const answer = await ask('{ company { name } }', {}, token, headers);
  return answer.errors ? codeOf(answer) : answer.data.company.name;
}

/** A mutation with one input that must succeed. */
export async function change({ ask }: Asking, name: string, input: object, token: string, selection: string) {
  const answer = await ask(mutationOf(name, selection), { input }, token);
  expect(answer.errors).toBeUndefined();
  return answer.data[name];
}

let accounts = 0;
export type MadeKey = { key: string; id: string; accountId: string };

/** A new service account with these roles, and a key of it. */
export async function newKey(
  world: Asking,
  admin: string,
  roles: string[],
  parts: object = {},
): Promise<MadeKey> {
  const name = `Account ${++accounts} ${crypto.randomUUID()}`;
  const { serviceAccount } = await change(world, 'createServiceAccount', { name, roles }, admin, '{ id }');
  const input = { serviceAccountId: serviceAccount.id, name: 'Key', ...parts };
  const made = await change(world, 'createApiKey', input, admin, '{ token apiKey { id } }');
  return { key: made.token, id: made.apiKey.id, accountId: serviceAccount.id };
}

/**
 * Another instance of the server on the world's database, with caches and connections of its own.
 */
export async function secondInstance(world: World, changes: object = {}) {
  const config = { ...world.config, ...changes };
  const lines: string[] = [];
  const log = createLog(config, { destination: { write: (line: string) => void lines.push(line) } });
  const { appUrl, platformUrl } = world.database;
  const services = await openServices(config, { app: appUrl, platform: platformUrl }, log);
  const server = openServer(services);
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  const end = async () => {
    await server.close();
    await closeServices(services);
  };
  return { url, ask: asker(url), services, logged: () => lines.join(''), end };
}

/** Events of one kind, newest last, as the owner sees them. */
export const eventsOf = (world: World, action: string, since = '1970-01-01') =>
  rowsOf(
    world,
    `SELECT body::jsonb AS body, c.name AS company FROM audit_event e LEFT JOIN "Company" c ON c.id = e.company_id
     WHERE action = $1 AND e.at_us > extract(epoch FROM $2::timestamptz) * 1000000 ORDER BY e.at_us, e.pos`,
    [action, since],
  );
