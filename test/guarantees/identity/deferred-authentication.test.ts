import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWire, type Wire } from '../../../bench/wire.ts';
import { hashToken } from '../../../src/crypto/token.ts';
import {
  DeferredAuthentication,
  withDeferredAuthentication,
} from '../../../src/db/tenant/deferred-authentication.ts';
import { useOf } from '../../../src/shortcuts.ts';
import { mutationOf } from '../../support/documents.ts';
import {
  type Answer,
  accept,
  newcomer,
  openWorld,
  PASSWORD,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';
import { change, codeOf, issueTokens, secondInstance } from '../../support/sign-in/credentials.ts';
import { until } from '../../support/until.ts';

/** The server under test is behind a proxy that counts; another instance makes the changes. */
let world: World;
let wire: Wire;
let other: Awaited<ReturnType<typeof secondInstance>>;
let admin: string;

beforeAll(async () => {
  world = await openWorld({}, async (appUrl) => {
    wire = await openWire(appUrl);
    return wire.url;
  });
  other = await secondInstance(world);
  admin = await signInAs(other.ask, 'company_admin@acme.example');
});
afterAll(async () => {
  await other?.end();
  await world?.end();
  await wire?.close();
});

const CREATE = mutationOf('createBranch', '{ name }');
let made = 0;
const branchName = () => `Branch ${++made}`;
const create = (token: string | undefined, name = branchName(), headers = {}) =>
  world.ask(CREATE, { input: { name } }, token, headers);
const branches = async (name: string): Promise<number> =>
  (await rowsOf(world, 'SELECT id FROM "Branch" WHERE name = $1', [name])).length;
/** The events of an answer's request. */
const eventsOf = async ({ headers }: Answer): Promise<string[]> => {
  const rows = await rowsOf(
    world,
    `SELECT action FROM audit_event WHERE body::jsonb->>'requestId' = $1 ORDER BY 1`,
    [headers.get('x-request-id')],
  );
  return rows.map(({ action }) => action);
};
const counted = () => structuredClone(world.services.uses.deferredAuthentication);

/** A member whose identity and whose mutation the server has cached. */
async function known(roles = ['company_admin']) {
  const member = await newcomer({ ...world, ask: other.ask, signIn: async () => admin }, roles);
  for (let time = 0; time < 2; time++) await create(member.token);
  return member;
}
type Member = Awaited<ReturnType<typeof known>>;

/** A change that no trigger of the tables sees but the one that renews identity versions. */
const hidden = (sql: string, value: string) =>
  rowsOf(world, `SET session_replication_role = replica; ${sql.replaceAll('$1', `'${value}'`)}`);

const ENDS: Record<string, (of: Member) => Promise<unknown>> = {
  'was revoked': ({ token }) => hidden('DELETE FROM "Session" WHERE id = $1', hashToken(token)),
  'signed out at another instance': ({ token }) =>
    other.ask('mutation { signOut { revokedSessionId } }', {}, token),
  'has expired': ({ token }) =>
    hidden(`UPDATE "Session" SET "expiresAt" = now() - interval '1 second' WHERE id = $1`, hashToken(token)),
  'ended with a change of its password': async ({ email }) => {
    const input = { currentPassword: PASSWORD, newPassword: `${PASSWORD}-2` };
    await change(other, 'changePassword', input, await signInAs(other.ask, email), '{ sessionToken }');
  },
  'is of a member who was suspended': ({ id }) =>
    change(other, 'suspendMember', { memberId: id }, admin, '{ id }'),
  'is of a member who was removed': ({ email }) => hidden('DELETE FROM "Membership" WHERE email = $1', email),
};

describe('[P2] a command of one write', () => {
  it('is one round trip with the authentication of its session and its event', async () => {
    const { token } = await known();
    const { used } = counted();
    wire.reset();
    const answer = await create(token, 'One trip');
    expect(answer.data.createBranch.branch.name).toBe('One trip');
    expect(wire.traffic.trips).toBe(1);
    expect(counted().used).toBe(used + 1);
    expect([await branches('One trip'), await eventsOf(answer)]).toEqual([1, ['branch.created']]);
  });

  it('verifies the identity ahead of every other statement', async () => {
    const { token } = await known();
    wire.reset();
    await create(token);
    expect(wire.sent[0]?.text).toBe('SELECT require_identity($1, $2)');
    expect(wire.sent.findIndex(({ ends }) => ends)).toBe(wire.sent.length - 1);
  });
});

describe('[A5] [A6] a mutation whose session', () => {
  it.each(Object.entries(ENDS))('%s is UNAUTHENTICATED and leaves no row and no event', async (_, end) => {
    const member = await known();
    await end(member);
    const name = branchName();
    const answer = await create(member.token, name);
    expect([codeOf(answer), answer.status, answer.data ?? null]).toEqual(['UNAUTHENTICATED', 401, null]);
    expect([await branches(name), await eventsOf(answer)]).toEqual([0, []]);
  });

  it.each(Object.entries(ENDS))('%s reports no other error', async (_, end) => {
    const wrong: [input: object, code: string][] = [
      [{ name: 'x'.repeat(1_000) }, 'INVALID_INPUT'],
      [{ name: 7 }, 'INVALID_INPUT'],
      [{ name: 'Acme Taken' }, 'CONFLICT'],
    ];
    await create((await known()).token, 'Acme Taken');
    const member = await known();
    const ask = (input: object) => world.ask(CREATE, { input }, member.token);
    for (const [input, code] of wrong) expect(codeOf(await ask(input))).toBe(code);
    await end(member);
    for (const [input] of wrong) {
      const answer = await ask(input);
      expect([codeOf(answer), answer.data ?? null]).toEqual(['UNAUTHENTICATED', null]);
    }
  });
});

describe('[R1] [R6] a mutation whose caller', () => {
  const rolesOf =
    (role: string) =>
    ({ email }: Member) =>
      hidden(`UPDATE "Membership" SET roles = '{${role}}' WHERE email = $1`, email);

  it('lost the permission is FORBIDDEN, audited once, and leaves no row', async () => {
    const member = await known();
    await rolesOf('view_only')(member);
    const name = branchName();
    const answer = await create(member.token, name);
    expect(codeOf(answer)).toBe('FORBIDDEN');
    expect([await branches(name), await eventsOf(answer)]).toEqual([0, ['access.denied']]);
  });

  it('got the permission is executed once, and the former refusal is neither answered nor audited', async () => {
    const member = await known(['view_only']);
    await rolesOf('company_admin')(member);
    const name = branchName();
    const answer = await create(member.token, name);
    expect(codeOf(answer)).toBe('ok');
    expect([await branches(name), await eventsOf(answer)]).toEqual([
      1,
      ['branch.created', 'mfa.graceStarted'], // the new role requires a second factor
    ]);
  });

  it('is as before although the company has changed is executed once', async () => {
    const member = await known();
    const before = counted();
    await newcomer({ ...world, ask: other.ask, signIn: async () => admin }, ['view_only']);
    const name = branchName();
    const answer = await create(member.token, name);
    expect([await branches(name), await eventsOf(answer)]).toEqual([1, ['branch.created']]);
    expect(counted().fallbacks['identity changed']).toBe(before.fallbacks['identity changed'] + 1);
    expect(counted().used).toBe(before.used);
  });

  it('acts in another company since writes there and not in the former one [T2]', async () => {
    const member = await known();
    const globex = await alsoOfGlobex(member);
    await create(member.token);
    await hidden(`UPDATE "Session" SET "companyId" = '${globex}' WHERE id = $1`, hashToken(member.token));
    const name = branchName();
    expect(codeOf(await create(member.token, name))).toBe('ok');
    const [row] = await rowsOf(world, 'SELECT "companyId" FROM "Branch" WHERE name = $1', [name]);
    expect(row.companyId).toBe(globex);
  });

  async function alsoOfGlobex({ email }: Member): Promise<string> {
    const globexAdmin = await signInAs(other.ask, 'company_admin@globex.example');
    await change(
      other,
      'inviteMember',
      { email, name: 'Both', roles: ['company_admin'] },
      globexAdmin,
      '{ id }',
    );
    await accept(world, email);
    const [globex] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
    return globex.id;
  }

  it('enters the company that the request names by the header is audited there first [E1]', async () => {
    const member = await known();
    const globex = await alsoOfGlobex(member);
    await create(member.token);
    const { used } = counted();
    const headers = { 'x-company-id': globex };
    expect(await eventsOf(await create(member.token, branchName(), headers))).toEqual([
      'branch.created',
      'session.companyEntered',
    ]);
    expect(counted().used).toBe(used);
    expect(await eventsOf(await create(member.token, branchName(), headers))).toEqual(['branch.created']);
  });

  it('is refused has no actor in the log line of the request', async () => {
    const member = await known();
    await ENDS['was revoked']?.(member);
    const answer = await create(member.token);
    const id = answer.headers.get('x-request-id') as string;
    const lines = () =>
      world
        .logged()
        .split('\n')
        .filter((line) => line.includes(id));
    await expect.poll(() => lines().length).toBe(1);
    expect(lines()[0]).toContain('UNAUTHENTICATED');
    expect(lines()[0]).not.toContain('actor');
  });
});

describe('[A5] 50 parallel writes, during which the session is revoked,', () => {
  it('are each acknowledged with one row and one event, or UNAUTHENTICATED with none', async () => {
    const member = await known();
    const { used } = counted();
    const write = async (late: boolean) => {
      const name = branchName();
      return { name, late, answer: await create(member.token, name) };
    };
    const parallel = Array.from({ length: 45 }, () => write(false));
    await Promise.race(parallel);
    await ENDS['was revoked']?.(member);
    const after = Array.from({ length: 5 }, () => write(true));
    for (const { name, late, answer } of await Promise.all([...parallel, ...after])) {
      const acknowledged = codeOf(answer) === 'ok';
      expect(['ok', 'UNAUTHENTICATED']).toContain(codeOf(answer));
      // a write that is sent once the revocation has committed is refused
      if (late) expect(acknowledged).toBe(false);
      expect([await branches(name), await eventsOf(answer)]).toEqual(
        acknowledged ? [1, ['branch.created']] : [0, []],
      );
    }
    expect(counted().used).toBeGreaterThan(used);
  });
});

describe('a request that needs more than verification is authenticated first:', () => {
  const plain = async (ask: () => Promise<Answer>): Promise<Answer> => {
    const { used } = counted();
    const answer = await ask();
    expect(counted().used).toBe(used);
    return answer;
  };
  const sessionOf = async ({ token }: Member) =>
    (await rowsOf(world, 'SELECT * FROM "Session" WHERE id = $1', [hashToken(token)]))[0];
  const setSession = async (member: Member, set: string) => {
    await hidden(`UPDATE "Session" SET ${set} WHERE id = $1`, hashToken(member.token));
    await create(member.token);
  };

  it('[A5] a session whose last use is to be noted', async () => {
    const member = await known();
    const ago = `"lastUsedAt" = now() - interval '10 minutes'`;
    await hidden(`UPDATE "Session" SET ${ago} WHERE id = $1`, hashToken(member.token));
    const before = await sessionOf(member);
    expect(codeOf(await plain(() => create(member.token)))).toBe('ok');
    expect((await sessionOf(member)).lastUsedAt.getTime()).toBeGreaterThan(before.lastUsedAt.getTime());
  });

  it('[A5] a session whose token is to be rotated, in a cookie', async () => {
    const member = await known();
    await setSession(member, '"rotateDue" = true');
    const { headers } = await plain(() =>
      world.ask(CREATE, { input: { name: branchName() } }, undefined, {
        cookie: `bulwark=${member.token}`,
        origin: world.config.publicUrl,
      }),
    );
    expect(headers.get('set-cookie')).toContain('bulwark=');
  });

  it('[F7] an Idempotency-Key', async () => {
    const { token } = await known();
    const name = branchName();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    for (let time = 0; time < 2; time++)
      expect(codeOf(await plain(() => create(token, name, headers)))).toBe('ok');
    expect(await branches(name)).toBe(1);
  });

  it('[A6] an access token', async () => {
    const { accessToken } = await issueTokens(other, (await known()).token);
    for (let time = 0; time < 3; time++) expect(codeOf(await plain(() => create(accessToken)))).toBe('ok');
  });

  it.each([undefined, 'x'.repeat(40), ''])('the credential %j, which is UNAUTHENTICATED', async (token) => {
    await known();
    const name = branchName();
    const answer = await plain(() =>
      create(undefined, name, token === undefined ? {} : { authorization: `Bearer ${token}` }),
    );
    expect([codeOf(answer), await branches(name)]).toEqual(['UNAUTHENTICATED', 0]);
  });
});

describe('[P2] the fifth of five mutations that are under way', () => {
  it('is authenticated ahead of its write, and all five are stored', async () => {
    const { token } = await known();
    const before = counted();
    const blocker = new pg.Client({ connectionString: world.database.ownerUrl });
    await blocker.connect();
    try {
      await blocker.query('BEGIN; LOCK TABLE "Branch" IN ACCESS EXCLUSIVE MODE');
      const names = Array.from({ length: 5 }, () => branchName());
      const asked = names.map((name) => create(token, name));
      await until(() => counted().fallbacks.busy > before.fallbacks.busy);
      await blocker.query('ROLLBACK');
      for (const answer of await Promise.all(asked)) expect(codeOf(answer)).toBe('ok');
      expect(counted().fallbacks.busy).toBe(before.fallbacks.busy + 1);
      expect(counted().used).toBe(before.used + 4);
      for (const name of names) expect(await branches(name)).toBe(1);
    } finally {
      await blocker.end();
    }
  });
});

describe('[F7] a mutation whose connection is lost with its write', () => {
  const lost = async (member: Member, name: string, meanwhile: () => Promise<unknown>) => {
    const blocker = new pg.Client({ connectionString: world.database.ownerUrl });
    await blocker.connect();
    try {
      await blocker.query('BEGIN; LOCK TABLE "Branch" IN ACCESS EXCLUSIVE MODE');
      const asked = create(member.token, name);
      const waiting = `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await expect.poll(async () => (await rowsOf(world, `SELECT 1 ${waiting}`)).length).toBe(1);
      await meanwhile();
      await rowsOf(world, `SELECT pg_terminate_backend(pid) ${waiting}`);
      return await asked;
    } finally {
      await blocker.end();
    }
  };

  it.each<[string, (of: Member) => Promise<unknown>]>([
    ['reports an unknown outcome', async () => {}],
    [
      'whose rights change meanwhile reports it too, and is not executed again',
      ({ email }) => hidden(`UPDATE "Membership" SET roles = '{hr_admin}' WHERE email = $1`, email),
    ],
  ])('%s', async (_, meanwhile) => {
    const member = await known();
    const name = branchName();
    const answer = await lost(member, name, () => meanwhile(member));
    expect([codeOf(answer), answer.errors?.[0]?.message]).toEqual([
      'UNAVAILABLE',
      expect.stringMatching(/outcome is unknown/),
    ]);
    expect(await branches(name)).toBe(0);
  });
});

describe('while the authentication is deferred', () => {
  const expected = { key: '0'.repeat(64), version: 'none' };
  const deferred = (authenticate: () => Promise<boolean>) =>
    new DeferredAuthentication(expected, authenticate, useOf('deferredAuthentication'));
  const refused = { code: 'UNAUTHENTICATED' };
  const ask = { text: 'SELECT 1 AS one' };

  it.each<[string, () => Promise<unknown>]>([
    ['a statement', () => world.services.pool.query(ask)],
    ['a transaction', async () => (await world.services.pool.connect()).release()],
    ['a write that commits alone', () => world.services.pool.commitWrite([], ask)],
  ])('%s of an identity that is not current fails and executes nothing', async (_, run) => {
    const authentication = deferred(async () => false);
    wire.reset();
    await expect(withDeferredAuthentication(authentication, run)).rejects.toMatchObject({
      code: expect.stringMatching(/UNAUTHENTICATED|BW001/),
    });
    expect(wire.sent.map(({ text }) => text)).not.toContain('COMMIT');
    await expect(authentication.verified()).rejects.toMatchObject(refused);
    await expect(
      withDeferredAuthentication(authentication, () => world.services.pool.query(ask)),
    ).rejects.toMatchObject(refused);
  });

  it('one authentication serves all statements, which wait for it', async () => {
    let times = 0;
    const authentication = deferred(async () => {
      times += 1;
      return (await world.services.pool.query(ask)).rows.length === 1;
    });
    const run = () => Promise.all([1, 2, 3].map(() => world.services.pool.query(ask)));
    expect((await withDeferredAuthentication(authentication, run)).length).toBe(3);
    expect(times).toBe(1);
  });

  it('nothing is verified by a function that is missing', async () => {
    const { token } = await known();
    await rowsOf(world, 'ALTER FUNCTION require_identity(text, text) RENAME TO elsewhere');
    const name = branchName();
    try {
      expect(codeOf(await create(token, name))).toBe('INTERNAL');
    } finally {
      await rowsOf(world, 'ALTER FUNCTION elsewhere(text, text) RENAME TO require_identity');
    }
    expect(await branches(name)).toBe(0);
  });
});
