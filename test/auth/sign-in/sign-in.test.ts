import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer } from '../../../src/app.ts';
import { mutationOf, nodesOf } from '../../support/documents.ts';
import {
  type Answer,
  admit,
  globalId,
  openWorld,
  PASSWORD,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';

const PLATFORM = '00000000-0000-7000-8000-000000000000';
let world: World;
/** The same services behind the address that a deployment has. */
let deployed: FastifyInstance;
beforeAll(async () => {
  world = await openWorld();
  deployed = openServer({ ...world.services, config: { ...world.config, publicUrl: 'https://api.example' } });
});
afterAll(async () => {
  await deployed?.close();
  await world?.end();
});

const SIGN_IN =
  'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken viewer { user { email } company { name } roles } } }';
const NAME = '{ viewer { user { name } company { name } } }';
const email = 'staff@acme.example';
const codeOf = ({ errors }: Pick<Answer, 'errors'>) => errors?.[0]?.extensions.code ?? 'ok';
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
const signIn = (input: object, headers?: Record<string, string>) =>
  world.ask(SIGN_IN, { input }, undefined, headers);
const who = (token: string, headers?: Record<string, string>) => world.ask(NAME, {}, token, headers);
const requestId = ({ headers }: Answer) => headers.get('x-request-id');
const eventsOf = (id: string | null) =>
  rowsOf(
    world,
    `SELECT company_id, action, severity, body::jsonb AS body FROM audit_event WHERE body::jsonb->>'requestId' = $1`,
    [id],
  );
const acme = async () =>
  (await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`))[0].id as string;
const globex = async () =>
  (await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`))[0].id as string;
const userOf = async (email: string) =>
  (await rowsOf(world, 'SELECT id FROM "User" WHERE email = $1', [email]))[0].id as string;

describe('[A1] signing in', () => {
  it('answers with a token and the viewer', async () => {
    const { data } = await signIn({ email, password: PASSWORD });
    expect(data.signIn).toMatchObject({
      viewer: { user: { email }, company: { name: 'Acme' }, roles: ['staff'] },
    });
    expect(data.signIn.sessionToken).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await who(data.signIn.sessionToken)).data.viewer.user.name).toBe('Ingrid Quispe');
  });

  it('takes the e-mail in any case and with spaces around it', async () => {
    expect(codeOf(await signIn({ email: '  STAFF@Acme.Example ', password: PASSWORD }))).toBe('ok');
  });

  it('has one answer for each way to fail: unknown, wrong, without a password, suspended, much too long', async () => {
    await invite('invited@acme.example');
    await suspended('suspended@acme.example');
    const tried: [string, object][] = [
      ['unknown', { email: 'unknown@acme.example', password: PASSWORD }],
      ['wrong', { email, password: 'wrong-Password-1' }],
      ['no password set', { email: 'invited@acme.example', password: PASSWORD }],
      ['suspended', { email: 'suspended@acme.example', password: PASSWORD }],
      ['the password with a space', { email, password: `${PASSWORD} ` }],
      ['the password of 1000 characters', { email, password: PASSWORD.padEnd(1000, 'x') }],
    ];
    const answers = await Promise.all(tried.map(([, input]) => signIn(input)));
    for (const [index, { status, headers, data, errors }] of answers.entries()) {
      expect([tried[index]?.[0], status, data, errors]).toEqual([
        tried[index]?.[0],
        200,
        null,
        [
          {
            message: 'Invalid email or password.',
            locations: errors?.[0] && (errors[0] as { locations?: unknown }).locations,
            path: ['signIn'],
            extensions: { code: 'UNAUTHENTICATED' },
          },
        ],
      ]);
      expect(headers.get('set-cookie')).toBeNull();
      expect([...headers.keys()].sort()).toEqual([...(answers[0] as Answer).headers.keys()].sort());
    }
  });

  it('is audited in the user’s company, with its failures; of an unknown account on the platform', async () => {
    const [ok] = await eventsOf(requestId(await signIn({ email, password: PASSWORD })));
    expect(ok).toMatchObject({
      company_id: await acme(),
      action: 'session.signedIn',
      body: { actor: { kind: 'user', userId: await userOf(email) } },
    });
    const [wrong] = await eventsOf(requestId(await signIn({ email, password: 'wrong-Password-1' })));
    expect(wrong).toMatchObject({
      company_id: await acme(),
      action: 'session.signInFailed',
      severity: 'MEDIUM',
      body: {
        actor: { kind: 'anonymous' },
        data: { reason: 'wrong password', userId: await userOf(email) },
      },
    });
    const [unknown] = await eventsOf(
      requestId(
        await signIn(
          { email: 'unknown@acme.example', password: PASSWORD },
          { 'user-agent': 'x'.repeat(5000) },
        ),
      ),
    );
    expect(unknown).toMatchObject({
      company_id: PLATFORM,
      action: 'session.signInFailed',
      body: { data: { reason: 'unknown e-mail' } },
    });
    expect(unknown.body.userAgent).toHaveLength(400);
    expect(unknown.body.data).not.toHaveProperty('userId');
    for (const event of [ok, wrong, unknown]) expect(event.body).toMatchObject({ ip: '127.0.0.1' });
  });

  it('refuses malformed input before any look-up', async () => {
    for (const input of [
      { email: 'x', password: PASSWORD },
      { email: '', password: PASSWORD },
      { email, password: '' },
      { email, password: 'x'.repeat(2000) },
    ]) {
      expect([input.email, codeOf(await signIn(input))]).toEqual([input.email, 'INVALID_INPUT']);
    }
  });
});

/** A member who has no password yet. */
async function invite(email: string, token?: string): Promise<void> {
  const input = { email, name: 'Invited', roles: ['staff'] };
  const answer = await world.ask(
    'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
    { input },
    token ?? (await world.signIn('company_admin')),
  );
  expect(answer.errors).toBeUndefined();
}

async function suspended(email: string): Promise<void> {
  await invite(email);
  await admit(world, email);
  await rowsOf(
    world,
    `SET session_replication_role = replica; UPDATE "Membership" SET status = 'suspended' WHERE email = '${email}'`,
  );
}

/** A user of both companies, first of Acme. */
async function ofBoth(): Promise<string> {
  const email = `${crypto.randomUUID()}@both.example`;
  await invite(email);
  await invite(email, await world.signIn('company_admin', 'globex'));
  await admit(world, email);
  return email;
}

describe('[A5] a session', () => {
  it('is stored as the hash of its token, for 24 hours', async () => {
    const token = await signInAs(world.ask, email);
    const [row] = await rowsOf(
      world,
      // two clocks, the server's and PostgreSQL's: to the minute
      `SELECT *, round(extract(epoch FROM "expiresAt" - "createdAt") / 60)::int AS lasts,
         round(extract(epoch FROM "absoluteExpiresAt" - "createdAt") / 60)::int AS ends FROM "Session" WHERE id = $1`,
      [hashOf(token)],
    );
    expect(row).toMatchObject({
      userId: await userOf(email),
      companyId: await acme(),
      lasts: 24 * 60,
      ends: 30 * 24 * 60,
    });
    const everywhere = await rowsOf(world, 'SELECT 1 FROM "Session" WHERE "Session"::text LIKE $1', [
      `%${token}%`,
    ]);
    expect(everywhere).toEqual([]);
  });

  const cookieOf = (set: unknown) => String([set].flat()[0] ?? '');
  const post = (query: string, headers: Record<string, string> = {}, variables = {}) =>
    deployed.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json', ...headers },
      payload: { query, variables },
    });

  it('is set as a cookie that scripts, other sites and plain HTTP cannot read', async () => {
    const answer = await post(SIGN_IN, {}, { input: { email, password: PASSWORD } });
    const [pair, ...flags] = cookieOf(answer.headers['set-cookie']).split('; ');
    expect(pair).toBe(`__Host-bulwark=${answer.json().data.signIn.sessionToken}`);
    expect(flags.sort()).toEqual(['HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax', 'Secure']);
    expect((await post(NAME, { cookie: pair as string })).json().data.viewer.user.name).toBe('Ingrid Quispe');
    expect(
      (await post(NAME, { cookie: (pair as string).replace('__Host-', '') })).json().errors[0].extensions
        .code,
    ).toBe('UNAUTHENTICATED');
    const out = await post('mutation { signOut { revokedSessionId } }', { cookie: pair as string });
    expect(cookieOf(out.headers['set-cookie'])).toMatch(/^__Host-bulwark=; Path=\/; Max-Age=0;/);
    expect((await post(NAME, { cookie: pair as string })).json().errors[0].extensions.code).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('in a cookie is of no use to a page of another site', async () => {
    const cookie = `__Host-bulwark=${await signInAs(world.ask, email)}`;
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
    ]) {
      expect(
        (await post(NAME, { cookie, ...headers } as Record<string, string>)).json().errors[0].extensions.code,
      ).toBe('FORBIDDEN');
    }
    expect((await post(NAME, { cookie, origin: 'https://api.example' })).json().errors).toBeUndefined();
    expect((await post(NAME, { cookie, origin: 'https://app.example' })).json().errors).toBeUndefined();
  });

  it('is as good in a bearer header, which counts before the cookie', async () => {
    const token = await signInAs(world.ask, email);
    const other = await signInAs(world.ask, 'operator@acme.example');
    expect((await who(token)).data.viewer.user.name).toBe('Ingrid Quispe');
    const both = await post(NAME, { cookie: `__Host-bulwark=${other}`, authorization: `bearer ${token}` });
    expect(both.json().data.viewer.user.name).toBe('Ingrid Quispe');
    const wrong = await post(NAME, { cookie: `__Host-bulwark=${other}`, authorization: 'Bearer nonsense' });
    expect([wrong.statusCode, wrong.json().errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('that is forged, expired, past its absolute limit or deleted is UNAUTHENTICATED', async () => {
    const [sliding, absolute, deleted] = await Promise.all([0, 1, 2].map(() => signInAs(world.ask, email)));
    await rowsOf(world, `UPDATE "Session" SET "expiresAt" = now() - interval '1 second' WHERE id = $1`, [
      hashOf(sliding as string),
    ]);
    await rowsOf(
      world,
      `UPDATE "Session" SET "absoluteExpiresAt" = now() - interval '1 second' WHERE id = $1`,
      [hashOf(absolute as string)],
    );
    await rowsOf(world, `DELETE FROM "Session" WHERE id = $1`, [hashOf(deleted as string)]);
    const forged = [
      '',
      'x',
      'null',
      'undefined',
      hashOf(sliding as string),
      'A'.repeat(43),
      'A'.repeat(5000),
      "' OR 1=1 --",
      `${await world.signIn('staff')}x`,
    ];
    const answers = await Promise.all(
      [sliding, absolute, deleted, ...forged].map((token) =>
        world.ask(NAME, {}, undefined, { authorization: `Bearer ${token}` }),
      ),
    );
    for (const { status, errors, data } of answers)
      expect([status, errors?.[0]?.extensions.code, data]).toEqual([401, 'UNAUTHENTICATED', undefined]);
    expect(new Set(answers.map(({ errors }) => errors?.[0]?.message)).size).toBe(1);
  });

  it('that is invalid does not keep its holder from signing in [U5]', async () => {
    const answer = await signIn({ email, password: PASSWORD }, { authorization: 'Bearer x' });
    expect(codeOf(answer)).toBe('ok');
  });

  it('used in its second half lasts 24 hours more and sends its cookie again, never beyond the absolute limit', async () => {
    const token = await signInAs(world.ask, email);
    const cookie = `__Host-bulwark=${token}`;
    const lasts = async () =>
      (
        await rowsOf(
          world,
          `SELECT extract(epoch FROM "expiresAt" - now())::float / 3600 AS hours FROM "Session" WHERE id = $1`,
          [hashOf(token)],
        )
      )[0].hours;
    const age = (hours: number, absolute = 600) =>
      rowsOf(
        world,
        `UPDATE "Session" SET "expiresAt" = now() + $2 * interval '1 hour', "absoluteExpiresAt" = now() + $3 * interval '1 hour' WHERE id = $1`,
        [hashOf(token), hours, absolute],
      );
    await age(13);
    expect((await post(NAME, { cookie })).headers['set-cookie']).toBeUndefined();
    expect(await lasts()).toBeCloseTo(13, 1);
    await age(11);
    expect(cookieOf((await post(NAME, { cookie })).headers['set-cookie'])).toContain(
      `${cookie}; Path=/; Max-Age=86400`,
    );
    expect(await lasts()).toBeCloseTo(24, 1);
    await age(2, 3);
    await post(NAME, { cookie });
    expect(await lasts()).toBeCloseTo(3, 1);
  });

  it('is revoked by signOut from the next request on, audited', async () => {
    const token = await signInAs(world.ask, email);
    const answer = await world.ask('mutation { signOut { revokedSessionId } }', {}, token);
    expect(answer.data.signOut.revokedSessionId).toBe(globalId('Session', hashOf(token).slice(0, 12)));
    expect(codeOf(await who(token))).toBe('UNAUTHENTICATED');
    expect(await eventsOf(requestId(answer))).toMatchObject([
      { action: 'session.signedOut', body: { data: { session: hashOf(token).slice(0, 12) } } },
    ]);
    expect(codeOf(await world.ask('mutation { signOut { revokedSessionId } }', {}, token))).toBe(
      'UNAUTHENTICATED',
    );
  });
});

describe('[A5] the list of one’s sessions', () => {
  const LIST = '{ sessions { edges { node { id isCurrent ip userAgent createdAt lastUsedAt expiresAt } } } }';
  const revoke = (token: string, sessionId: string) =>
    world.ask(
      'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { revokedSessionId } }',
      { input: { sessionId } },
      token,
    );
  const idOf = (session: string) => globalId('Session', hashOf(session).slice(0, 12));
  const fresh = async () => {
    const address = await ofBoth();
    return { address, token: await signInAs(world.ask, address) };
  };

  it('shows one’s own, which of them this is, and no token nor its hash', async () => {
    const { address, token } = await fresh();
    const second = (await signIn({ email: address, password: PASSWORD }, { 'user-agent': 'Second/1.0' })).data
      .signIn.sessionToken;
    const { data } = await world.ask(LIST, {}, token);
    const sessions = nodesOf(data.sessions);
    expect(sessions).toHaveLength(2);
    expect(sessions[0]).toMatchObject({
      id: idOf(second),
      isCurrent: false,
      ip: '127.0.0.1',
      userAgent: 'Second/1.0',
    });
    expect(sessions[1]).toMatchObject({ id: idOf(token), isCurrent: true });
    for (const secret of [token, second, hashOf(token), hashOf(second)])
      expect(JSON.stringify(data)).not.toContain(secret);
  });

  it('is revoked by its user from the next request on; others stay', async () => {
    const { address, token } = await fresh();
    const [other, third] = [await signInAs(world.ask, address), await signInAs(world.ask, address)];
    const answer = await revoke(token, idOf(other));
    expect(answer.data.revokeSession.revokedSessionId).toBe(idOf(other));
    expect([codeOf(await who(other)), codeOf(await who(third)), codeOf(await who(token))]).toEqual([
      'UNAUTHENTICATED',
      'ok',
      'ok',
    ]);
    expect((await eventsOf(requestId(answer))).map(({ action }) => action)).toEqual(['session.revoked']);
    expect((await world.ask(LIST, {}, token)).data.sessions.edges).toHaveLength(2);
  });

  it('of another user is NOT_FOUND', async () => {
    const { token } = await fresh();
    const theirs = await signInAs(world.ask, email);
    const codes = await Promise.all(
      [hashOf(theirs).slice(0, 12), hashOf(theirs), '000000000000', ' ', '%', '____________', '\0'].map(
        async (id) => codeOf(await revoke(token, globalId('Session', id))),
      ),
    );
    expect(new Set(codes)).toEqual(new Set(['NOT_FOUND']));
    expect(codeOf(await who(theirs))).toBe('ok');
    expect(codeOf(await who(token))).toBe('ok');
  });
});

describe('[A5][T1] the active company', () => {
  const SWITCH =
    'mutation ($input: SwitchCompanyInput!) { switchCompany(input: $input) { sessionToken viewer { company { name } } } }';
  const companyOf = async (token: string, headers?: Record<string, string>) =>
    (await who(token, headers)).data?.viewer.company.name;

  it('is the session’s, unless the request names another of one’s own', async () => {
    const token = await signInAs(world.ask, await ofBoth());
    expect(await companyOf(token)).toBe('Acme');
    expect(await companyOf(token, { 'x-company-id': await globex() })).toBe('Globex');
    expect(await companyOf(token, { 'x-company-id': (await globex()).toUpperCase() })).toBe('Globex');
    for (const type of ['Company', 'ViewerCompany'])
      expect(await companyOf(token, { 'x-company-id': globalId(type, await globex()) })).toBe('Globex');
    const other = globalId('Branch', await globex());
    expect(codeOf(await who(token, { 'x-company-id': other }))).toBe('NOT_FOUND');
    expect(await companyOf(token)).toBe('Acme');
  });

  it('named by a stranger is NOT_FOUND, as one that does not exist', async () => {
    const token = await world.signIn('staff');
    const answers = await Promise.all(
      [
        ...[await globex(), crypto.randomUUID(), PLATFORM, '', 'x', "' OR 1=1"],
        ...[globalId('Company', await globex()), globalId('ViewerCompany', await globex())],
      ].map((id) => who(token, { 'x-company-id': id })),
    );
    expect(
      new Set(answers.map(({ status, errors, data }) => JSON.stringify([status, errors, data]))),
    ).toHaveLength(1);
    expect([answers[0]?.status, codeOf(answers[0] as Answer)]).toEqual([404, 'NOT_FOUND']);
  });

  it('changes with switchCompany, under a new token; the old one is dead', async () => {
    const token = await signInAs(world.ask, await ofBoth());
    const answer = await world.ask(
      SWITCH,
      { input: { companyId: globalId('Company', await globex()) } },
      token,
    );
    const { sessionToken, viewer } = answer.data.switchCompany;
    expect(viewer.company.name).toBe('Globex');
    expect([codeOf(await who(token)), await companyOf(sessionToken)]).toEqual(['UNAUTHENTICATED', 'Globex']);
    expect(answer.headers.get('set-cookie')).toContain(`bulwark=${sessionToken};`);
    expect(await rowsOf(world, 'SELECT 1 FROM "Session" WHERE id = $1', [hashOf(token)])).toEqual([]);
    expect(await eventsOf(requestId(answer))).toMatchObject([
      { action: 'session.companySwitched', company_id: await globex() },
    ]);
  });

  it('switched twice at the same time leaves one session, not two', async () => {
    const address = await ofBoth();
    const token = await signInAs(world.ask, address);
    const answers = await Promise.all(
      [0, 1, 2, 3].map(async () =>
        world.ask(SWITCH, { input: { companyId: globalId('Company', await globex()) } }, token),
      ),
    );
    expect(answers.map(codeOf).sort()).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'ok',
    ]);
    expect(
      await rowsOf(world, 'SELECT 1 FROM "Session" WHERE "userId" = $1', [await userOf(address)]),
    ).toHaveLength(1);
  });

  it('does not change to one that is not theirs, and the token stays good', async () => {
    const token = await signInAs(world.ask, email);
    for (const [companyId, code] of [
      [globalId('Company', await globex()), 'NOT_FOUND'],
      [globalId('ViewerCompany', await globex()), 'NOT_FOUND'],
      [globalId('Company', crypto.randomUUID()), 'NOT_FOUND'],
      [globalId('Company', PLATFORM), 'NOT_FOUND'],
      [globalId('Branch', await globex()), 'INVALID_INPUT'],
      ['x', 'INVALID_INPUT'],
    ]) {
      expect([companyId, codeOf(await world.ask(SWITCH, { input: { companyId } }, token))]).toEqual([
        companyId,
        code,
      ]);
    }
    expect(await companyOf(token)).toBe('Acme');
  });
});

describe('[L2] a denial', () => {
  it('is audited in the company with actor and operation', async () => {
    const answer = await world.ask(
      '{ all: payrollRuns(first: 100) { edges { node { id } } } }',
      {},
      await world.signIn('staff'),
    );
    expect(codeOf(answer)).toBe('FORBIDDEN');
    expect(await eventsOf(requestId(answer))).toMatchObject([
      {
        company_id: await acme(),
        action: 'access.denied',
        severity: 'MEDIUM',
        body: {
          actor: { kind: 'user', userId: await userOf(email), roles: ['staff'] },
          data: { fields: ['Query.payrollRuns'] },
        },
      },
    ]);
  });

  it('by a command’s own rule, such as four eyes, is audited too', async () => {
    const made = await world.ask(
      'mutation { createPayrollRun(input: { period: "2026-09" }) { payrollRun { id } } }',
      {},
      await world.signIn('company_admin'),
    );
    const input = { payrollRunId: made.data.createPayrollRun.payrollRun.id };
    await world.ask(mutationOf('submitPayrollRun'), { input }, await world.signIn('company_admin'));
    const answer = await world.ask(
      mutationOf('approvePayrollRun'),
      { input },
      await world.signIn('company_admin'),
    );
    expect(codeOf(answer)).toBe('FORBIDDEN');
    expect(await eventsOf(requestId(answer))).toMatchObject([
      { action: 'access.denied', body: { data: { fields: ['payroll.approved'] } } },
    ]);
  });
});
