import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealSecret } from '../../../src/auth/secrets/sealed-secret.ts';
import { transactionAs } from '../../../src/db/sql.ts';
import { lockWaits } from '../../support/db/lock-waits.ts';
import { nodesOf } from '../../support/documents.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import {
  type Answer,
  accept,
  globalId,
  newcomer,
  openWorld,
  PASSWORD,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';
import {
  change,
  codeOf,
  company,
  eventsOf,
  issueTokens,
  refresh,
  secondInstance,
  type Tokens,
} from '../../support/sign-in/credentials.ts';

let world: World;
let second: Awaited<ReturnType<typeof secondInstance>>;
beforeAll(async () => {
  world = await openWorld();
  second = await secondInstance(world);
});
afterAll(async () => {
  await second?.end();
  await world?.end();
});

/** A new user who goes on by tokens. */
async function withTokens(roles = ['staff']) {
  const user = await newcomer(world, roles);
  return { ...user, tokens: await issueTokens(world, user.token) };
}
const given = (answer: Answer): Tokens => {
  expect(answer.errors).toBeUndefined();
  return answer.data.refreshTokens;
};
const sessionOf = ({ accessToken }: Pick<Tokens, 'accessToken'>) => decodeJwt(accessToken).sid as string;
const sessionsOf = (email: string) =>
  rowsOf(world, 'SELECT s.* FROM "Session" s JOIN "User" p ON p.id = s."userId" WHERE p.email = $1', [email]);
/** As if `seconds` had passed since refresh tokens of this session were used. */
const later = (session: string, seconds: number) =>
  rowsOf(
    world,
    `UPDATE "RefreshToken" SET "usedAt" = "usedAt" - $2 * interval '1 second' WHERE "sessionId" = $1`,
    [session, seconds],
  );

describe('[A6] issueTokens', () => {
  it('returns an access token for 15 minutes and a refresh token for 7 days, with user, company and audience', async () => {
    const { email, tokens } = await withTokens();
    expect(tokens.expiresIn).toBe(900);
    const days = (Date.parse(tokens.refreshTokenExpiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThan(7.01);
    expect(decodeProtectedHeader(tokens.accessToken)).toEqual({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: expect.stringMatching(/^[\w-]{43}$/),
    });
    const [row] = await rowsOf(
      world,
      `SELECT p.id AS user, c.id AS company FROM "User" p, "Company" c WHERE p.email = $1 AND c.name = 'Acme'`,
      [email],
    );
    const claims = decodeJwt(tokens.accessToken);
    expect(claims).toEqual({
      iss: 'http://127.0.0.1',
      aud: 'http://127.0.0.1/graphql',
      sub: row.user,
      company: row.company,
      sid: expect.stringMatching(/^[0-9a-f]{64}$/),
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: (claims.iat as number) + 900,
    });
    expect(await company(world, tokens.accessToken)).toBe('Acme');
    expect(await company(second, tokens.accessToken)).toBe('Acme');
  });

  it('revokes the session token and the cookie', async () => {
    const { token } = await newcomer(world, ['staff']);
    const answer = await world.ask('mutation { issueTokens { accessToken } }', {}, token);
    expect(answer.headers.get('set-cookie')).toContain('Max-Age=0');
    expect(await company(world, token)).toBe('UNAUTHENTICATED');
    expect(await company(world, answer.data.issueTokens.accessToken)).toBe('Acme');
  });

  it('issued again voids the previous refresh token', async () => {
    const { tokens } = await withTokens();
    const again = await issueTokens(world, tokens.accessToken);
    expect(codeOf(await refresh(world, tokens.refreshToken))).toBe('UNAUTHENTICATED');
    expect(await company(world, tokens.accessToken)).toBe('UNAUTHENTICATED');
    expect(await company(world, given(await refresh(world, again.refreshToken)).accessToken)).toBe('Acme');
  });

  it('keeps a shorter idle limit that the session has', async () => {
    const { email, token } = await newcomer(world, ['staff']);
    const [session] = await sessionsOf(email);
    await rowsOf(world, 'UPDATE "Session" SET "idleSeconds" = 3600 WHERE id = $1', [session.id]);
    const { refreshTokenExpiresAt } = await issueTokens(world, token);
    expect(Date.parse(refreshTokenExpiresAt) - Date.now()).toBeLessThan(3_601_000);
  });

  it('keeps its seven days when the user’s roles or the company’s policy change, unless those allow less', async () => {
    const { id, tokens } = await withTokens();
    const days = async () => {
      const [{ left }] = await rowsOf(
        world,
        `SELECT extract(epoch FROM "expiresAt" - now()) / 86400 AS left FROM "Session" WHERE id = $1`,
        [sessionOf(tokens)],
      );
      return Math.round(Number(left) * 10) / 10;
    };
    const admin = await world.signIn('company_admin');
    await change(world, 'setMemberRoles', { memberId: id, roles: ['staff', 'client'] }, admin, '{ id }');
    await change(world, 'setSignInPolicy', { trustedDeviceDays: 13 }, admin, '{ trustedDeviceDays }');
    expect(await days()).toBe(7);
    await change(world, 'setMemberRoles', { memberId: id, roles: ['admin'] }, admin, '{ id }');
    expect(await days()).toBe(0.5);
  });

  it('stores hashes and ciphertext only, and leaves an event', async () => {
    const { tokens } = await withTokens();
    const next = given(await refresh(world, tokens.refreshToken));
    const stored = JSON.stringify(await rowsOf(world, 'SELECT * FROM "RefreshToken"'));
    for (const token of [tokens.refreshToken, next.refreshToken, next.accessToken])
      expect(stored).not.toContain(token);
    const issued = await eventsOf(world, 'token.issued');
    expect(issued.at(-1)).toMatchObject({
      company: 'Acme',
      body: { actor: { kind: 'user', roles: ['staff'] } },
    });
  });
});

describe('[A6] refreshTokens', () => {
  it('exchanges a refresh token for the next pair; the access token of before stays good until it expires', async () => {
    const { tokens } = await withTokens();
    const next = given(await refresh(world, tokens.refreshToken));
    expect(next.refreshToken).not.toBe(tokens.refreshToken);
    for (const { accessToken } of [tokens, next]) expect(await company(world, accessToken)).toBe('Acme');
    const third = given(await refresh(second, next.refreshToken));
    expect(await company(world, third.accessToken)).toBe('Acme');
  });

  it('100 concurrent requests over two instances get one successor', async () => {
    const { email, tokens } = await withTokens();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => refresh(index % 2 ? world : second, tokens.refreshToken)),
    );
    const pairs = answers.map(given);
    expect(new Set(pairs.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(new Set(pairs.map(({ accessToken }) => accessToken)).size).toBe(1);
    const [{ refreshToken, accessToken }] = pairs as [Tokens];
    expect(await company(world, accessToken)).toBe('Acme');
    expect(codeOf(await refresh(world, refreshToken))).toBe('ok');
    expect(await sessionsOf(email)).toHaveLength(1);
    expect(await eventsOf(world, 'token.reused')).toEqual([]);
  });

  it('waits for an uncommitted exchange, and returns its successor', async () => {
    const { tokens } = await withTokens();
    const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
    const [row] = await rowsOf(world, 'SELECT id, "userId" FROM "RefreshToken" WHERE hash = $1', [
      hashOf(tokens.refreshToken),
    ]);
    const next = `bwr_${randomBytes(32).toString('base64url')}`;
    const sealed = await sealSecret(world.services.keyring, 'successor', row.id, next);
    const tenant = { companyId: null, userId: row.userId };
    const other = await transactionAs(world.services.pool, tenant, async (query) => {
      const given = [hashOf(tokens.refreshToken), randomUUID(), hashOf(next), sealed];
      await query('SELECT outcome FROM exchange_refresh_token($1, $2, $3, $4, 10, 604800)', given);
      const answer = refresh(second, tokens.refreshToken);
      await lockWaits(world, 1);
      return { answer };
    });
    expect(given(await other.answer).refreshToken).toBe(next);
    const rows = await rowsOf(world, 'SELECT 1 FROM "RefreshToken" WHERE "sessionId" = $1', [
      sessionOf(tokens),
    ]);
    expect(rows).toHaveLength(2);
  });

  it('within the grace gives the newest of the family, though others have gone on meanwhile', async () => {
    const { tokens } = await withTokens();
    const one = given(await refresh(world, tokens.refreshToken));
    const two = given(await refresh(world, one.refreshToken));
    expect(given(await refresh(world, tokens.refreshToken))).toEqual(two);
    expect(given(await refresh(second, one.refreshToken))).toEqual(two);
  });

  it('after the grace period is a replay: the session and its access tokens are revoked, audited and mailed', async () => {
    const { email, tokens } = await withTokens();
    const sent = mailsOf(email);
    const next = given(await refresh(world, tokens.refreshToken));
    await later(sessionOf(tokens), 11);
    const [replay] = await Promise.all(Array.from({ length: 20 }, () => refresh(world, tokens.refreshToken)));
    expect(codeOf(replay as Answer)).toBe('UNAUTHENTICATED');
    expect(codeOf(await refresh(world, next.refreshToken))).toBe('UNAUTHENTICATED');
    for (const { accessToken } of [tokens, next])
      for (const server of [world, second])
        expect(await company(server, accessToken)).toBe('UNAUTHENTICATED');
    expect(await sessionsOf(email)).toEqual([]);
    const events = (await eventsOf(world, 'token.reused')).filter(
      ({ body }) => body.data.session === sessionOf(tokens).slice(0, 12),
    );
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      company: 'Acme',
      body: { severity: 'CRITICAL', actor: { kind: 'anonymous' } },
    });
    expect(sent.map(({ subject }) => subject)).toEqual(['One of your sessions was revoked']);
  });

  it('just before the end of the grace period is not a replay', async () => {
    const { tokens } = await withTokens();
    const next = given(await refresh(world, tokens.refreshToken));
    await later(sessionOf(tokens), 8);
    expect(given(await refresh(world, tokens.refreshToken))).toEqual(next);
  });

  it('has one answer for malformed, unknown, expired and revoked tokens, and for former members', async () => {
    const expired = await withTokens();
    await rowsOf(world, `UPDATE "RefreshToken" SET "expiresAt" = now() WHERE "sessionId" = $1`, [
      sessionOf(expired.tokens),
    ]);
    const out = await withTokens();
    await world.ask('mutation { signOut { revokedSessionId } }', {}, out.tokens.accessToken);
    const removed = await withTokens();
    await rowsOf(
      world,
      `SET session_replication_role = replica; UPDATE "Membership" SET status = 'suspended' WHERE email = '${removed.email}'`,
    );
    const { token: sessionToken } = await newcomer(world, ['staff']);
    const tried = [
      ...['', 'x', `bwr_${'a'.repeat(43)}`, `bwr_${'a'.repeat(42)}'`, sessionToken],
      ...[expired, out, removed].map(({ tokens }) => tokens.refreshToken),
      out.tokens.accessToken.slice(0, 150),
    ];
    const answers = await Promise.all(tried.map((token) => refresh(world, token)));
    expect(answers.map(codeOf)).toEqual(tried.map(() => 'UNAUTHENTICATED'));
    expect(new Set(answers.map(({ errors }) => errors?.[0]?.message)).size).toBe(1);
  });

  it('works after the session token rotated, as by switchCompany', async () => {
    const { email, tokens } = await withTokens(['client']);
    const invite = { email, name: 'Both', roles: ['client'] };
    await world.ask(
      'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
      { input: invite },
      await world.signIn('company_admin', 'globex'),
    );
    await accept(world, email);
    const [globex] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
    const switched = await world.ask(
      'mutation ($input: SwitchCompanyInput!) { switchCompany(input: $input) { sessionToken } }',
      { input: { companyId: globalId('Company', globex.id) } },
      tokens.accessToken,
    );
    expect(switched.errors).toBeUndefined();
    expect(await company(world, tokens.accessToken)).toBe('UNAUTHENTICATED');
    const next = given(await refresh(world, tokens.refreshToken));
    expect(await company(world, next.accessToken)).toBe('Globex');
  });
});

type Mail = { to: string; subject: string };
/** What is handed to the mailer for this address from now on. */
function mailsOf(email: string): Mail[] {
  const found: Mail[] = [];
  const { send } = world.services.mailer;
  world.services.mailer.canSend = () => true;
  world.services.mailer.send = (message) => {
    if (message.to === email) found.push(message as unknown as Mail);
    send(message);
  };
  return found;
}

describe('[A6] access tokens are rejected at once on every instance when', () => {
  const revoked = () =>
    rowsOf(world, 'SELECT jti FROM "RevokedToken"').then((rows) => rows.map(({ jti }) => jti));

  async function ends(
    take: (user: Awaited<ReturnType<typeof withTokens>>) => Promise<unknown>,
    denied = true,
  ) {
    const user = await withTokens();
    const next = given(await refresh(world, user.tokens.refreshToken));
    const both = [user.tokens, next];
    for (const { accessToken } of both) expect(await company(second, accessToken)).toBe('Acme');
    await take({ ...user, tokens: next });
    for (const { accessToken } of both)
      for (const server of [world, second])
        expect(await company(server, accessToken)).toBe('UNAUTHENTICATED');
    expect(codeOf(await refresh(second, next.refreshToken))).toBe('UNAUTHENTICATED');
    if (!denied) return;
    const ids = both.map(({ accessToken }) => decodeJwt(accessToken).jti);
    expect(await revoked()).toEqual(expect.arrayContaining(ids));
  }

  it('their session signs out', () =>
    ends(({ tokens }) => world.ask('mutation { signOut { revokedSessionId } }', {}, tokens.accessToken)));

  it('their session is revoked from another one', () =>
    ends(async ({ email }) => {
      const other = await signInAs(world.ask, email);
      const { data } = await world.ask('{ sessions { edges { node { id isCurrent } } } }', {}, other);
      const { id } = nodesOf(data.sessions).find(({ isCurrent }) => !isCurrent);
      await world.ask(
        `mutation { revokeSession(input: { sessionId: "${id}" }) { revokedSessionId } }`,
        {},
        other,
      );
    }));

  it('their user is suspended', () =>
    ends(async ({ id }) => {
      const suspend = `mutation { suspendMember(input: { memberId: "${id}" }) { member { id } } }`;
      expect(codeOf(await world.ask(suspend, {}, await world.signIn('company_admin')))).toBe('ok');
    }));

  it('their password is changed on another device', () =>
    ends(async ({ email }) => {
      const other = await signInAs(world.ask, email);
      const input = { currentPassword: PASSWORD, newPassword: 'Paper-lantern-on-the-roof-7' };
      const document =
        'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }';
      expect(codeOf(await world.ask(document, { input }, other))).toBe('ok');
    }));

  it('their user is a member no longer', () =>
    ends(async ({ id }) => {
      await world.ask(
        `mutation { removeMember(input: { memberId: "${id}" }) { deletedMemberId } }`,
        {},
        await world.signIn('company_admin'),
      );
    }, false));

  it('one of them is denied by its id, while the others go on', async () => {
    const { tokens } = await withTokens();
    const next = given(await refresh(world, tokens.refreshToken));
    const { jti, sub } = decodeJwt(tokens.accessToken);
    await rowsOf(
      world,
      `INSERT INTO "RevokedToken" (jti, "userId", "expiresAt") VALUES ($1, $2, now() + interval '1 hour')`,
      [jti, sub],
    );
    expect(await company(world, tokens.accessToken)).toBe('UNAUTHENTICATED');
    expect(await company(world, next.accessToken)).toBe('Acme');
  });

  it('deleting a user deletes all sessions and tokens', async () => {
    const { email, tokens } = await withTokens();
    await asOwner(world.database.ownerUrl, async (db) => {
      await db.query('SET session_replication_role = replica');
      await db.query('DELETE FROM "Membership" WHERE email = $1', [email]);
      await db.query('SET session_replication_role = origin');
      await db.query('DELETE FROM "User" WHERE email = $1', [email]);
    });
    expect(await company(world, tokens.accessToken)).toBe('UNAUTHENTICATED');
    expect(
      await rowsOf(world, 'SELECT 1 FROM "RefreshToken" WHERE "sessionId" = $1', [sessionOf(tokens)]),
    ).toEqual([]);
  });
});

it('[A6] a request with an access token is authenticated in one round trip', async () => {
  const { tokens } = await withTokens();
  const asked: string[] = [];
  const { pool } = world.services;
  const query = pool.query.bind(pool);
  pool.query = (statement: { text: string }) => {
    asked.push(statement.text);
    return query(statement);
  };
  await company(world, tokens.accessToken);
  await company(world, tokens.accessToken);
  pool.query = query;
  expect(asked.filter((text) => text.includes('authenticate'))).toHaveLength(2);
  expect(asked.filter((text) => /SigningKey|RefreshToken|RevokedToken/.test(text))).toEqual([]);
});
