import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type InfiniteData, InfiniteQueryObserver, MutationObserver } from '@tanstack/query-core';
import { buildSchema, parse, print, validate } from 'graphql';
import { decodeJwt } from 'jose';
import { commitMutation, createOperationDescriptor, fetchQuery, requestSubscription } from 'relay-runtime';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { apolloClient, codeOf as apolloCode } from '../../examples/clients/apollo.ts';
import {
  AuditLogDocument,
  EmployeesDocument,
  type EmployeesQuery,
  SetSalaryDocument,
} from '../../examples/clients/generated/graphql.ts';
import { requestClient, codeOf as requestCode } from '../../examples/clients/graphql-request.ts';
import { auditLog, codeOf as streamCode } from '../../examples/clients/graphql-sse.ts';
import * as relay from '../../examples/clients/relay.ts';
import { Session, type Tokens } from '../../examples/clients/session.ts';
import { employees, queryClient, setSalary } from '../../examples/clients/tanstack-query.ts';
import { urqlClient, codeOf as urqlCode } from '../../examples/clients/urql.ts';
import { signAccessToken } from '../../src/auth/tokens/access-token.ts';
import { openProxy, type TcpProxy } from '../support/db/proxy.ts';
import { openWorld, PASSWORD, rowsOf, type World } from '../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const signedIn = async (role: string) => {
  const session = new Session(world.url);
  await session.signIn(`${role}@acme.example`, PASSWORD);
  return session;
};

/** A session whose access token was issued an hour ago. */
async function expired(role: string): Promise<Session> {
  const { tokens } = await signedIn(role);
  const { jti = '', sid, sub = '', company } = decodeJwt((tokens as Tokens).accessToken);
  const grant = {
    ...{ id: jti, session: String(sid), userId: sub, companyId: String(company) },
    issuedAt: new Date(Date.now() - 3_600_000),
  };
  const accessToken = await signAccessToken(world.services.signingKeys, world.config, grant);
  return new Session(world.url, { ...(tokens as Tokens), accessToken });
}

const raised = (id: string, salary: string) => ({ input: { employeeId: id, salary } });
const idsOf = (data?: EmployeesQuery) => data?.employees.edges.map(({ node }) => node.id) ?? [];

/** The ids of the first four employees, as the server gives them in one page. */
async function firstFour(): Promise<string[]> {
  return idsOf(await requestClient(await signedIn('hr_admin'))(EmployeesDocument, { first: 4 }));
}

/** The cursor behind which exactly the newest event follows. */
async function newest(): Promise<{ after: string; cursor: string }> {
  const answer = await world.ask(
    '{ auditEvents(last: 2) { edges { node { cursor } } } }',
    {},
    await world.signIn('company_admin'),
  );
  const [before, last] = answer.data.auditEvents.edges;
  return { after: before.node.cursor, cursor: last.node.cursor };
}

describe('Apollo Client', () => {
  test('appends the pages of a connection, and shows a mutation’s payload in the cached pages [U11]', async () => {
    const client = apolloClient(await signedIn('hr_admin'));
    const list = client.watchQuery({ query: EmployeesDocument, variables: { first: 2 } });
    const { data } = await list.refetch();
    const after = data?.employees.pageInfo.endCursor ?? null;
    await list.fetchMore({ variables: { after } });
    const pages = () => list.getCurrentResult().data as EmployeesQuery;
    expect(idsOf(pages())).toEqual(await firstFour());
    const [id = ''] = idsOf(pages());
    await client.mutate({ mutation: SetSalaryDocument, variables: raised(id, '4100.25') });
    const cached = client.readQuery({ query: EmployeesDocument, variables: { first: 2 } });
    expect(cached?.employees.edges[0]?.node).toMatchObject({ id, salary: '4100.25' });
    client.stop();
  });

  test('renews expired tokens for parallel operations [U5]', async () => {
    const session = await expired('hr_admin');
    const { refreshToken } = session.tokens as Tokens;
    const client = apolloClient(session);
    const ask = (first: number) => client.query({ query: EmployeesDocument, variables: { first } });
    const [one, two] = await Promise.all([ask(1), ask(2)]);
    expect([one.data?.employees.edges.length, two.data?.employees.edges.length]).toEqual([1, 2]);
    expect(session.tokens?.refreshToken).not.toBe(refreshToken);
    client.stop();
  });

  test('throws a refusal with its code, and UNAUTHENTICATED where the tokens cannot be renewed [U11]', async () => {
    const [id = ''] = await firstFour();
    const set = (session: Session) =>
      apolloClient(session)
        .mutate({ mutation: SetSalaryDocument, variables: raised(id, '1.00') })
        .catch(apolloCode);
    expect(await set(await signedIn('external_auditor'))).toBe('FORBIDDEN');
    const ended = new Session(world.url, { accessToken: 'a.b.c', refreshToken: 'unknown' });
    expect(await set(ended)).toBe('UNAUTHENTICATED');
    expect(ended.tokens).toBeNull();
  });

  test('follows a subscription over server-sent events [U11]', async () => {
    const client = apolloClient(await signedIn('company_admin'));
    const { after, cursor } = await newest();
    const seen = await new Promise((resolve, reject) => {
      const events = client.subscribe({ query: AuditLogDocument, variables: { after } });
      const subscription = events.subscribe({
        next: ({ data, error }) => {
          subscription.unsubscribe();
          resolve(error ?? data?.auditEvents.cursor);
        },
        error: reject,
      });
    });
    expect(seen).toBe(cursor);
    client.stop();
  });
});

describe('urql', () => {
  test('appends the pages of a connection and shows a mutation’s payload, without a warning of graphcache [U11]', async () => {
    const warn = vi.spyOn(console, 'warn');
    const client = urqlClient(await signedIn('hr_admin'));
    const first = await client.query(EmployeesDocument, { first: 2 }).toPromise();
    const after = first.data?.employees.pageInfo.endCursor;
    await client.query(EmployeesDocument, { first: 2, after }).toPromise();
    const cached = () => client.readQuery(EmployeesDocument, { first: 2 })?.data as EmployeesQuery;
    expect(idsOf(cached())).toEqual(await firstFour());
    const [id = ''] = idsOf(cached());
    await client.mutation(SetSalaryDocument, raised(id, '4100.50')).toPromise();
    expect(cached().employees.edges[0]?.node).toMatchObject({ id, salary: '4100.50' });
    await client.query('{ viewer { user { id } secondFactor { isRequired } } }', {}).toPromise();
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test('renews expired tokens and sends the operation again [U5]', async () => {
    const session = await expired('hr_admin');
    const { refreshToken } = session.tokens as Tokens;
    const { data, error } = await urqlClient(session).query(EmployeesDocument, { first: 1 }).toPromise();
    expect(error).toBeUndefined();
    expect(data?.employees.edges).toHaveLength(1);
    expect(session.tokens?.refreshToken).not.toBe(refreshToken);
  });

  test('gives a refusal with its code [U11]', async () => {
    const [id = ''] = await firstFour();
    const client = urqlClient(await signedIn('external_auditor'));
    const { error } = await client.mutation(SetSalaryDocument, raised(id, '1.00')).toPromise();
    expect(urqlCode(error)).toBe('FORBIDDEN');
  });

  test('follows a subscription over server-sent events [U11]', async () => {
    const client = urqlClient(await signedIn('company_admin'));
    const { after, cursor } = await newest();
    const seen = await new Promise((resolve) => {
      const subscription = client.subscription(AuditLogDocument, { after }).subscribe(({ data, error }) => {
        resolve(error ?? data?.auditEvents.cursor);
        queueMicrotask(() => subscription.unsubscribe());
      });
    });
    expect(seen).toBe(cursor);
  });
});

describe('Relay', () => {
  type Employees = {
    employees: {
      edges: { node: { id: string; salary: string | null } }[];
      pageInfo: { endCursor: string };
    };
  };
  const read = (environment: ReturnType<typeof relay.relayEnvironment>) =>
    environment.lookup(createOperationDescriptor(relay.employees, { first: 2 }).fragment)
      .data as unknown as Employees;
  const set = (environment: ReturnType<typeof relay.relayEnvironment>, id: string, salary: string) =>
    new Promise((resolve, reject) =>
      commitMutation(environment, {
        mutation: relay.setSalary,
        variables: raised(id, salary),
        onCompleted: resolve,
        onError: reject,
      }),
    );

  test('appends the pages of a connection, and merges a mutation’s payload by the id [U11]', async () => {
    const environment = relay.relayEnvironment(await signedIn('hr_admin'));
    const page = (variables: object) => fetchQuery(environment, relay.employees, variables).toPromise();
    const ids = await firstFour();
    await page({ first: 2 });
    environment.retain(createOperationDescriptor(relay.employees, { first: 2 }));
    await page({ first: 2, after: read(environment).employees.pageInfo.endCursor });
    expect(read(environment).employees.edges.map(({ node }) => node.id)).toEqual(ids);
    await set(environment, ids[0] ?? '', '4100.75');
    expect(read(environment).employees.edges[0]?.node.salary).toBe('4100.75');
  });

  test('renews expired tokens and sends the operation again [U5]', async () => {
    const session = await expired('hr_admin');
    const { refreshToken } = session.tokens as Tokens;
    const environment = relay.relayEnvironment(session);
    await fetchQuery(environment, relay.employees, { first: 2 }).toPromise();
    expect(read(environment).employees.edges).toHaveLength(2);
    expect(session.tokens?.refreshToken).not.toBe(refreshToken);
  });

  test('throws a refusal with its code [U11]', async () => {
    const [id = ''] = await firstFour();
    const environment = relay.relayEnvironment(await signedIn('external_auditor'));
    await expect(set(environment, id, '1.00')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('follows a subscription over server-sent events [U11]', async () => {
    const environment = relay.relayEnvironment(await signedIn('company_admin'));
    const { after, cursor } = await newest();
    const seen = await new Promise((resolve, reject) => {
      const subscription = requestSubscription(environment, {
        subscription: relay.auditLog,
        variables: { after },
        onNext: (data) => {
          resolve((data as { auditEvents: { cursor: string } }).auditEvents.cursor);
          queueMicrotask(() => subscription.dispose());
        },
        onError: reject,
      });
    });
    expect(seen).toBe(cursor);
  });

  test('documents are those that the committed artifacts were compiled from, and valid for the schema [U11]', () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const source = readFileSync('examples/clients/relay.ts', 'utf8');
    const hashes = [...source.matchAll(/graphql`([^`]*)`/g)].map(([, text = '']) =>
      createHash('md5')
        .update(print(parse(text)).trimEnd())
        .digest('hex'),
    );
    const artifacts = [relay.employees, relay.setSalary, relay.auditLog];
    expect(artifacts.map((artifact) => (artifact as { hash?: string }).hash)).toEqual(hashes);
    for (const { params } of artifacts) expect(validate(schema, parse(params.text as string))).toEqual([]);
  });
});

describe('graphql-request', () => {
  test('renews expired tokens for parallel operations [U5]', async () => {
    const session = await expired('hr_admin');
    const { refreshToken } = session.tokens as Tokens;
    const ask = requestClient(session);
    const pages = await Promise.all([1, 2, 3].map((first) => ask(EmployeesDocument, { first })));
    expect(pages.map((page) => idsOf(page).length)).toEqual([1, 2, 3]);
    expect(session.tokens?.refreshToken).not.toBe(refreshToken);
  });

  test('reads a connection page by page to its end [U11]', async () => {
    const ask = requestClient(await signedIn('hr_admin'));
    const { totalCount } = (await ask(EmployeesDocument, { first: 1 })).employees;
    const ids = new Set<string>();
    for (let after: string | null | undefined = null; after !== undefined; ) {
      const page: EmployeesQuery = await ask(EmployeesDocument, { first: 7, after });
      for (const id of idsOf(page)) ids.add(id);
      const { hasNextPage, endCursor } = page.employees.pageInfo;
      after = hasNextPage ? endCursor : undefined;
    }
    expect(ids.size).toBe(totalCount);
  });

  test('returns the payload of a mutation, and throws a refusal with its code [U11]', async () => {
    const [id = ''] = await firstFour();
    const set = async (role: string) =>
      requestClient(await signedIn(role))(SetSalaryDocument, raised(id, '4101.00'));
    expect(await set('hr_admin')).toEqual({ setEmployeeSalary: { employee: { id, salary: '4101.00' } } });
    expect(await set('external_auditor').catch(requestCode)).toBe('FORBIDDEN');
  });
});

describe('TanStack Query', () => {
  test('reads the pages of a connection, and puts a mutation’s payload into them [U11]', async () => {
    const ask = requestClient(await expired('hr_admin'));
    const cache = queryClient();
    const list = new InfiniteQueryObserver(cache, employees(ask, 2));
    await list.refetch();
    await list.fetchNextPage();
    const pages = () =>
      (cache.getQueryData(['employees', 2]) as InfiniteData<EmployeesQuery>).pages.flatMap(
        ({ employees: { edges } }) => edges.map(({ node }) => node),
      );
    expect(pages().map(({ id }) => id)).toEqual(await firstFour());
    const [{ id = '' } = {}] = pages();
    const mutation = new MutationObserver(cache, setSalary(ask, cache));
    await mutation.mutate({ employeeId: id, salary: '4101.25' });
    expect(pages()[0]).toMatchObject({ id, salary: '4101.25' });
    cache.clear();
  });

  test('does not repeat a query that was refused [U11]', async () => {
    let requests = 0;
    const refused = new Session(world.url, { accessToken: 'a.b.c', refreshToken: 'unknown' });
    const ask = requestClient(refused);
    const cache = queryClient();
    const counted: typeof ask = (document, variables) => {
      requests += 1;
      return ask(document, variables);
    };
    const list = new InfiniteQueryObserver(cache, employees(counted, 2));
    const { error } = await list.refetch();
    expect(requestCode(error)).toBe('UNAUTHENTICATED');
    expect(requests).toBe(1);
    cache.clear();
  });
});

describe('graphql-sse', () => {
  test('follows the audit log with tokens that have expired, from a cursor [U5]', async () => {
    const { after, cursor } = await newest();
    const session = await expired('company_admin');
    for await (const event of auditLog(session, after)) {
      expect(event.cursor).toBe(cursor);
      break;
    }
  });

  test('throws a refusal with its code [U11]', async () => {
    const refused = auditLog(await signedIn('company_member'), '0').next();
    expect(await refused.catch(streamCode)).toBe('FORBIDDEN');
  });

  test('resumes after its last event when the connection is lost: no event is missing or comes twice [U11]', async () => {
    const { tokens } = await signedIn('company_admin');
    const proxy = await openProxy(world.url);
    onTestFinished(proxy.close);
    const { after } = await newest();
    const events = auditLog(new Session(proxy.url, tokens), after);
    const seen = [await cursorOf(events)];
    for (const _ of [1, 2]) {
      proxy.cut();
      await signedIn('company_member'); // an event
      seen.push(await cursorOf(events));
    }
    await events.return(undefined);
    expect(seen).toEqual((await chainAfter(after)).slice(0, seen.length));
  });

  test('throws UNAVAILABLE when no connection can be made [U11]', async () => {
    const closed = await openProxy(world.url);
    closed.close();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const lost = auditLog(new Session(closed.url), '0').next();
    const code = lost.catch(streamCode);
    const timer = setInterval(() => vi.runOnlyPendingTimers());
    onTestFinished(() => {
      clearInterval(timer);
      vi.useRealTimers();
    });
    expect(await code).toBe('UNAVAILABLE');
  });

  const cursorOf = async (events: ReturnType<typeof auditLog>) => (await events.next()).value?.cursor;

  /** The cursors of Acme's events behind this one, as the database holds them. */
  async function chainAfter(after: string): Promise<string[]> {
    const rows = await rowsOf(
      world,
      `SELECT c.pos::text AS cursor FROM audit_event c JOIN "Company" o ON o.id = c.company_id
       WHERE o.name = 'Acme' AND c.pos > $1::bigint ORDER BY c.pos`,
      [after],
    );
    return rows.map(({ cursor }) => cursor);
  }
});

describe('two requests that meet an expired token', () => {
  /** Ids of the employees that a client answers a request for so many with. */
  type Ask = (first: number) => Promise<string[]>;
  const asking: Record<string, (session: Session) => Ask> = {
    'Apollo Client': (session) => {
      const client = apolloClient(session);
      return async (first) =>
        idsOf((await client.query({ query: EmployeesDocument, variables: { first } })).data);
    },
    urql: (session) => {
      const client = urqlClient(session);
      return async (first) => idsOf((await client.query(EmployeesDocument, { first }).toPromise()).data);
    },
    'graphql-request': (session) => {
      const ask = requestClient(session);
      return async (first) => idsOf(await ask(EmployeesDocument, { first }));
    },
  };

  test.each(Object.keys(asking))('renew it once, and both get their answer: %s [U5]', async (name) => {
    const ids = await firstFour();
    const ask = asking[name]?.(await expired('hr_admin')) as Ask;
    const renewals = holdRenewals(2);
    const [one, two] = await Promise.all([ask(1), ask(2)]);
    // graphcache joins the pages of a connection, so the first may hold what the second asked for
    expect([one.slice(0, 1), two]).toEqual([ids.slice(0, 1), ids.slice(0, 2)]);
    expect(renewals()).toBe(1);
  });
});

/**
 * Holds renewals back until so many requests were refused, and counts them; all requests reach the
 * server.
 */
function holdRenewals(refusals: number) {
  const refused = Promise.withResolvers<void>();
  const send = globalThis.fetch;
  let [refusedCount, renewals] = [0, 0];
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (address, request) => {
    const isRenewal = String(request?.body).includes('refreshTokens');
    if (isRenewal) {
      renewals += 1;
      await refused.promise;
    }
    const response = await send(address, request);
    if ((await response.clone().text()).includes('"UNAUTHENTICATED"')) refusedCount += 1;
    if (refusedCount === refusals) refused.resolve();
    return response;
  });
  onTestFinished(() => spy.mockRestore());
  return () => renewals;
}

describe('a lost connection', () => {
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await openProxy(world.url);
  });
  afterAll(() => proxy.close());

  /**
   * Subscribes from a cursor with one event behind it; `seen` gets its cursor, and then what a lost
   * connection gives.
   */
  type Subscribe = (session: Session, after: string, seen: (cursor: string | undefined) => void) => unknown;
  const subscribing: Record<string, Subscribe> = {
    'Apollo Client': (session, after, seen) =>
      apolloClient(session)
        .subscribe({ query: AuditLogDocument, variables: { after } })
        .subscribe({ next: ({ data }) => seen(data?.auditEvents.cursor), error: () => seen(undefined) }),
    urql: (session, after, seen) =>
      urqlClient(session)
        .subscription(AuditLogDocument, { after })
        .subscribe(({ data, error }) => seen(error ? undefined : data?.auditEvents.cursor)),
    Relay: (session, after, seen) =>
      requestSubscription(relay.relayEnvironment(session), {
        subscription: relay.auditLog,
        variables: { after },
        onNext: (data) => seen((data as { auditEvents: { cursor: string } }).auditEvents.cursor),
        onError: () => seen(undefined),
      }),
  };

  test.each(Object.keys(subscribing))(
    'is an error of the subscription, and no event comes twice: %s [U11]',
    async (name) => {
      const { tokens } = await signedIn('company_admin');
      const { after, cursor } = await newest();
      const seen: (string | undefined)[] = [];
      await new Promise<void>((resolve) => {
        subscribing[name]?.(new Session(proxy.url, tokens), after, (got) => {
          seen.push(got);
          if (got) proxy.cut();
          else resolve();
        });
      });
      expect(seen).toEqual([cursor, undefined]);
    },
  );
});
