import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openWire, type Wire } from '../../../bench/wire.ts';
import { closeServices, openServer, openServices } from '../../../src/app.ts';
import { hashToken } from '../../../src/crypto/token.ts';
import type { Services } from '../../../src/services.ts';

import { accept, asker, newcomer, openWorld, rowsOf, type World } from '../../support/server/world.ts';
import { codeOf, company, issueTokens } from '../../support/sign-in/credentials.ts';

let world: World;
/** The server under test, behind a proxy that counts what goes to PostgreSQL. */
let server: { ask: World['ask']; end: () => Promise<void> };
let wire: Wire;
let services: Services;

/** The identity that the server has cached for a token. */
const cached = (token: string) => services.identities.cached(hashToken(token))?.identity ?? null;

beforeAll(async () => {
  world = await openWorld();
  wire = await openWire(world.database.appUrl);
  services = await openServices(
    world.config,
    { app: wire.url, platform: world.database.platformUrl },
    world.services.log,
  );
  const listening = openServer(services);
  const url = `${await listening.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  const end = async () => {
    await listening.close();
    await closeServices(services);
  };
  server = { ask: asker(url), end };
});
afterAll(async () => {
  await server?.end();
  await wire?.close();
  await world?.end();
});

const LIST = '{ employees(first: 20) { edges { node { name email salary } } } }';
const COMPANY = '{ company { name } }';
const list = (token: string) => server.ask(LIST, {}, token);
/** From the second time on it is read ahead. */
async function known(token: string) {
  await list(token);
  await list(token);
  return token;
}
const hidden = (sql: string, values: string[] = []) =>
  rowsOf(
    world,
    `SET session_replication_role = replica; ${values.reduce((text, value, at) => text.replaceAll(`$${at + 1}`, `'${value}'`), sql)}`,
  );
const salariesOf = ({ data }: { data: { employees: { edges: { node: { salary: string | null } }[] } } }) =>
  data.employees.edges.map(({ node }) => node.salary).filter((salary) => salary !== null);

/** A member of both companies, whose session is in the first. */
async function ofBoth() {
  const { email, token } = await newcomer(world, ['company_admin']);
  const invite = 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }';
  const input = { email, name: 'Of both', roles: ['company_admin'] };
  expect(
    (await world.ask(invite, { input }, await world.signIn('company_admin', 'globex'))).errors,
  ).toBeUndefined();
  await accept(world, email);
  const [globex] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
  return { email, token, globex: globex.id as string };
}

describe('a query prefetched before its credential is verified', () => {
  it('takes one round trip with it', async () => {
    const token = await known((await newcomer(world, ['company_admin'])).token);
    // the least of some: the server's own upkeep may share the wire
    const trips: number[] = [];
    for (let request = 0; request < 5; request++) {
      wire.reset();
      expect((await list(token)).errors).toBeUndefined();
      trips.push(wire.traffic.trips);
    }
    expect(Math.min(...trips)).toBe(1);
  });

  it('[A5] is thrown away when the session has ended', async () => {
    const token = await known((await newcomer(world, ['company_admin'])).token);
    await hidden('DELETE FROM "Session" WHERE id = $1', [hashToken(token)]);
    const answer = await list(token);
    expect(codeOf(answer)).toBe('UNAUTHENTICATED');
    expect(answer.data ?? null).toBeNull();
    expect(cached(token)).toBeNull();
  });

  it('[A5] is thrown away when the session has run out', async () => {
    const token = await known((await newcomer(world, ['company_admin'])).token);
    await hidden(`UPDATE "Session" SET "expiresAt" = now() - interval '1 second' WHERE id = $1`, [
      hashToken(token),
    ]);
    expect(codeOf(await list(token))).toBe('UNAUTHENTICATED');
  });

  it('[R6] is thrown away when the member was suspended', async () => {
    const { email, token } = await newcomer(world, ['company_admin']);
    await known(token);
    await hidden(`UPDATE "Membership" SET status = 'suspended' WHERE email = $1`, [email]);
    const answer = await list(token);
    expect(codeOf(answer)).toBe('UNAUTHENTICATED');
    expect(answer.data ?? null).toBeNull();
  });

  it('[R1] is discarded after a role was removed, and executed again', async () => {
    const { email, token } = await newcomer(world, ['company_admin']);
    expect(salariesOf(await list(await known(token))).length).toBeGreaterThan(0);
    await hidden(`UPDATE "Membership" SET roles = '{view_only}' WHERE email = $1`, [email]);
    const answer = await list(token);
    expect(answer.errors).toBeUndefined();
    expect(salariesOf(answer)).toEqual([]);
  });

  it('[R1] is discarded after a role was granted, and executed again', async () => {
    const { email, token } = await newcomer(world, ['view_only']);
    expect(salariesOf(await list(await known(token)))).toEqual([]);
    await hidden(`UPDATE "Membership" SET roles = '{company_admin}' WHERE email = $1`, [email]);
    expect(salariesOf(await list(token)).length).toBeGreaterThan(0);
  });

  it('[T2] is thrown away when the session has gone to another company', async () => {
    const { token, globex } = await ofBoth();
    expect(await company(server, await known(token))).toBe('Acme');
    await hidden('UPDATE "Session" SET "companyId" = $2 WHERE id = $1', [hashToken(token), globex]);
    expect((await server.ask(COMPANY, {}, token)).data.company.name).toBe('Globex');
  });

  it('[T4] is of the company that the request names, of 200 requests in any order', async () => {
    const { token, globex } = await ofBoth();
    await known(token);
    const ask = async (name: string) => {
      const headers = name === 'Globex' ? { 'x-company-id': globex } : undefined;
      return (await server.ask(COMPANY, {}, token, headers)).data.company.name;
    };
    const wanted = Array.from({ length: 200 }, () => (Math.random() < 0.5 ? 'Acme' : 'Globex'));
    const answers: string[] = [];
    for (let at = 0; at < wanted.length; at += 3)
      answers.push(...(await Promise.all(wanted.slice(at, at + 3).map(ask))));
    expect(answers).toEqual(wanted);
  });

  it('[A6] is thrown away when an access token was revoked', async () => {
    const { token } = await newcomer(world, ['company_admin']);
    const { accessToken } = await issueTokens(server, token);
    await known(accessToken);
    expect((await list(accessToken)).errors).toBeUndefined();
    expect(cached(accessToken)).not.toBeNull();
    const { jti, sub } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
    await hidden(
      `INSERT INTO "RevokedToken" (jti, "userId", "expiresAt") VALUES ($1, $2, now() + interval '1 hour')`,
      [jti, sub],
    );
    expect(codeOf(await list(accessToken))).toBe('UNAUTHENTICATED');
  });

  it('[A6] is nothing for an access token that has run out, however often it comes', async () => {
    const { accessToken } = await issueTokens(server, (await newcomer(world, ['company_admin'])).token);
    await known(accessToken);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20 * 60_000 });
    try {
      wire.reset();
      expect([codeOf(await list(accessToken)), codeOf(await list(accessToken))]).toEqual([
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
      ]);
    } finally {
      vi.useRealTimers();
    }
    expect(cached(accessToken)).toBeNull();
    expect(wire.traffic.statements).toBeLessThanOrEqual(2); // the first time; a list is two and the proof one more
  });

  it('is nothing for a session that is due for another token, which is proved as an object of its own', async () => {
    const token = await known((await newcomer(world, ['company_admin'])).token);
    await hidden('UPDATE "Session" SET "rotateDue" = true WHERE id = $1', [hashToken(token)]);
    await list(token);
    wire.reset();
    expect((await list(token)).errors).toBeUndefined();
    expect(wire.traffic.statements).toBe(3);
  });

  it('[R6] counts although others of the company have changed meanwhile', async () => {
    const token = await known((await newcomer(world, ['company_admin'])).token);
    const before = cached(token);
    const { modified } = services.uses.identityVersions.fallbacks;
    await newcomer(world, ['view_only']);
    wire.reset();
    expect((await list(token)).errors).toBeUndefined();
    expect(wire.traffic.trips).toBe(1);
    expect(services.uses.identityVersions.fallbacks.modified).toBe(modified + 1);
    expect(cached(token)).toBe(before);
  });

  it.each(['the first time', 'prefetched'])(
    '[F7] sends a statement that fails only once, %s',
    async (when) => {
      const token = await known((await newcomer(world, ['company_admin'])).token);
      const branches = 'query Branches { branches(first: 20) { edges { node { name } } } }';
      if (when === 'prefetched') expect(codeOf(await server.ask(branches, {}, token))).toBe('ok');
      await rowsOf(world, 'ALTER TABLE "Branch" RENAME TO "Elsewhere"');
      try {
        wire.reset();
        const answer = await server.ask(branches, {}, token);
        expect(codeOf(answer)).toBe('INTERNAL');
        expect(answer.errors?.[0]?.path).toEqual(['branches']);
        expect(wire.traffic.statements).toBe(3); // authentication, and the query with its context
      } finally {
        await rowsOf(world, 'ALTER TABLE "Elsewhere" RENAME TO "Branch"');
      }
    },
  );

  it('[E1] leaves one event of a refusal, not two', async () => {
    const { token } = await newcomer(world, ['view_only']);
    const denied = 'query Denied { members(first: 1) { edges { node { email } } } }';
    const answers = [await server.ask(denied, {}, token), await server.ask(denied, {}, token)];
    expect(answers.map(codeOf)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    for (const { headers } of answers) {
      const events = await rowsOf(
        world,
        `SELECT action FROM audit_event WHERE body::jsonb->>'requestId' = $1`,
        [headers.get('x-request-id')],
      );
      expect(events).toEqual([{ action: 'access.denied' }]);
    }
  });

  it('[H3] is refused beyond the cost limit without reading a row', async () => {
    const token = await known((await newcomer(world, ['company_admin'])).token);
    const query =
      'query ($n: Int!) { employees(first: $n) { edges { node { name department { employees(first: $n) { edges { node { name } } } } } } } }';
    expect(codeOf(await server.ask(query, { n: 1 }, token))).toBe('ok');
    wire.reset();
    expect(codeOf(await server.ask(query, { n: 100 }, token))).toBe('QUERY_TOO_COMPLEX');
    expect(wire.traffic.statements).toBe(1);
  });

  it('reads a cached identity that is frozen', async () => {
    const token = await known((await newcomer(world, ['view_only'])).token);
    const identity = cached(token);
    expect(() => identity?.memberships[0]?.roles.push('company_admin')).toThrow(TypeError);
    expect(() => Object.assign(identity?.session ?? {}, { companyId: null })).toThrow(TypeError);
  });
});
