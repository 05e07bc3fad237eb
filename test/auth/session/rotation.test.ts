import { createHash } from 'node:crypto';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteExpired } from '../../../src/domain/platform/purge-expired.ts';
import { lockWaits } from '../../support/db/lock-waits.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import {
  type Answer,
  accept,
  newcomer,
  openWorld,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';
import { company, eventsOf, issueTokens, secondInstance } from '../../support/sign-in/credentials.ts';
import { codeOf, enrol, mutate, totp } from '../../support/sign-in/factors.ts';
import { until } from '../../support/until.ts';

let world: World;
let second: Awaited<ReturnType<typeof secondInstance>>;
let admin: string;
let teamId: string;
beforeAll(async () => {
  world = await openWorld();
  second = await secondInstance(world);
  admin = await world.signIn('company_admin');
  const { data } = await world.ask('{ departments(first: 20) { edges { node { id } } } }', {}, admin);
  const departmentId = data.departments.edges[0].node.id;
  const team = await mutate(world, 'createTeam', { departmentId, name: 'Rotation' }, '{ id }', admin);
  teamId = team.data.createTeam.team.id;
});
afterAll(async () => {
  await second?.end();
  await world?.end();
});

const NAME = '{ viewer { user { email } company { name } } }';
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
const cookie = (token: string) => ({ cookie: `bulwark=${token}` });
const withCookie = (token: string, query = NAME, on: Pick<World, 'ask'> = world): Promise<Answer> =>
  on.ask(query, {}, undefined, cookie(token));
/** The token that an answer gives to browsers; `''` takes it away. */
const given = ({ headers }: Answer): string | undefined =>
  /^bulwark=([\w-]*);/.exec(headers.getSetCookie().at(-1) ?? '')?.[1];
const rowOf = async (token: string) =>
  (await rowsOf(world, 'SELECT * FROM "Session" WHERE id = $1', [hashOf(token)]))[0];
const rotations = (answer: Answer) =>
  rowsOf(
    world,
    `SELECT body::jsonb AS body FROM audit_event WHERE action = 'session.rotated' AND body::jsonb->>'requestId' = $1`,
    [answer.headers.get('x-request-id')],
  );
async function newestCursor(): Promise<string> {
  const { data } = await world.ask('{ auditEvents(last: 1) { edges { node { cursor } } } }', {}, admin);
  return data.auditEvents.edges[0].node.cursor;
}
/** Resolves once the first server has looked up so many credentials. */
async function lookUps(count: number): Promise<void> {
  const { pool } = world.services;
  const query = pool.query.bind(pool);
  let seen = 0;
  pool.query = (statement: { text: string }) => {
    if (/authenticate/.test(statement.text)) seen += 1;
    return query(statement);
  };
  await until(() => seen >= count);
  pool.query = query;
}
/** The grace of every former token is over. */
const graceOver = () =>
  rowsOf(world, `UPDATE "RotatedSessionToken" SET "expiresAt" = now() - interval '1 second'`);

type User = { id: string; email: string; token: string };
const change = async (name: string, input: object) => {
  const answer = await mutate(world, name, input, '{ id }', admin);
  expect(answer.errors).toBeUndefined();
};
const setRoles = ({ id }: User, roles: string[]) => change('setMemberRoles', { memberId: id, roles });
const inTeam = ({ id }: User) => change('addTeamMember', { teamId, memberId: id });
/** A user whose session is due for a new token. */
async function due(roles = ['client']): Promise<User> {
  const user = await newcomer(world, roles);
  await setRoles(user, ['staff']);
  return user;
}

const ROLE = { name: 'Rotated', level: 1, accessScope: 'COMPANY', isReadOnly: false };
async function ownRole(permissions: string[]): Promise<{ slug: string; roleId: string }> {
  const slug = `rotated_${crypto.randomUUID().slice(0, 8)}`;
  const answer = await mutate(world, 'createRole', { slug, ...ROLE, permissions }, '{ id }', admin);
  return { slug, roleId: answer.data.createRole.role.id };
}

describe("[A5] rotation after another user changes a user's permissions", () => {
  const changes: [string, () => Promise<{ user: User; act: () => Promise<void> }>][] = [
    [
      'roles are given',
      async () => {
        const user = await newcomer(world, ['client']);
        return { user, act: () => setRoles(user, ['client', 'staff']) };
      },
    ],
    [
      'roles are taken',
      async () => {
        const user = await newcomer(world, ['hr_admin']);
        return { user, act: () => setRoles(user, ['client']) };
      },
    ],
    [
      'they join a team',
      async () => {
        const user = await newcomer(world, ['client']);
        return { user, act: () => inTeam(user) };
      },
    ],
    [
      'they leave a team',
      async () => {
        const user = await newcomer(world, ['client']);
        await inTeam(user);
        const { token } = await fresh(user);
        const input = { teamId, memberId: user.id };
        return {
          user: { ...user, token },
          act: () => change('removeTeamMember', input),
        };
      },
    ],
    [
      'their team gets a role',
      async () => {
        const user = await newcomer(world, ['client']);
        await inTeam(user);
        const { token } = await fresh(user);
        return {
          user: { ...user, token },
          act: async () => {
            await change('setTeamRoles', { teamId, roles: ['staff'] });
            await change('setTeamRoles', { teamId, roles: [] });
          },
        };
      },
    ],
    [
      'a role of theirs allows more',
      async () => {
        const { slug, roleId } = await ownRole([]);
        const user = await newcomer(world, [slug]);
        return {
          user,
          act: () => change('updateRole', { roleId, ...ROLE, permissions: ['company.read'] }),
        };
      },
    ],
  ];
  const fresh = async ({ email }: User) => ({ token: await signInAs(world.ask, email) });

  it.each(changes)(
    'when %s: the next request with the cookie gets a new token, once, audited',
    async (_what, make) => {
      const { user, act } = await make();
      expect(given(await withCookie(user.token))).toBeUndefined();
      await act();
      const answer = await withCookie(user.token);
      const next = given(answer) as string;
      expect(answer.data.viewer.user.email).toBe(user.email);
      expect(next).toMatch(/^[\w-]{43}$/);
      expect(next).not.toBe(user.token);
      expect(await rowOf(user.token)).toBeUndefined();
      expect(await rowOf(next)).toMatchObject({ rotateDue: false });
      expect(await rotations(answer)).toMatchObject([
        {
          body: {
            actor: { kind: 'user', session: hashOf(next).slice(0, 12) },
            data: { former: hashOf(user.token).slice(0, 12) },
          },
        },
      ]);
      const later = await withCookie(next);
      expect([codeOf(later), given(later)]).toEqual(['ok', undefined]);
    },
  );

  it('does not come by a change that leaves rights as they are, nor to others, nor in another company', async () => {
    const { slug, roleId } = await ownRole(['company.read']);
    const [user, other, both] = [
      await newcomer(world, [slug]),
      await newcomer(world, ['client']),
      await newcomer(world, ['client']),
    ];
    await change('updateRole', { roleId, ...ROLE, name: 'Renamed', permissions: ['company.read'] });
    expect(given(await withCookie(user.token))).toBeUndefined();
    await setRoles(user, ['client']);
    expect(given(await withCookie(other.token))).toBeUndefined();
    const globex = await world.signIn('company_admin', 'globex');
    const invitation = { email: both.email, name: 'Both', roles: ['client'] };
    const invited = await mutate(world, 'inviteMember', invitation, '{ id }', globex);
    await accept(world, both.email);
    const memberId = invited.data.inviteMember.member.id;
    await mutate(world, 'setMemberRoles', { memberId, roles: ['staff'] }, '{ id }', globex);
    expect(given(await withCookie(both.token))).toBeUndefined();
  });

  it('gives a hundred concurrent requests over two instances the same new token', async () => {
    const { token } = await due();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => withCookie(token, NAME, n % 2 ? world : second)),
    );
    expect(answers.map(codeOf)).toEqual(Array(100).fill('ok'));
    const tokens = new Set(answers.map(given));
    expect([tokens.size, tokens.has(undefined)]).toEqual([1, false]);
    const events = await Promise.all(answers.map(rotations));
    expect(events.flat()).toHaveLength(1);
    expect(codeOf(await withCookie([...tokens][0] as string))).toBe('ok');
  });

  it('gives all of those one and the same token that found it due at the same moment', async () => {
    const { token } = await due();
    const answers = await asOwner(world.database.ownerUrl, async (db) => {
      await db.query('BEGIN');
      await db.query('SELECT FROM "Session" WHERE id = $1 FOR UPDATE', [hashOf(token)]);
      const asked = Array.from({ length: 12 }, (_, n) => withCookie(token, NAME, n % 2 ? world : second));
      await lockWaits(world, 4);
      await db.query('COMMIT');
      return Promise.all(asked);
    });
    expect(answers.map(codeOf)).toEqual(Array(12).fill('ok'));
    const tokens = new Set(answers.map(given));
    expect([tokens.size, tokens.has(undefined)]).toEqual([1, false]);
  });

  it('returns the same new token for the former one for 30 seconds', async () => {
    const { token } = await due();
    const next = given(await withCookie(token));
    const [former] = await rowsOf(
      world,
      `SELECT round(extract(epoch FROM "expiresAt" - now()))::int AS seconds FROM "RotatedSessionToken" WHERE hash = $1`,
      [hashOf(token)],
    );
    expect(former.seconds).toBe(30);
    // the answer was lost, and the page asks again
    for (const on of [world, second]) expect(given(await withCookie(token, NAME, on))).toBe(next);
    await graceOver();
    const refused = await withCookie(token);
    expect([codeOf(refused), given(refused)]).toEqual(['UNAUTHENTICATED', '']);
    expect(codeOf(await withCookie(next as string))).toBe('ok');
  });

  it('revokes the former token when the session is revoked or its user rotates it', async () => {
    const [left, stepped] = [await due(), await due()];
    const next = given(await withCookie(left.token)) as string;
    await withCookie(next, 'mutation { signOut { revokedSessionId } }');
    expect(codeOf(await withCookie(left.token))).toBe('UNAUTHENTICATED');
    const enrolled = await enrol(world, given(await withCookie(stepped.token)) as string);
    expect(codeOf(await withCookie(stepped.token))).toBe('UNAUTHENTICATED');
    await setRoles(stepped, ['client']);
    const before = given(await withCookie(enrolled.token)) as string;
    const proof = { method: 'TOTP', code: totp(enrolled.secret) };
    const up = await mutate(world, 'stepUp', proof, '{ sessionToken }', before);
    expect(codeOf(up)).toBe('ok');
    for (const token of [before, enrolled.token])
      expect(codeOf(await withCookie(token))).toBe('UNAUTHENTICATED');
    expect(codeOf(await withCookie(up.data.stepUp.sessionToken))).toBe('ok');
  });

  it('does not apply to bearer tokens and apps', async () => {
    const user = await due();
    for (let time = 0; time < 3; time++) {
      const answer = await world.ask(NAME, {}, user.token);
      await graceOver();
      expect([codeOf(answer), answer.headers.getSetCookie()]).toEqual(['ok', []]);
    }
    const app = await newcomer(world, ['client']);
    const { accessToken } = await issueTokens(world, app.token);
    await setRoles(app, ['staff']);
    for (let time = 0; time < 3; time++) {
      expect(await company(world, accessToken)).toBe('Acme');
      await graceOver();
    }
  });

  it('applies in the same request: signOut revokes the rotated session', async () => {
    const { token } = await due();
    const answer = await withCookie(token, 'mutation { signOut { revokedSessionId } }');
    expect([codeOf(answer), given(answer)]).toEqual(['ok', '']);
    const former = await rowsOf(world, 'SELECT "sessionId" FROM "RotatedSessionToken" WHERE hash = $1', [
      hashOf(token),
    ]);
    expect(former).toHaveLength(1);
    expect(await rowsOf(world, 'SELECT 1 FROM "Session" WHERE id = $1', [former[0].sessionId])).toEqual([]);
  });

  it('keeps the new token sealed for as long as it has to, and nowhere in the clear; clean-up takes it', async () => {
    const { token } = await due();
    const next = given(await withCookie(token)) as string;
    const [row] = await rowsOf(world, 'SELECT * FROM "RotatedSessionToken" WHERE hash = $1', [hashOf(token)]);
    expect(row.successor).toMatch(/^b1\./);
    const events = JSON.stringify(await eventsOf(world, 'session.rotated'));
    for (const text of [JSON.stringify(row), events, world.logged()])
      for (const secret of [token, next]) expect(text).not.toContain(secret);
    await graceOver();
    expect((await deleteExpired(world.services)).RotatedSessionToken).toBeGreaterThan(0);
    expect(await rowsOf(world, 'SELECT 1 FROM "RotatedSessionToken"')).toEqual([]);
  });

  it('leaves a subscription open that began under the former token', async () => {
    const user = await newcomer(world, ['external_auditor']);
    const client = createClient({ url: world.url, headers: cookie(user.token), retryAttempts: 0 });
    const stream = client.iterate<{ auditEvents: { action: string } }>({
      query:
        'subscription ($after: String) { auditEvents(after: $after, filter: { action: "branch.created" }) { action } }',
      variables: { after: await newestCursor() },
    });
    const [first, branch] = [
      stream.next(),
      (name: string) => mutate(world, 'createBranch', { name }, '{ id }', admin),
    ];
    await branch('Before');
    expect((await first).value?.data?.auditEvents.action).toBe('branch.created');
    await setRoles(user, ['external_auditor', 'client']);
    const next = given(await withCookie(user.token)) as string;
    const second = stream.next();
    await lookUps(3);
    await graceOver();
    expect(codeOf(await withCookie(user.token))).toBe('UNAUTHENTICATED');
    await lookUps(2);
    await branch('After');
    expect((await second).value?.data?.auditEvents.action).toBe('branch.created');
    // and it still ends with the session
    const third = stream.next();
    await withCookie(next, 'mutation { signOut { revokedSessionId } }');
    expect((await third).done).toBe(true);
    client.dispose();
  });

  it('costs an ordinary request nothing: one round trip to know the session', async () => {
    const { token } = await newcomer(world, ['client']);
    const { pool } = world.services;
    const query = pool.query.bind(pool);
    const asked: string[] = [];
    pool.query = (statement: { text: string }) => {
      asked.push(statement.text);
      return query(statement);
    };
    await withCookie(token);
    pool.query = query;
    expect(asked.filter((text) => /authenticate|Session/.test(text))).toEqual([
      'SELECT authenticate_if_changed($1, $2) AS answer',
    ]);
  });
});
