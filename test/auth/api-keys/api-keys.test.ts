import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newApiKeyText } from '../../../src/auth/api-keys/key-format.ts';
import { mutationOf, nodesOf } from '../../support/documents.ts';
import {
  type Answer,
  globalId,
  newcomer,
  openWorld,
  rowsOf,
  uuidOf,
  type World,
} from '../../support/server/world.ts';
import {
  change,
  codeOf,
  company,
  eventsOf,
  type MadeKey,
  newKey,
  secondInstance,
} from '../../support/sign-in/credentials.ts';

let world: World;
/** The same server behind a proxy whose word on addresses it takes. */
let proxied: Awaited<ReturnType<typeof secondInstance>>;
let admin: string;
beforeAll(async () => {
  world = await openWorld();
  proxied = await secondInstance(world, { trustedProxies: ['127.0.0.1'] });
  admin = await world.signIn('company_admin');
});
afterAll(async () => {
  await proxied?.end();
  await world?.end();
});

const make = (roles = ['hr_admin'], parts: object = {}): Promise<MadeKey> =>
  newKey(world, admin, roles, parts);
const run = (name: string, input: object, token: string, selection = '{ __typename }') => {
  return world.ask(mutationOf(name, selection), { input }, token);
};
const setKey = ({ id }: MadeKey, what: string) =>
  rowsOf(
    world,
    `SET session_replication_role = replica; UPDATE "ApiKey" SET ${what} WHERE id = '${uuidOf(id)}'`,
  );
const from = (ip: string) => ({ 'x-forwarded-for': ip });
const forget = () => rowsOf(world, 'DELETE FROM "Throttle"');

describe('[A7] an API key', () => {
  it('is shown once: only a hash is stored, and neither audit log nor log contains it', async () => {
    const { key, id } = await make();
    expect(key).toMatch(/^bwk_dev_[0-9a-f]{32}_[0-9A-Za-z]{49}$/);
    expect(await company(world, key)).toBe('Acme');
    const secret = key.slice(-49, -6);
    const [row] = await rowsOf(world, 'SELECT * FROM "ApiKey" WHERE id = $1', [uuidOf(id)]);
    expect(row.hash).toMatch(/^[0-9a-f]{64}$/);
    const events = JSON.stringify(await rowsOf(world, 'SELECT body FROM audit_event'));
    for (const text of [JSON.stringify(row), events, world.logged()]) expect(text).not.toContain(secret);
    expect(events).not.toContain(row.hash);
    const { data } = await world.ask(
      '{ apiKeys(first: 100) { edges { node { id name expiresAt } } } }',
      {},
      admin,
    );
    expect(nodesOf(data.apiKeys).find((one: { id: string }) => one.id === id).name).toBe('Key');
    const fields = await world.ask('{ __type(name: "ApiKey") { fields { name } } }', {}, admin);
    expect(JSON.stringify(fields.data)).not.toMatch(/hash|secret|"text"/);
  });

  it('acts as its service account with its roles, audited with account and key', async () => {
    const { key, id, accountId } = await make();
    const answer = await run('createBranch', { name: 'By key' }, key, '{ id }');
    expect(answer.errors).toBeUndefined();
    const [event] = (await eventsOf(world, 'branch.created')).slice(-1);
    expect(event.body.actor).toEqual({
      kind: 'service',
      userId: uuidOf(accountId),
      roles: ['hr_admin'],
      key: uuidOf(id),
    });
    expect((await eventsOf(world, 'apiKey.created')).at(-1)).toMatchObject({
      company: 'Acme',
      body: { actor: { kind: 'user' }, entity: 'ApiKey', entityId: uuidOf(id) },
    });
  });

  it('is refused what its roles do not allow', async () => {
    const { key } = await make(['external_auditor']);
    expect(codeOf(await run('createBranch', { name: 'No' }, key))).toBe('FORBIDDEN');
    const { data } = await world.ask(
      '{ employees(first: 3) { edges { node { name salary iban } } } }',
      {},
      key,
    );
    expect(data.employees.edges.length).toBeGreaterThan(0);
    for (const { node } of data.employees.edges) expect(node.salary).toBeNull();
  });

  it('stays in its own company, whatever it names', async () => {
    const { key } = await make();
    const [globex] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
    const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
    expect(await company(world, key, { 'x-company-id': acme.id.toUpperCase() })).toBe('Acme');
    for (const id of [globex.id, randomUUID(), 'x'])
      expect(await company(world, key, { 'x-company-id': id })).toBe('NOT_FOUND');
  });

  it('with a role limited to a branch reads no row, because a service account belongs to none', async () => {
    const { key } = await make(['branch_manager']);
    const { data } = await world.ask('{ employees { totalCount } }', {}, key);
    expect(data.employees.totalCount).toBe(0);
  });
});

describe('[A7] is never usable for account management', () => {
  let key: string;
  let keyId: string;
  let accountId: string;
  beforeAll(async () => {
    ({ key, id: keyId, accountId } = await make(['company_admin']));
  });

  it.each<[string, string]>([
    ['its own name and rights', '{ viewer { roles } }'],
    ['sessions', '{ sessions { edges { node { id } } } }'],
    ['signing out', 'mutation { signOut { revokedSessionId } }'],
    ['tokens', 'mutation { issueTokens { accessToken } }'],
    [
      'another company',
      `mutation { switchCompany(input: { companyId: "${globalId('Company', randomUUID())}" }) { sessionToken } }`,
    ],
    [
      'ending a session',
      `mutation { revokeSession(input: { sessionId: "${globalId('Session', '0123456789ab')}" }) { revokedSessionId } }`,
    ],
    [
      'inviting',
      'mutation { inviteMember(input: { email: "x@y.example", name: "X", roles: ["client"] }) { member { id } } }',
    ],
    ['keys', '{ apiKeys(first: 100) { edges { node { id } } } }'],
    ['service accounts', '{ serviceAccounts(first: 100) { edges { node { id } } } }'],
    [
      'a role',
      'mutation { createRole(input: { slug: "own", name: "Own", level: 1, accessScope: SELF, permissions: [] }) { role { id } } }',
    ],
    ['the platform', '{ companies { edges { node { id } } } }'],
  ])('%s', async (_what, document) => {
    expect(codeOf(await world.ask(document, {}, key))).toBe('FORBIDDEN');
  });

  it('though its account has every role of the company', async () => {
    for (const [name, input] of Object.entries({
      createServiceAccount: { name: 'More', roles: ['client'] },
      createApiKey: { serviceAccountId: accountId, name: 'More' },
      rotateApiKey: { apiKeyId: keyId },
      revokeApiKey: { apiKeyId: keyId },
      disableServiceAccount: { serviceAccountId: accountId },
    }))
      expect([name, codeOf(await run(name, input, key))]).toEqual([name, 'FORBIDDEN']);
    expect(await company(world, key)).toBe('Acme');
  });

  it('nor is it a second pair of eyes: it approves nothing, and submits and pays no payroll', async () => {
    for (const [name, input] of Object.entries({
      createPayrollRun: { period: '2031-01' },
      approveAttendance: { attendanceId: Buffer.from(`Attendance:${randomUUID()}`).toString('base64') },
    }))
      expect([name, codeOf(await run(name, input, key))]).toEqual([name, 'FORBIDDEN']);
    for (const name of ['submitPayrollRun', 'approvePayrollRun', 'payPayrollRun']) {
      const payrollRunId = Buffer.from(`PayrollRun:${randomUUID()}`).toString('base64');
      const answer = await run(name, { payrollRunId }, key, '{ id }');
      expect([name, codeOf(answer)]).toEqual([name, 'FORBIDDEN']);
    }
  });

  it('and the creator of the key cannot approve attendance that it recorded', async () => {
    const { data } = await world.ask('{ employees(first: 5) { edges { node { id email } } } }', {}, key);
    const { node } = data.employees.edges.find(
      ({ node }: { node: { email: string } }) => !node.email.startsWith('company_admin'),
    );
    const input = { employeeId: node.id, workedOn: '2031-02-03', minutes: 60 };
    const recorded = await run('recordAttendance', input, key, '{ id }');
    expect(recorded.errors).toBeUndefined();
    const attendanceId = recorded.data.recordAttendance.attendance.id;
    expect(codeOf(await run('approveAttendance', { attendanceId }, admin))).toBe('FORBIDDEN');
    const other = await newcomer(world, ['hr_admin']);
    expect(codeOf(await run('approveAttendance', { attendanceId }, other.token))).toBe('ok');
  });
});

describe('[A7] an API key is refused', () => {
  beforeAll(forget);
  const refused = async (token: string, ask: Parameters<typeof company>[0] = world, headers = {}) =>
    expect(await company(ask, token, headers)).toBe('UNAUTHENTICATED');
  const reasons = async (since: string) =>
    (await eventsOf(world, 'apiKey.refused', since)).map(({ body }) => body.data.reason);
  const now = () => new Date().toISOString();

  it('with a wrong checksum, before anything is looked up or counted', async () => {
    const { key } = await make();
    const since = now();
    await refused(key.slice(0, -1) + (key.endsWith('0') ? '1' : '0'));
    expect(await reasons(since)).toEqual([]);
    expect(await rowsOf(world, 'SELECT 1 FROM "Throttle"')).toEqual([]);
  });

  it('with a wrong secret, an unknown id, or another environment', async () => {
    const { id } = await make();
    const since = now();
    await refused(newApiKeyText('development', uuidOf(id)).text);
    await refused(newApiKeyText('development', randomUUID()).text);
    await refused(newApiKeyText('production', uuidOf(id)).text);
    expect(await reasons(since)).toEqual(['wrong secret']);
  });

  it('once it is revoked, expired, or its account disabled', async () => {
    const since = now();
    const [revoked, expired, disabled] = [await make(), await make(), await make()] as const;
    await change(world, 'revokeApiKey', { apiKeyId: revoked.id }, admin, '{ revokedAt }');
    await setKey(expired, `"expiresAt" = now() - interval '1 second'`);
    await change(
      world,
      'disableServiceAccount',
      { serviceAccountId: disabled.accountId },
      admin,
      '{ disabledAt }',
    );
    for (const { key } of [revoked, expired, disabled])
      for (const server of [world, proxied]) await refused(key, server);
    expect(await reasons(since)).toEqual(['revoked', 'expired', 'disabled'].flatMap((one) => [one, one]));
  });

  it('from a network that is not allowed, by the address from a trusted proxy only', async () => {
    const { key } = await make(['hr_admin'], { allowedNetworks: ['198.51.100.0/24', '2001:db8::/32'] });
    const since = now();
    await refused(key);
    // no client's word on addresses counts where no proxy is trusted
    await refused(key, world, from('198.51.100.7'));
    expect(await company(proxied, key, from('198.51.100.7'))).toBe('Acme');
    expect(await company(proxied, key, from('2001:db8::7'))).toBe('Acme');
    await refused(key, proxied, from('203.0.113.7'));
    // what the client wrote itself stands further left than what the proxy saw
    await refused(key, proxied, from('198.51.100.7, 203.0.113.7'));
    expect(new Set(await reasons(since))).toEqual(new Set(['network not allowed']));
  });

  it('in a URL, a body or a cookie, without a trace in the log', async () => {
    const { key } = await make();
    const codeWith = async (name: string) => {
      const address = new URL(world.url);
      address.searchParams.set('query', '{ company { name } }');
      address.searchParams.set(name, key);
      const { errors } = (await (await fetch(address)).json()) as Pick<Answer, 'errors'>;
      return errors?.[0]?.extensions.code;
    };
    expect([await codeWith('api_key'), await codeWith('access_token')]).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
    ]);
    // the parameter of graphql-sse's single connection mode
    expect(await codeWith('token')).toBe('BAD_REQUEST');
    await refused('', world, { cookie: `bulwark=${key}` });
    await world.ask('{ company { name } }', { key }, key);
    expect(world.logged()).not.toContain(key.slice(-49, -6));
  });

  it('a key with a wrong secret is counted for its address; the right one passes from there all the same', async () => {
    await forget();
    const { key, id } = await make();
    const since = now();
    const wrong = Array.from({ length: 60 }, () => newApiKeyText('development', uuidOf(id)).text);
    const answers = await Promise.all(wrong.map((text) => world.ask('{ company { name } }', {}, text)));
    const codes = answers.map(codeOf);
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(50);
    const limited = answers.filter((answer) => codeOf(answer) === 'RATE_LIMITED');
    expect(limited).toHaveLength(10);
    expect(Number(limited[0]?.headers.get('retry-after'))).toBeGreaterThan(800);
    expect(await reasons(since)).toHaveLength(50);
    expect(await company(world, key)).toBe('Acme');
    expect(await company(proxied, newApiKeyText('development', uuidOf(id)).text, from('203.0.113.200'))).toBe(
      'UNAUTHENTICATED',
    );
    await forget();
  });
});

describe('[A7] rotating a key', () => {
  it('returns a key with the same name and networks; both work during the overlap', async () => {
    const old = await make(['hr_admin'], { allowedNetworks: ['127.0.0.0/8'], expiresInDays: 30 });
    const made = await change(
      world,
      'rotateApiKey',
      { apiKeyId: old.id, overlapHours: 2 },
      admin,
      '{ token apiKey { id name allowedNetworks expiresAt serviceAccount { id } } }',
    );
    expect(made.apiKey).toMatchObject({
      name: 'Key',
      allowedNetworks: ['127.0.0.0/8'],
      serviceAccount: { id: old.accountId },
    });
    expect(Date.parse(made.apiKey.expiresAt) - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
    for (const key of [old.key, made.token]) expect(await company(world, key)).toBe('Acme');
    const [row] = await rowsOf(world, 'SELECT "expiresAt" FROM "ApiKey" WHERE id = $1', [uuidOf(old.id)]);
    expect(row.expiresAt.getTime() - Date.now()).toBeLessThan(2 * 3_600_000 + 1_000);
    await setKey(old, `"expiresAt" = "expiresAt" - interval '2 hours'`);
    expect(await company(proxied, old.key)).toBe('UNAUTHENTICATED');
    expect(await company(proxied, made.token)).toBe('Acme');
    expect((await eventsOf(world, 'apiKey.rotated')).at(-1)).toMatchObject({
      body: { entityId: uuidOf(old.id) },
    });
  });

  it('without overlap revokes the old key at once', async () => {
    const old = await make();
    const made = await change(
      world,
      'rotateApiKey',
      { apiKeyId: old.id, overlapHours: 0 },
      admin,
      '{ token }',
    );
    expect(await company(world, old.key)).toBe('UNAUTHENTICATED');
    expect(await company(world, made.token)).toBe('Acme');
  });

  it('succeeds once under ten concurrent requests', async () => {
    const old = await make();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => run('rotateApiKey', { apiKeyId: old.id }, admin)),
    );
    expect(answers.map(codeOf).sort()).toEqual([...Array(9).fill('CONFLICT'), 'ok']);
    const rows = await rowsOf(world, 'SELECT 1 FROM "ApiKey" WHERE "serviceAccountId" = $1', [
      uuidOf(old.accountId),
    ]);
    expect(rows).toHaveLength(2);
  });

  it('does not bring back one that was revoked', async () => {
    const old = await make();
    await change(world, 'revokeApiKey', { apiKeyId: old.id }, admin, '{ id }');
    for (const name of ['rotateApiKey', 'revokeApiKey'])
      expect(codeOf(await run(name, { apiKeyId: old.id }, admin))).toBe('CONFLICT');
  });
});

describe('[A7] a member cannot create a key with more permissions than their own', () => {
  /** A member who may manage keys, and reads employees, and no more. */
  async function keeper() {
    const slug = `keeper_${randomUUID().slice(0, 8)}`;
    const permissions = ['company.read', 'apiKey.read', 'apiKey.write', 'employee.read'];
    await change(
      world,
      'createRole',
      { slug, name: 'Keeper', level: 2, accessScope: 'COMPANY', permissions },
      admin,
      '{ id }',
    );
    return { slug, ...(await newcomer(world, [slug])) };
  }

  it('by an account with roles beyond their own', async () => {
    const { token, slug } = await keeper();
    for (const [role, code] of [
      ['company_admin', 'FORBIDDEN'],
      ['hr_admin', 'FORBIDDEN'],
      ['finance_admin', 'FORBIDDEN'],
      ['super_admin', 'FORBIDDEN'],
      ['nobody_knows', 'INVALID_INPUT'],
      ['view_only', 'FORBIDDEN'],
      [slug, 'ok'],
    ])
      expect([
        role,
        codeOf(await run('createServiceAccount', { name: randomUUID(), roles: [role] }, token)),
      ]).toEqual([role, code]);
  });

  it("by a key, or a rotated key, of another member's account", async () => {
    const { token } = await keeper();
    const theirs = await make(['hr_admin']);
    expect(
      codeOf(await run('createApiKey', { serviceAccountId: theirs.accountId, name: 'Mine' }, token)),
    ).toBe('FORBIDDEN');
    expect(codeOf(await run('rotateApiKey', { apiKeyId: theirs.id }, token))).toBe('FORBIDDEN');
    expect(await company(world, theirs.key)).toBe('Acme');
    // taking away is no gain
    expect(codeOf(await run('revokeApiKey', { apiKeyId: theirs.id }, token))).toBe('ok');
  });

  it('without the permission, or in another company', async () => {
    const { id, accountId } = await make();
    const globex = await world.signIn('company_admin', 'globex');
    for (const [name, input] of Object.entries({
      createApiKey: { serviceAccountId: accountId, name: 'X' },
      rotateApiKey: { apiKeyId: id },
      revokeApiKey: { apiKeyId: id },
      disableServiceAccount: { serviceAccountId: accountId },
    })) {
      expect([name, codeOf(await run(name, input, await world.signIn('hr_admin')))]).toEqual([
        name,
        'FORBIDDEN',
      ]);
      expect([name, codeOf(await run(name, input, globex))]).toEqual([name, 'NOT_FOUND']);
    }
  });

  it('without a recent second factor, where they have one', async () => {
    const { token, email } = await newcomer(world, ['company_admin']);
    const { id, accountId } = await make();
    await rowsOf(
      world,
      `INSERT INTO "Passkey" (id, "userId", "credentialId", "publicKey", counter, "deviceType", "backedUp", name)
       SELECT gen_random_uuid(), id, id::text, 'x', 0, 'singleDevice', false, 'Key' FROM "User" WHERE email = $1`,
      [email],
    );
    const tried = {
      createApiKey: { serviceAccountId: accountId, name: 'X' },
      rotateApiKey: { apiKeyId: id },
    };
    for (const [name, input] of Object.entries(tried))
      expect([name, codeOf(await run(name, input, token))]).toEqual([name, 'STEP_UP_REQUIRED']);
    // an administrator who finds a key leaked ends it at once
    expect(codeOf(await run('revokeApiKey', { apiKeyId: id }, token))).toBe('ok');
  });

  it.each([
    [{ expiresInDays: 0 }, 'input.expiresInDays'],
    [{ expiresInDays: 367 }, 'input.expiresInDays'],
    [{ allowedNetworks: ['10.0.0.0/33'] }, 'input.allowedNetworks.0'],
    [{ allowedNetworks: ['everywhere'] }, 'input.allowedNetworks.0'],
    [{ name: ' ' }, 'input.name'],
  ])('%j is INVALID_INPUT', async (parts, field) => {
    const { accountId } = await make();
    const answer = await run('createApiKey', { serviceAccountId: accountId, name: 'X', ...parts }, admin);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields ?? {})).toEqual([field]);
  });
});

describe('[A7] the use of a key', () => {
  const useOf = async ({ id }: MadeKey) =>
    (await rowsOf(world, 'SELECT * FROM "ApiKeyUse" WHERE id = $1', [uuidOf(id)]))[0];
  const fresh = async ({ id }: MadeKey) =>
    (await eventsOf(world, 'apiKey.newAddress')).filter(({ body }) => body.data.key === uuidOf(id));

  it('is noted to the minute, and shown', async () => {
    const made = await make();
    expect(await useOf(made)).toBeUndefined();
    await company(world, made.key);
    const { lastUsedAt } = await useOf(made);
    await company(world, made.key);
    expect((await useOf(made)).lastUsedAt).toEqual(lastUsedAt);
    const [{ began }] = await rowsOf(
      world,
      `UPDATE "ApiKeyUse" SET "lastUsedAt" = now() - interval '2 minutes' WHERE id = $1 RETURNING now() AS began`,
      [uuidOf(made.id)],
    );
    await company(world, made.key);
    expect((await useOf(made)).lastUsedAt >= began).toBe(true);
    const { data } = await world.ask(
      `{ node(id: "${made.id}") { ... on ApiKey { lastUsedAt addresses } } }`,
      {},
      admin,
    );
    expect(data.node).toEqual({ lastUsedAt: expect.any(String), addresses: ['127.0.0.1'] });
  });

  it('from a new address is one event, also under twenty concurrent requests', async () => {
    const made = await make();
    await company(proxied, made.key, from('198.51.100.1'));
    expect(await fresh(made)).toEqual([]);
    await Promise.all(Array.from({ length: 20 }, () => company(proxied, made.key, from('203.0.113.5'))));
    const events = await fresh(made);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      company: 'Acme',
      body: { severity: 'HIGH', actor: { kind: 'service' }, data: { network: '203.0.113.5' } },
    });
    for (const ip of ['198.51.100.1', '203.0.113.5']) await company(proxied, made.key, from(ip));
    expect(await fresh(made)).toHaveLength(1);
    expect((await useOf(made)).addresses).toEqual(['198.51.100.1', '203.0.113.5']);
  });

  it('remembers fifty networks, an IPv6 one by its first half', async () => {
    const made = await make();
    for (let n = 0; n < 55; n++)
      await company(proxied, made.key, from(`2001:db8:0:${n.toString(16)}::${n + 1}`));
    const { addresses } = await useOf(made);
    expect(addresses).toHaveLength(50);
    expect(addresses.at(-1)).toBe('2001:db8:0:36::/64');
  });
});
