import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openWire, type Wire } from '../../../bench/wire.ts';
import type { Deployment } from '../../../src/cli/doctor/deployment.ts';
import { replicas } from '../../../src/cli/doctor/replicas.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { CHAIN_HEAD } from '../../../src/db/tenant/required-state.ts';
import { figures } from '../../../src/http/metrics/figures.ts';
import {
  as,
  openReplicated,
  type Replicated,
  type ReplicatedServer,
  serveReplicated,
} from '../../support/db/replicated.ts';
import { asked, hasPostgres } from '../../support/db/system-postgres.ts';
import { type Answer, signInAs } from '../../support/server/world.ts';
import { until } from '../../support/until.ts';

const LIST = '{ employees(first: 5) { edges { node { id name jobTitle salary department { name } } } } }';
const KEYS = '{ apiKeys(first: 5) { edges { node { id name } } } }';
/** The last use of a key is no event. */
const USED_KEYS = '{ apiKeys(first: 5) { edges { node { id name lastUsedAt } } } }';
const UPDATE =
  'mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { jobTitle department { name } } } }';

describe.skipIf(!hasPostgres)('with a streaming replica', () => {
  let databases: Replicated;
  let server: ReplicatedServer;
  let wires: { primary: Wire; replica: Wire };

  beforeAll(async () => {
    databases = await openReplicated();
    const [primary, replica] = [as('server', databases.primary), as('server', databases.standby)];
    wires = { primary: await openWire(primary), replica: await openWire(replica) };
    server = await serveReplicated(databases, { app: wires.primary.url, replica: wires.replica.url });
    await until(() => server.replica().leftOut === null);
    // a document is known from the third time on
    const token = await server.signIn('company_admin');
    for (const query of [LIST, KEYS, USED_KEYS])
      for (let time = 0; time < 2; time++) await server.ask(query, {}, token);
  });
  afterAll(async () => {
    await server?.end();
    await wires?.primary.close();
    await wires?.replica.close();
    await databases?.end();
  });
  beforeEach(() => replay('resume'));

  /** Replays, up to what the primary has written, or stops replaying. */
  async function replay(what: 'pause' | 'resume'): Promise<void> {
    await asked(databases.standby, `SELECT pg_wal_replay_${what}()`);
    if (what === 'pause')
      return until(async () => (await standby("SELECT pg_get_wal_replay_pause_state() = 'paused' AS is")).is);
    const [end] = await asked(databases.primary, 'SELECT pg_current_wal_lsn()::text AS lsn');
    await until(async () => (await standby(`SELECT pg_last_wal_replay_lsn() >= '${end?.lsn}' AS is`)).is);
  }
  const standby = async (sql: string) => (await asked(databases.standby, sql))[0] as Record<string, unknown>;

  /** Asks once, and returns the answer with the statements that read this table, by server. */
  async function traced(query: string, token: string, table = 'Employee') {
    await until(() => server.replica().leftOut === null);
    wires.primary.reset();
    wires.replica.reset();
    const answer = await server.ask(query, {}, token);
    expect(answer.errors).toBeUndefined();
    const reads = ({ sent }: Wire) => sent.filter(({ text }) => text.includes(`FROM "${table}"`)).length;
    return { ...answer, primary: reads(wires.primary), replica: reads(wires.replica) };
  }
  /** A session whose identity and documents the server knows. */
  async function session(role: string, company?: 'acme' | 'globex'): Promise<string> {
    const token = await server.signIn(role, company);
    for (const query of [LIST, KEYS, USED_KEYS]) await server.ask(query, {}, token);
    await replay('resume');
    return token;
  }
  async function firstEmployee(token: string): Promise<string> {
    return (await server.ask(LIST, {}, token)).data.employees.edges[0].node.id;
  }
  async function retitle(token: string, jobTitle: string) {
    const employeeId = await firstEmployee(token);
    const answer = await server.ask(UPDATE, { input: { employeeId, jobTitle } }, token);
    expect(answer.errors).toBeUndefined();
    expect(answer.data.updateEmployee.employee.jobTitle).toBe(jobTitle);
  }
  const titleOf = ({ data }: Pick<Answer, 'data'>) => data.employees.edges[0].node.jobTitle;
  const salaryOf = ({ data }: Pick<Answer, 'data'>) => data.employees.edges[0].node.salary;

  test('a query reads its rows from the replica, with the answer that the primary gives [R6]', async () => {
    const token = await session('company_admin');
    const answer = await traced(LIST, token);
    expect(answer).toMatchObject({ primary: 0, replica: 1 });
    const other = await serveReplicated(databases, {
      app: as('server', databases.primary),
      replica: 'postgresql://server@127.0.0.1:1/postgres',
    });
    try {
      expect(answer.data).toEqual((await other.ask(LIST, {}, token)).data);
      expect(other.replica().leftOut).not.toBeNull();
    } finally {
      await other.end();
    }
  });

  test('a mutation reads nothing from the replica, for its answer neither [R6]', async () => {
    const token = await session('company_admin');
    const employeeId = await firstEmployee(token);
    wires.replica.reset();
    const answer = await server.ask(UPDATE, { input: { employeeId, jobTitle: 'Miller' } }, token);
    expect(answer.data.updateEmployee.employee.department.name).toBeTypeOf('string');
    expect(wires.replica.sent.filter(({ text }) => /"(Employee|Department)"/.test(text))).toEqual([]);
    // of two fields, so that it is authenticated first
    wires.primary.reset();
    const two = UPDATE.replace(
      /updateEmployee(.*?) \{ (.*) \} \}$/,
      'a: updateEmployee$1 { $2 } b: updateEmployee$1 { $2 } }',
    );
    const both = await server.ask(two, { input: { employeeId, jobTitle: 'Baker' } }, token);
    expect(both.data.b.employee.jobTitle).toBe('Baker');
    expect(wires.primary.sent.filter(({ text }) => text === CHAIN_HEAD)).toEqual([]);
  });

  test('a table whose changes leave no event is read on the primary [R6]', async () => {
    const token = await session('company_admin');
    expect(await traced(KEYS, token, 'ApiKey')).toMatchObject({ primary: 0, replica: 1 });
    expect(await traced(USED_KEYS, token, 'ApiKey')).toMatchObject({ primary: 1, replica: 0 });
  });

  test('the writer reads the change from the primary while replay is paused, and so does the company; another one the replica [R6]', async () => {
    const [writer, colleague, stranger] = [
      await session('company_admin'),
      await session('hr_admin'),
      await session('company_admin', 'globex'),
    ];
    await replay('pause');
    await retitle(writer, 'Astronaut');
    const own = await traced(LIST, writer);
    expect([titleOf(own), own.primary]).toEqual(['Astronaut', 1]);
    const others = await traced(LIST, colleague);
    expect([titleOf(others), others.primary]).toEqual(['Astronaut', 1]);
    expect(await traced(LIST, stranger)).toMatchObject({ primary: 0, replica: 1 });
    await replay('resume');
    const later = await traced(LIST, writer);
    expect([titleOf(later), later.primary, later.replica]).toEqual(['Astronaut', 0, 1]);
  });

  test('a session that was signed out is refused at once while replay is paused [R6]', async () => {
    const token = await session('company_admin');
    await replay('pause');
    expect(await traced(LIST, token)).toMatchObject({ replica: 1 });
    await server.ask('mutation { signOut { revokedSessionId } }', {}, token);
    const refused = await server.ask(LIST, {}, token);
    expect(refused.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(refused.data?.employees).toBeUndefined();
  });

  const setRoles = (roles: string) =>
    asked(
      databases.primary,
      `SET session_replication_role = replica; UPDATE "Membership" SET roles = '{${roles}}' WHERE email = 'hr_admin@acme.example'`,
    );

  test('a role that was lost while replay is paused grants nothing from then on [R6]', async () => {
    const token = await session('hr_admin');
    await replay('pause');
    const before = await traced(LIST, token);
    expect([before.replica, salaryOf(before)]).toEqual([1, expect.any(String)]);
    const { answered, notReplayed } = { ...server.replica().reads };
    await setRoles('external_auditor');
    const after = await traced(LIST, token);
    await setRoles('hr_admin');
    expect([after.primary, salaryOf(after)]).toEqual([1, null]);
    expect(server.replica().reads).toEqual({ answered, notReplayed: notReplayed + 1, failed: 0 });
  });

  test('a role that was gained by a change without an event is not used on rows from before it [R6]', async () => {
    const token = await session('hr_admin');
    await replay('pause');
    expect(await traced(LIST, token)).toMatchObject({ replica: 1 });
    await setRoles('hr_admin,external_auditor');
    expect(await traced(LIST, token)).toMatchObject({ primary: 1 });
    await replay('resume');
    expect(await traced(LIST, token)).toMatchObject({ primary: 0, replica: 1 });
    await setRoles('hr_admin');
  });

  test('health and metrics show the replica, how far it is behind, and what it has answered [K3]', async () => {
    const platform = await signInAs(server.ask, 'platform@bulwark.example');
    await until(() => server.replica().leftOut === null);
    const { data } = await server.ask(
      '{ systemHealth { replicas { name isUsed reason lagBytes lagSeconds } } }',
      {},
      platform,
    );
    const { host } = new URL(wires.replica.url);
    expect(data.systemHealth.replicas).toEqual([
      {
        name: host,
        isUsed: true,
        reason: null,
        lagBytes: expect.any(Number),
        lagSeconds: expect.any(Number),
      },
    ]);
    const sampleOf = async (name: string, labels: object = {}) => {
      const samples = await figures.find((figure) => figure.name === name)?.read(server.services);
      return samples?.find((sample) =>
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      )?.value;
    };
    expect(await sampleOf('bulwark_replica_used', { replica: host })).toBe(1);
    expect(await sampleOf('bulwark_replica_lag_bytes')).toBeGreaterThanOrEqual(0);
    expect(await sampleOf('bulwark_replica_lag_seconds')).toBeGreaterThanOrEqual(0);
    const { answered, notReplayed, failed } = server.replica().reads;
    expect(answered).toBeGreaterThan(0);
    expect(await sampleOf('bulwark_replica_reads_total', { outcome: 'answered' })).toBe(answered);
    expect(await sampleOf('bulwark_replica_reads_total', { outcome: 'not_replayed' })).toBe(notReplayed);
    expect(await sampleOf('bulwark_replica_reads_total', { outcome: 'failed' })).toBe(failed);
  });

  test.each([
    ['a standby of the primary', () => as('server', databases.standby), 'ok', /in recovery/],
    ['the primary itself', () => as('server', databases.primary), 'finding', /no standby/],
    ['nothing that answers', () => 'postgresql://server@127.0.0.1:1/postgres', 'finding', /does not answer/],
  ])('doctor judges a replica that is %s [K6]', async (_what, url, state, detail) => {
    const config = { ...server.services.config, replicas: { urls: [url()], maxLag: 10_000 } };
    const query = () => queryAs(server.services.pool, { companyId: null, userId: null });
    expect(await replicas({ config, query } as unknown as Deployment)).toEqual({
      state,
      detail: expect.stringMatching(detail),
    });
  });
});
