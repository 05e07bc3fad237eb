import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeServices, openServer, openServices } from '../../../src/app.ts';
import { nodesOf } from '../../support/documents.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import {
  type Answer,
  accept,
  asker,
  globalId,
  newcomer,
  PASSWORD,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';

let world: MailboxWorld;
/** A second instance over the same database. */
let other: { ask: World['ask']; end: () => Promise<void> };
beforeAll(async () => {
  world = await openMailboxWorld();
  const { app, platform } = { app: world.database.appUrl, platform: world.database.platformUrl };
  const services = await openServices(world.config, { app, platform }, world.services.log);
  const server = openServer(services);
  other = {
    ask: asker(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`),
    end: async () => {
      await server.close();
      await closeServices(services);
    },
  };
});
afterAll(async () => {
  await other?.end();
  await world?.end();
});

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? 'ok';
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
const alive = async (token: string, ask = world.ask) =>
  codeOf(await ask('{ viewer { user { email } } }', {}, token));
const signInFrom = async (email: string, userAgent: string) => {
  const answer = await world.ask(
    'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }',
    { input: { email, password: PASSWORD } },
    undefined,
    { 'user-agent': userAgent, 'x-forwarded-for': '203.0.113.9' },
  );
  return answer.data.signIn.sessionToken as string;
};
const sessions = async (token: string) =>
  nodesOf(
    (await world.ask('{ sessions { edges { node { id isCurrent ip deviceName lastUsedAt } } } }', {}, token))
      .data.sessions,
  ) as {
    id: string;
    isCurrent: boolean;
    ip: string;
    deviceName: string | null;
    lastUsedAt: string;
  }[];
const rowOf = async (token: string) =>
  (
    await rowsOf(
      world,
      `SELECT *, round(extract(epoch FROM "expiresAt" - "createdAt") / 60)::int AS minutes,
         round(extract(epoch FROM "absoluteExpiresAt" - "createdAt") / 3600)::int AS hours FROM "Session" WHERE id = $1`,
      [hashOf(token)],
    )
  )[0];
const age = (token: string, seconds: number) =>
  rowsOf(
    world,
    `UPDATE "Session" SET "createdAt" = "createdAt" - $2 * interval '1 second', "lastUsedAt" = "lastUsedAt" - $2 * interval '1 second',
       "expiresAt" = "expiresAt" - $2 * interval '1 second', "absoluteExpiresAt" = "absoluteExpiresAt" - $2 * interval '1 second' WHERE id = $1`,
    [hashOf(token), seconds],
  );
const actionsOf = async (answer: Answer) =>
  (
    await rowsOf(world, `SELECT action FROM audit_event WHERE body::jsonb->>'requestId' = $1`, [
      answer.headers.get('x-request-id'),
    ])
  ).map(({ action }) => action);
const as = async (
  role: string,
  document: string,
  variables: object = {},
  company: 'acme' | 'globex' = 'acme',
) => world.ask(document, variables, await world.signIn(role, company));

describe('[A5] the list of one’s sessions', () => {
  it('shows device, address and last use, and marks the current session', async () => {
    const { email, token: first } = await newcomer(world, ['staff']);
    await world.ask('mutation { revokeAllSessions { revokedSessionCount } }', {}, first);
    const [firefox, safari] = [await signInFrom(email, FIREFOX), await signInFrom(email, SAFARI)];
    const list = await sessions(safari);
    expect(list.map(({ deviceName, ip, isCurrent }) => ({ deviceName, ip, isCurrent }))).toEqual([
      { deviceName: 'Safari on iPhone', ip: '203.0.113.9', isCurrent: true },
      { deviceName: 'Firefox on Windows', ip: '203.0.113.9', isCurrent: false },
    ]);
    await age(firefox, 3600);
    const before = (await sessions(safari)).find(({ isCurrent }) => !isCurrent)?.lastUsedAt as string;
    await alive(firefox);
    const after = (await sessions(safari)).find(({ isCurrent }) => !isCurrent)?.lastUsedAt as string;
    expect(Date.parse(after) - Date.parse(before)).toBeGreaterThan(3_500_000);
  });

  it('is exact to five minutes: a session in use is not written at every request', async () => {
    const { token } = await newcomer(world, ['staff']);
    const version = async () =>
      (await rowsOf(world, 'SELECT xmin::text AS x FROM "Session" WHERE id = $1', [hashOf(token)]))[0].x;
    const before = await version();
    for (let i = 0; i < 5; i++) await alive(token);
    expect(await version()).toBe(before);
    await age(token, 301);
    const aged = await version();
    await Promise.all(Array.from({ length: 5 }, () => alive(token)));
    expect(await version()).not.toBe(aged);
  });

  it('is notified of a new device by mail, and not of a known one', async () => {
    const { email } = await newcomer(world, ['staff']);
    await signInFrom(email, FIREFOX);
    await signInFrom(email, FIREFOX);
    const mails = (await world.mailsTo(email)).filter(({ text }) => text.includes('Firefox on Windows'));
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain('203.0.113.9');
  });
});

describe('[A5] ending sessions', () => {
  it('others: all but this one, on every instance from the next request on', async () => {
    const { email, token } = await newcomer(world, ['staff']);
    const rest = [await signInAs(world.ask, email), await signInAs(world.ask, email)];
    for (const one of rest) expect(await alive(one, other.ask)).toBe('ok');
    const answer = await world.ask('mutation { revokeOtherSessions { revokedSessionCount } }', {}, token);
    expect(answer.data).toEqual({ revokeOtherSessions: { revokedSessionCount: 2 } });
    for (const one of rest)
      expect([await alive(one), await alive(one, other.ask)]).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(await alive(token)).toBe('ok');
    expect(await actionsOf(answer)).toEqual(['session.revoked']);
  });

  it("all: this one included, and no other user's", async () => {
    const [mine, theirs] = [await newcomer(world, ['staff']), await newcomer(world, ['staff'])];
    const second = await signInAs(world.ask, mine.email);
    const answer = await other.ask('mutation { revokeAllSessions { revokedSessionCount } }', {}, mine.token);
    expect(answer.data).toEqual({ revokeAllSessions: { revokedSessionCount: 2 } });
    expect([await alive(mine.token), await alive(second), await alive(theirs.token)]).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'ok',
    ]);
  });

  it('one of another user is not found', async () => {
    const [mine, theirs] = [await newcomer(world, ['staff']), await newcomer(world, ['staff'])];
    const [session] = await sessions(theirs.token);
    const input = { sessionId: session?.id };
    const answer = await world.ask(
      'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { revokedSessionId } }',
      { input },
      mine.token,
    );
    expect(codeOf(answer)).toBe('NOT_FOUND');
    expect(await alive(theirs.token)).toBe('ok');
  });
});

describe('[A5] how long a session lasts', () => {
  it('depends on the role: the platform’s an hour and half a day, a company’s administrators’ half a day and a week', async () => {
    const lasts = async (role: string) => {
      const { minutes, hours } = await rowOf(await world.signIn(role));
      return [minutes, hours];
    };
    expect(await lasts('staff')).toEqual([24 * 60, 30 * 24]);
    expect(await lasts('company_admin')).toEqual([12 * 60, 7 * 24]);
    expect(await lasts('super_admin')).toEqual([60, 12]);
  });

  it('expires after its idle limit, and in use after its absolute limit', async () => {
    const admin = await newcomer(world, ['admin']);
    await age(admin.token, 11 * 3600);
    expect(await alive(admin.token)).toBe('ok'); // renewed: the half of its idle time had gone
    await age(admin.token, 11 * 3600);
    expect(await alive(admin.token)).toBe('ok');
    await age(admin.token, 12 * 3600 + 60);
    expect(await alive(admin.token)).toBe('UNAUTHENTICATED');
    const busy = await newcomer(world, ['admin']);
    for (let i = 0; i < 14; i++) {
      await age(busy.token, 11.5 * 3600);
      expect(await alive(busy.token)).toBe('ok');
    }
    await age(busy.token, 7.5 * 3600);
    expect(await alive(busy.token)).toBe('UNAUTHENTICATED');
  });

  it('is renewed in the second half of its idle time only', async () => {
    const { token } = await newcomer(world, ['admin']);
    await age(token, 4 * 3600);
    await alive(token);
    const { minutes } = await rowOf(token);
    expect(minutes).toBe(12 * 60);
    await age(token, 4 * 3600);
    await alive(token);
    expect((await rowOf(token)).minutes).toBe(20 * 60);
  });

  it("is renewed in the second half of a week with a company's longer idle limit", async () => {
    const set = (policy: object) =>
      as(
        'company_admin',
        'mutation ($input: SetSignInPolicyInput!) { setSignInPolicy(input: $input) { signInPolicy { sessionIdleMinutes } } }',
        { input: policy },
      );
    expect((await set({ sessionIdleMinutes: 7 * 1440 })).errors).toBeUndefined();
    const { token } = await newcomer(world, ['staff']);
    for (let day = 0; day < 9; day++) {
      await age(token, 86_400);
      expect([day, await alive(token)]).toEqual([day, 'ok']);
    }
    await set({ sessionIdleMinutes: 1440 });
  });

  it("is shortened at once by a company's policy, for its own sessions only", async () => {
    const [acme, globex] = [await newcomer(world, ['staff']), await newcomer(world, ['staff'], 'globex')];
    const set = (policy: object) =>
      as(
        'company_admin',
        'mutation ($input: SetSignInPolicyInput!) { setSignInPolicy(input: $input) { signInPolicy { sessionIdleMinutes } } }',
        { input: policy },
      );
    expect((await set({ sessionIdleMinutes: 30, sessionAbsoluteHours: 4 })).errors).toBeUndefined();
    const short = await rowOf(acme.token);
    expect([short.minutes, short.hours, short.idleSeconds]).toEqual([30, 4, 1800]);
    expect((await rowOf(globex.token)).hours).toBe(720);
    const fresh = await rowOf(await signInAs(world.ask, acme.email));
    expect([fresh.minutes, fresh.hours]).toEqual([30, 4]);
    await set({ sessionIdleMinutes: 1440, sessionAbsoluteHours: 720 });
    expect((await rowOf(acme.token)).hours).toBe(4);
  });

  it('is shortened at once when its user gets a role with shorter limits', async () => {
    const { id, token } = await newcomer(world, ['staff']);
    const document =
      'mutation ($input: SetMemberRolesInput!) { setMemberRoles(input: $input) { member { id } } }';
    await as('company_admin', document, { input: { memberId: id, roles: ['admin'] } });
    const { minutes, hours } = await rowOf(token);
    expect([minutes, hours]).toEqual([12 * 60, 7 * 24]);
  });
});

describe('[R6] suspending a member', () => {
  const suspend = (memberId: string, role = 'company_admin', company: 'acme' | 'globex' = 'acme') =>
    as(
      role,
      'mutation ($input: SuspendMemberInput!) { suspendMember(input: $input) { member { status roles } } }',
      { input: { memberId } },
      company,
    );
  const restore = (memberId: string, role = 'company_admin') =>
    as(
      role,
      'mutation ($input: RestoreMemberInput!) { restoreMember(input: $input) { member { status roles } } }',
      {
        input: { memberId },
      },
    );

  it('applies from the next request on, on every instance, and revokes the sessions there', async () => {
    const { id, email, token } = await newcomer(world, ['staff']);
    expect(await alive(token, other.ask)).toBe('ok');
    const answer = await suspend(id, 'hr_admin');
    expect(answer.data.suspendMember.member).toEqual({ status: 'SUSPENDED', roles: ['staff'] });
    expect([await alive(token, other.ask), await alive(token)]).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
    ]);
    await expect(signInAs(world.ask, email)).rejects.toThrow('UNAUTHENTICATED');
    expect(await actionsOf(answer)).toEqual(['member.suspended']);
  });

  it('is reversed with the same roles, without restoring sessions', async () => {
    const { id, email, token } = await newcomer(world, ['staff']);
    await suspend(id);
    const answer = await restore(id);
    expect(answer.data.restoreMember.member).toEqual({ status: 'ACTIVE', roles: ['staff'] });
    expect(await alive(token)).toBe('UNAUTHENTICATED');
    expect(await alive(await signInAs(world.ask, email))).toBe('ok');
    expect(await actionsOf(answer)).toEqual(['member.restored']);
  });

  it('does not affect other companies', async () => {
    const { id, email } = await newcomer(world, ['staff']);
    await as(
      'company_admin',
      'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
      { input: { email, name: 'Both', roles: ['client'] } },
      'globex',
    );
    await accept(world, email);
    const token = await signInAs(world.ask, email);
    const [globex] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
    const switched = await world.ask(
      'mutation ($input: SwitchCompanyInput!) { switchCompany(input: $input) { sessionToken } }',
      { input: { companyId: globalId('Company', globex.id) } },
      token,
    );
    await suspend(id);
    expect(await alive(switched.data.switchCompany.sessionToken)).toBe('ok');
  });

  it('cannot be done twice, nor to another company’s member, a superior, or the last administrator', async () => {
    const { id } = await newcomer(world, ['staff']);
    expect(codeOf(await suspend(id, 'company_admin', 'globex'))).toBe('NOT_FOUND');
    expect(codeOf(await suspend(id, 'staff'))).toBe('FORBIDDEN');
    await suspend(id);
    expect(codeOf(await suspend(id))).toBe('CONFLICT');
    await restore(id);
    expect(codeOf(await restore(id))).toBe('CONFLICT');
    const superior = await newcomer(world, ['admin']);
    expect(codeOf(await suspend(superior.id, 'hr_admin'))).toBe('FORBIDDEN');
    expect(await alive(superior.token)).toBe('ok');
  });

  it('is not reversed by a member who could not grant the roles', async () => {
    const { id } = await newcomer(world, ['finance_admin']);
    await suspend(id);
    expect(codeOf(await restore(id, 'hr_admin'))).toBe('FORBIDDEN');
    expect(codeOf(await restore(id, 'company_admin'))).toBe('ok');
  });

  it('ends an open subscription within a second', async () => {
    const { id, token } = await newcomer(world, ['admin']);
    const response = await fetch(world.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ query: 'subscription { auditEvents { action } }' }),
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await suspend(id);
    let next = await reader.read();
    while (!next.done) next = await reader.read();
    expect(next.done).toBe(true);
  });
});
