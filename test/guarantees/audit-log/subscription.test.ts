import { request } from 'node:http';
import { createClient } from 'graphql-sse';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openServer } from '../../../src/app.ts';
import type { EventFacts } from '../../../src/audit/record/body.ts';
import { bodyOf, connectAs, insertEvent } from '../../support/audit-scene.ts';
import { mutationOf, nodesOf } from '../../support/documents.ts';
import {
  follow,
  messagesOf,
  type ServerProcess,
  type Stream,
  type StreamEvent,
  SUBSCRIPTION,
  startServer,
} from '../../support/server/server-process.ts';
import {
  accept,
  newcomer,
  openWorld,
  rowsOf,
  signInAs,
  uuidOf,
  type World,
} from '../../support/server/world.ts';
import { issueTokens, newKey } from '../../support/sign-in/credentials.ts';
import { anyMoment, leaveTime, until } from '../../support/until.ts';

type Company = 'acme' | 'globex';

let world: World;
/** Two servers on one database: writers speak to A, most subscribers to B. */
let a: ServerProcess;
let b: ServerProcess;
let ids: Record<Company, string>;
let admin: string;
let auditor: string;

beforeAll(async () => {
  world = await openWorld();
  [a, b] = await Promise.all([startServer(world), startServer(world)]);
  const companies = await rowsOf(
    world,
    `SELECT id, lower(name) AS name FROM "Company" WHERE name IN ('Acme', 'Globex')`,
  );
  ids = Object.fromEntries(companies.map(({ name, id }) => [name, id])) as typeof ids;
  [admin, auditor] = [await world.signIn('company_admin'), await world.signIn('external_auditor')];
});
afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
  await world.end();
});

/** A change through a server; its answer has no error. */
async function change(server: ServerProcess, mutation: string, input: object, token = admin) {
  const [name = ''] = mutation.split(' ');
  const answer = await server.ask(mutationOf(name, mutation.slice(name.length)), { input }, token);
  expect(answer.errors).toBeUndefined();
  return answer.data[name as string];
}
let branches = 0;
const addBranch = (server: ServerProcess, token = admin) =>
  change(server, 'createBranch { id }', { name: `Branch ${++branches}` }, token);

/** A company's chain as the database's owner sees it: what every subscriber must have got. */
const chainOf = async (company: Company, after = '0'): Promise<StreamEvent[]> =>
  await rowsOf(
    world,
    `SELECT pos::text AS cursor, action, encode(link, 'hex') AS hash, body::jsonb -> 'data' AS data FROM audit_event
       WHERE company_id = $1 AND pos > $2::bigint ORDER BY pos`,
    [ids[company], after],
  );
const headOf = async (company: Company = 'acme') => (await chainOf(company)).at(-1)?.cursor as string;
const brief = (events: StreamEvent[]) => events.map(({ cursor, action, hash }) => ({ cursor, action, hash }));
const reaches = (stream: Stream, cursor: string) =>
  expect.poll(() => stream.events.at(-1)?.cursor).toBe(cursor);
/** Subscribed for sure: an event of now has arrived. */
async function live(stream: Stream): Promise<Stream> {
  const none = stream.events.length;
  await expect.poll(() => addBranch(a).then(() => stream.events.length)).toBeGreaterThan(none);
  return stream;
}

describe('[L7] a subscriber on one server', () => {
  test('gets a replay from its cursor, then events of another server as they happen', async () => {
    const after = await headOf();
    for (let n = 0; n < 3; n++) await addBranch(a);
    const client = createClient({
      url: b.url,
      headers: { authorization: `Bearer ${auditor}` },
      retryAttempts: 0,
    });
    const events = client.iterate<{ auditEvents: StreamEvent }>({
      query: SUBSCRIPTION,
      variables: { after },
    });
    const next = async () => (await events.next()).value?.data?.auditEvents as StreamEvent;
    const got = [await next(), await next(), await next()];
    const waiting = next();
    await addBranch(a);
    got.push(await waiting);
    await events.return?.();
    client.dispose();
    expect(brief(got)).toEqual(brief(await chainOf('acme', after)));
    expect(got.map(({ action }) => action)).toEqual(Array(4).fill('branch.created'));
  });

  test('without a cursor gets only new events; with a filter only matching ones', async () => {
    const fresh = await live(follow(b, auditor));
    const filtered = follow(b, auditor, { after: '0', filter: { action: ['company.created'] } });
    const before = fresh.events[0]?.cursor as string;
    await addBranch(a);
    await reaches(fresh, await headOf());
    expect(brief(fresh.events.slice(1))).toEqual(brief(await chainOf('acme', before)));
    await expect.poll(() => filtered.events.map(({ cursor }) => cursor)).toEqual(['1']);
    await Promise.all([fresh.leave(), filtered.leave()]);
  });
});

test('[L7] nothing is lost and nothing comes twice over 200 reconnects between two servers, while writers commit, roll back, wait and are killed', {
  timeout: 60_000,
}, async () => {
  const doomed = await startServer(world);
  const start = await headOf();
  const steady = follow(b, auditor, { after: start });
  let writing = true;
  const acknowledged: string[] = [];
  const count = { refused: 0, killed: 0, rolledBack: 0, heldAfter: 0 };

  /** Commands through a server, one in five of which fails at a unique key. */
  const throughServer = async (server: ServerProcess, writer: string) => {
    for (let n = 0; writing; n++) {
      const name = n % 5 === 4 ? 'North' : `${writer} ${n}`;
      const answer = await server
        .ask(
          'mutation ($name: String!) { createBranch(input: { name: $name }) { branch { id } } }',
          { name },
          admin,
        )
        .catch(() => null);
      if (answer === null) {
        count.killed += 1;
        return;
      }
      if (answer.errors) count.refused += 1;
      else acknowledged.push(uuidOf(answer.data.createBranch.branch.id));
      await anyMoment(30);
    }
  };
  /** Transactions of their own, one in five of which writes its event and takes it back. */
  const throughSql = async (writer: number) => {
    const db = await connectAs(world.database.appUrl, ids.acme);
    for (let n = 0; writing; n++) {
      const back = n % 5 === 4;
      await db.query('BEGIN');
      await insertEvent(db, ids.acme, { action: 'policy.exported', data: { writer, n, back } });
      await anyMoment(20);
      await db.query(back ? 'ROLLBACK' : 'COMMIT');
      if (back) count.rolledBack += 1;
    }
    await db.end();
  };
  /** Written first, committed many other events later. */
  const heldOpen = async () => {
    const db = await connectAs(world.database.appUrl, ids.acme);
    await db.query('BEGIN');
    await insertEvent(db, ids.acme, { action: 'policy.exported', data: { held: true } });
    count.heldAfter = Number(await headOf());
    await until(() => acknowledged.length > 50 || !writing);
    await db.query('COMMIT');
    await db.end();
  };
  const writers = [
    ...['one', 'two'].map((name) => throughServer(a, name)),
    ...['three', 'four'].map((name) => throughServer(doomed, name)),
    ...[0, 1, 2, 3].map(throughSql),
    heldOpen(),
  ];

  const got: StreamEvent[] = [];
  const delivered = [0, 0];
  const connectOnce = async (index: number, wait: (stream: Stream) => Promise<unknown>) => {
    const stream = follow([a, b][index % 2] as ServerProcess, auditor, {
      after: got.at(-1)?.cursor ?? start,
    });
    await wait(stream);
    await stream.leave();
    expect(stream.errors).toEqual([]);
    got.push(...stream.events);
    if (stream.events.length > 0) (delivered[index % 2] as number) += 1;
  };
  const anyMomentLater = async ({ events }: Stream) => {
    await until(() => events.length > 0);
    await anyMoment(40);
  };
  /** Enough of everything that must not matter has happened. */
  const isStorm = () => Math.min(...delivered) > 40 && count.rolledBack > 40 && acknowledged.length > 250;
  for (let connection = 0; connection < 200 || !isStorm(); connection++) {
    await connectOnce(connection, connection % 4 < 2 ? () => anyMoment(40) : anyMomentLater);
    if (connection === 80) void doomed.kill();
  }
  writing = false;
  await Promise.all(writers);
  const expected = await chainOf('acme', start);
  for (let more = 0; got.at(-1)?.cursor !== expected.at(-1)?.cursor && more < 50; more++)
    await connectOnce(more, anyMomentLater);
  await reaches(steady, expected.at(-1)?.cursor as string);
  await steady.leave();

  expect(brief(got)).toEqual(brief(expected));
  expect(brief(steady.events)).toEqual(brief(expected));
  expect(expected.length).toBeGreaterThan(400);
  expect(Math.min(...delivered)).toBeGreaterThan(40);
  expect(count.refused).toBeGreaterThan(10);
  expect(count.rolledBack).toBeGreaterThan(40);
  expect(count.killed).toBe(2);
  expect(got.filter(({ data }) => data?.back)).toEqual([]);
  const chained = await rowsOf(world, `SELECT entity_id FROM audit_event WHERE entity_id = ANY($1)`, [
    acknowledged,
  ]);
  expect(chained.map(({ entity_id }) => entity_id).sort()).toEqual(acknowledged.sort());
  const held = expected.find(({ data }) => data?.held);
  expect(Number(held?.cursor) - count.heldAfter).toBeGreaterThan(20);
});

describe('[L7][R6] a subscriber is ended when', () => {
  /** Takes the right away through A while B streams. */
  async function ends(token: string, code: string, take: () => Promise<unknown>): Promise<void> {
    const stream = await live(follow(b, token));
    const other = follow(b, auditor);
    await take();
    expect(await stream.ended).toBe('complete');
    expect(stream.errors).toEqual([]);
    await live(other);
    await other.leave();
    const again = follow(a, token);
    expect(await again.ended).toBe('complete');
    expect([again.errors.map(({ extensions }) => extensions.code), again.events]).toEqual([[code], []]);
  }

  test('its session is revoked', async () => {
    const { email, token } = await newcomer(world, ['external_auditor']);
    const second = await signInAs(a.ask, email);
    const { data } = await a.ask('{ sessions { edges { node { id isCurrent } } } }', {}, second);
    const first = nodesOf(data.sessions).find(({ isCurrent }) => !isCurrent);
    await ends(token, 'UNAUTHENTICATED', () => change(a, 'revokeSession', { sessionId: first.id }, second));
  });

  test('it signs out', async () => {
    const { token } = await newcomer(world, ['external_auditor']);
    await ends(token, 'UNAUTHENTICATED', () => a.ask('mutation { signOut { revokedSessionId } }', {}, token));
  });

  test('its session expires', async () => {
    const { email, token } = await newcomer(world, ['external_auditor']);
    await ends(token, 'UNAUTHENTICATED', () =>
      rowsOf(
        world,
        `UPDATE "Session" SET "expiresAt" = now() - interval '1 second' WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
        [email],
      ),
    );
  });

  test('[A6] the session of its access token signs out', async () => {
    const { token } = await newcomer(world, ['external_auditor']);
    const { accessToken } = await issueTokens(a, token);
    await ends(accessToken, 'UNAUTHENTICATED', () =>
      a.ask('mutation { signOut { revokedSessionId } }', {}, accessToken),
    );
  });

  test('[A6] its access token is denied by its id', async () => {
    const { token } = await newcomer(world, ['external_auditor']);
    const { accessToken } = await issueTokens(a, token);
    const { jti, sub } = decodeJwt(accessToken);
    const deny = `INSERT INTO "RevokedToken" (jti, "userId", "expiresAt") VALUES ($1, $2, now() + interval '1 hour')`;
    await ends(accessToken, 'UNAUTHENTICATED', () => rowsOf(world, deny, [jti, sub]));
  });

  test('[A7] its API key is revoked', async () => {
    const { key, id } = await newKey(a, admin, ['external_auditor']);
    await ends(key, 'UNAUTHENTICATED', () => change(a, 'revokeApiKey { id }', { apiKeyId: id }));
  });

  test('[A7] its API key expires', async () => {
    const { key, id } = await newKey(a, admin, ['external_auditor']);
    const expire = `SET session_replication_role = replica; UPDATE "ApiKey" SET "expiresAt" = now() WHERE id = '${uuidOf(id)}'`;
    await ends(key, 'UNAUTHENTICATED', () => rowsOf(world, expire));
  });

  test('[A7] the service account of its API key is disabled', async () => {
    const { key, accountId } = await newKey(a, admin, ['external_auditor']);
    const disable =
      'mutation ($id: ID!) { disableServiceAccount(input: { serviceAccountId: $id }) { serviceAccount { id } } }';
    await ends(key, 'UNAUTHENTICATED', () => a.ask(disable, { id: accountId }, admin));
  });

  test('its role is removed', async () => {
    const { id, token } = await newcomer(world, ['external_auditor']);
    await ends(token, 'FORBIDDEN', () =>
      change(a, 'setMemberRoles { id }', { memberId: id, roles: ['client'] }),
    );
  });

  test('its role is removed while events keep coming', async () => {
    const { id, token } = await newcomer(world, ['external_auditor']);
    const db = await connectAs(world.database.appUrl, ids.acme);
    let busy = true;
    const writing = (async () => {
      for (; busy; await anyMoment(20)) await insertEvent(db, ids.acme, { action: 'policy.exported' });
    })();
    await ends(token, 'FORBIDDEN', () =>
      change(a, 'setMemberRoles { id }', { memberId: id, roles: ['client'] }),
    );
    busy = false;
    await writing;
    await db.end();
  });

  test('it is a member no longer', async () => {
    const { id, token } = await newcomer(world, ['external_auditor']);
    await ends(token, 'UNAUTHENTICATED', () => change(a, 'removeMember', { memberId: id }));
  });

  test('its membership is suspended', async () => {
    const { id, token } = await newcomer(world, ['external_auditor']);
    const suspend = `SET session_replication_role = replica; UPDATE "Membership" SET status = 'suspended' WHERE id = '${uuidOf(id)}'`;
    await ends(token, 'UNAUTHENTICATED', () => rowsOf(world, suspend));
  });

  async function teamOfAuditors(memberId: string): Promise<string> {
    const { data } = await a.ask('{ departments { edges { node { id } } } }', {}, admin);
    const [department] = nodesOf(data.departments);
    const team = { departmentId: department.id, name: crypto.randomUUID(), roles: ['external_auditor'] };
    const {
      team: { id: teamId },
    } = await change(a, 'createTeam { id }', team);
    await change(a, 'addTeamMember { id }', { teamId, memberId });
    return teamId;
  }

  test('the permission is taken from its team', async () => {
    const { id, token } = await newcomer(world, ['client']);
    const teamId = await teamOfAuditors(id);
    await ends(token, 'FORBIDDEN', () => change(a, 'setTeamRoles { id }', { teamId, roles: [] }));
  });

  test('it leaves the team that had the permission', async () => {
    const { id, token } = await newcomer(world, ['client']);
    const teamId = await teamOfAuditors(id);
    await ends(token, 'FORBIDDEN', () => change(a, 'removeTeamMember { id }', { teamId, memberId: id }));
  });

  test('the permission is taken from its own kind of role', async () => {
    const role = {
      name: 'Watcher',
      level: 1,
      accessScope: 'COMPANY',
      permissions: ['company.read', 'audit.read'],
    };
    const {
      role: { id: roleId },
    } = await change(a, 'createRole { id }', { slug: 'watcher', ...role });
    const { token } = await newcomer(world, ['watcher']);
    await ends(token, 'FORBIDDEN', () =>
      change(a, 'updateRole { id }', { roleId, ...role, permissions: ['company.read'] }),
    );
  });
});

describe('[L7] tenant isolation:', () => {
  test('each company’s subscribers get all events of their company and none of another', async () => {
    const streams: Record<Company, Stream> = {
      acme: follow(a, auditor, { after: '0' }),
      globex: follow(a, await world.signIn('external_auditor', 'globex'), { after: '0' }),
    };
    const admins = { acme: admin, globex: await world.signIn('company_admin', 'globex') };
    for (let n = 0; n < 20; n++) await addBranch(b, n % 2 ? admins.acme : admins.globex);
    for (const company of ['acme', 'globex'] as const) {
      const chain = await chainOf(company);
      await reaches(streams[company], chain.at(-1)?.cursor as string);
      expect(brief(streams[company].events)).toEqual(brief(chain));
      await streams[company].leave();
    }
  });

  test('x-company-id names another of one’s companies, and only of one’s own', async () => {
    const foreign = follow(b, auditor, { after: '0' }, { 'x-company-id': ids.globex });
    expect([await foreign.ended, foreign.events]).toEqual(['complete', []]);
    expect(foreign.errors.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND']);

    const both = await newcomer(world, ['external_auditor']);
    const globexAdmin = await world.signIn('company_admin', 'globex');
    await change(
      a,
      'inviteMember { id }',
      { email: both.email, name: 'Both', roles: ['external_auditor'] },
      globexAdmin,
    );
    await accept(world, both.email);
    // the first request there appends an event to that company's audit log
    await b.ask('{ company { id } }', {}, both.token, { 'x-company-id': ids.globex });
    const own = follow(b, both.token, { after: '0' }, { 'x-company-id': ids.globex });
    const chain = await chainOf('globex');
    await reaches(own, chain.at(-1)?.cursor as string);
    expect(brief(own.events)).toEqual(brief(chain));
    await own.leave();
  });
});

describe('[L7] a subscription is refused, with one coded error and no event,', () => {
  const refusals: Record<string, [() => Promise<string | undefined>, string | undefined, string]> = {
    'to a caller without a credential': [async () => undefined, '0', 'UNAUTHENTICATED'],
    'to a forged token': [async () => 'x'.repeat(43), '0', 'UNAUTHENTICATED'],
    'to who may not read the record': [() => world.signIn('hr_admin'), '0', 'FORBIDDEN'],
    'after a cursor that is no number': [async () => auditor, 'x', 'INVALID_INPUT'],
    'after a negative cursor': [async () => auditor, '-1', 'INVALID_INPUT'],
    'after an empty cursor': [async () => auditor, '', 'INVALID_INPUT'],
    'after a cursor beyond the audit log': [async () => auditor, '999999999', 'INVALID_INPUT'],
    'after a cursor beyond every record': [async () => auditor, '9'.repeat(40), 'INVALID_INPUT'],
    'after an SQL injection': [async () => auditor, "0' OR '1'='1", 'INVALID_INPUT'],
  };
  test.each(Object.keys(refusals))('%s', async (name) => {
    const [token, after, code] = refusals[name] as (typeof refusals)[string];
    const stream = follow(b, await token(), { after: after as string });
    expect(await stream.ended).toBe('complete');
    expect([stream.errors.map(({ extensions }) => extensions.code), stream.events]).toEqual([[code], []]);
  });

  test('[L2] and a denial is audited', async () => {
    const after = await headOf();
    await follow(b, await world.signIn('company_member'), { after: '0' }).ended;
    const denied = (await chainOf('acme', after)).filter(({ action }) => action === 'access.denied');
    expect(denied.map(({ data }) => data)).toEqual([{ fields: [expect.stringContaining('auditEvents')] }]);
  });
});

describe('[L7] a slow reader', () => {
  const [COUNT, SIZE] = [4_000, 8_000];

  /** Reads nothing until `resume`: then gives how many events came, in order. */
  async function paused(server: { url: string }, token: string, after: string) {
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    };
    const sent = request(server.url, { method: 'POST', headers });
    sent.end(JSON.stringify({ query: SUBSCRIPTION, variables: { after } }));
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
      sent.once('response', resolve).once('error', reject),
    );
    response.pause();
    const cursors = async (upTo: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const { data } of messagesOf(response.setEncoding('utf8'))) {
        found.push(JSON.parse(data).data.auditEvents.cursor);
        if (found.at(-1) === upTo) break;
      }
      return found;
    };
    return { cursors, response };
  }

  test('costs the server no memory, because no more is read than is sent, and loses nothing', async () => {
    const token = await world.signIn('external_auditor', 'globex');
    const after = await headOf('globex');
    const filler: EventFacts = { action: 'policy.exported', data: { filler: 'x'.repeat(SIZE) } };
    const db = await connectAs(world.database.appUrl, ids.globex);
    await db.query('INSERT INTO audit_pending (company_id, body) SELECT $1, $2 FROM generate_series(1, $3)', [
      ids.globex,
      bodyOf(filler),
      COUNT,
    ]);
    await db.end();

    const counted = vi.spyOn(world.services.pool, 'query');
    const readSoFar = async () => {
      const results = (await Promise.all(counted.mock.results.map(({ value }) => value))) as {
        rows: object[];
      }[];
      return results.flatMap(({ rows }) => rows).filter((row) => 'atMicroseconds' in row).length;
    };
    const reader = await paused(world, token, after);
    let read = 0;
    for (let before = -1; read === 0 || read > before; read = await readSoFar()) {
      before = read;
      await leaveTime(700);
    }
    expect(read).toBeLessThan(COUNT / 2);

    const expected = Array.from({ length: COUNT }, (_, index) => String(BigInt(after) + BigInt(index) + 1n));
    expect(await reader.cursors(expected.at(-1) as string)).toEqual(expected);
    expect(await readSoFar()).toBe(COUNT);
    counted.mockRestore();
    reader.response.destroy();
  });

  test('does not keep the server from stopping', async () => {
    const after = String(BigInt(await headOf('globex')) - BigInt(COUNT));
    const server = openServer(world.services);
    const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
    const reader = await paused({ url }, await world.signIn('external_auditor', 'globex'), after);
    await server.close();
    reader.response.on('error', () => {}).destroy();
  });
});

describe('[L7] a server that stops', () => {
  test('ends its streams and exits; clients continue on another server from their cursors', async () => {
    const c = await startServer(world);
    const after = await headOf();
    const streams = [follow(c, auditor, { after }), follow(c, auditor, { after })] as const;
    for (let n = 0; n < 10; n++) await addBranch(a);
    for (const stream of streams) await reaches(stream, await headOf());
    const { code } = await c.stop();
    expect(code).toBe(0);
    for (const stream of streams) {
      expect(await stream.ended).not.toBe('left');
      expect(stream.errors).toEqual([]);
    }
    await addBranch(a);
    const [{ events }] = streams;
    const next = follow(b, auditor, { after: events.at(-1)?.cursor as string });
    await reaches(next, await headOf());
    expect(brief([...events, ...next.events])).toEqual(brief(await chainOf('acme', after)));
    await next.leave();
  });
});
