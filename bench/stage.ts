import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Client, connect } from '../examples/client/client.ts';
import {
  CreateEmployeeDocument,
  DepartmentsDocument,
  EmployeesDocument,
  SetSalaryDocument,
  SignInDocument,
} from '../examples/client/generated/graphql.ts';
import { closeServices, openServices } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { bootstrap, type Connections, developmentSecrets } from '../src/db/bootstrap.ts';
import { makeDemo } from '../src/domain/demo.ts';
import { createLog } from '../src/edge/log.ts';
import { answering, generateBare, printedUrl, start, stopped } from './process.ts';

export const EMPLOYEES = 50;

/** The list that is measured: pages of 50 with department and salary. */
export const LIST =
  'query Pay { employees(first: 50) { edges { node { id name department { id name } salary } } } }';

/** A server under test: where it answers, with which headers, and the process whose time is measured. */
export type Contender = { url: string; headers: Record<string, string>; process: ChildProcess };
export type Stage = { guarded: Contender; bare: Contender; postgres: string; clear: () => Promise<void> };

/** One PostgreSQL with its own defaults (fsync on), the same 50 people in it twice, and a server over each. */
export async function setStage(flags: string[]): Promise<Stage> {
  generateBare();
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-bench-'));
  const { postgres, connections } = await bootstrap(folder, 'prisma/migrations');
  const servers: ChildProcess[] = [];
  const clear = async () => {
    await Promise.all(servers.map(stopped));
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const environment = await production(folder, connections);
    const guarded = await guardedServer(environment, flags, servers);
    await copyPlain(connections.owner, await listed(guarded));
    const plain = start(['bench/bare/server.ts', connections.owner], {});
    servers.push(plain);
    const bare = { url: await printedUrl(plain), headers: {}, process: plain };
    return { guarded, bare, postgres: await versionOf(connections.owner), clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

type Environment = Record<string, string>;

async function production(folder: string, { app, platform }: Connections): Promise<Environment> {
  return {
    APP_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(40_000 + (process.pid % 20_000)),
    DATABASE_URL: app,
    PLATFORM_DATABASE_URL: platform,
    MASTER_KEYS: (await developmentSecrets(folder)).masterKeys,
    PUBLIC_URL: 'http://127.0.0.1',
    DATA_DIR: folder,
  };
}

async function guardedServer(
  environment: Environment,
  flags: string[],
  servers: ChildProcess[],
): Promise<Contender> {
  const password = crypto.randomUUID();
  await foundDemo(environment, password);
  const server = start([...flags, 'src/main.ts'], environment);
  servers.push(server);
  const url = `http://127.0.0.1:${environment.PORT}/graphql`;
  await answering(server, new URL('/health/ready', url).href);
  const input = { email: 'hr_admin@acme.example', password };
  const { sessionToken } = (await connect(url).ask(SignInDocument, { input })).signIn;
  await hire(connect(url, { token: sessionToken }));
  return { url, headers: { authorization: `Bearer ${sessionToken}` }, process: server };
}

async function foundDemo(environment: Environment, password: string): Promise<void> {
  const config = readConfig(environment);
  const log = createLog({ ...config, logLevel: 'silent' });
  const services = await openServices(config, { app: environment.DATABASE_URL ?? '', platform: null }, log);
  await makeDemo(services, password).finally(() => closeServices(services));
}

/** The demo's company, filled up to 50 through the API. */
async function hire(hr: Client): Promise<void> {
  const [department] = (await hr.ask(DepartmentsDocument, {})).departments;
  if (!department) throw new Error('bench: the demo has no department');
  const place = { departmentId: department.id, branchId: department.branch.id, startedOn: '2026-01-01' };
  const { totalCount } = (await hr.ask(EmployeesDocument, { first: 1 })).employees;
  for (let index = totalCount; index < EMPLOYEES; index++) {
    const input = { ...place, name: `Worker ${index}`, email: `worker-${index}@acme.example` };
    const { id } = (await hr.ask(CreateEmployeeDocument, { input })).createEmployee;
    await hr.ask(SetSalaryDocument, { input: { employeeId: id, salary: `${3000 + index}.25` } });
  }
}

type Row = { id: string; name: string; department: { id: string; name: string }; salary: string };

/** The list as a server answers it now. */
export async function listed({ url, headers }: Pick<Contender, 'url' | 'headers'>): Promise<Row[]> {
  const body = JSON.stringify({ query: LIST });
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  });
  const { data, errors } = (await response.json()) as {
    data: { employees: { edges: { node: Row }[] } };
    errors?: object;
  };
  if (errors) throw new Error(`bench: ${url} answers ${JSON.stringify(errors)}`);
  return data.employees.edges.map(({ node }) => node);
}

async function copyPlain(url: string, rows: Row[]): Promise<void> {
  const uuid = (id: string) => Buffer.from(id, 'base64').toString().split(':')[1];
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await db.query(`CREATE TABLE bare_department (id uuid PRIMARY KEY, name text NOT NULL);
      CREATE TABLE bare_employee (id uuid PRIMARY KEY, name text NOT NULL, salary text,
        "departmentId" uuid NOT NULL REFERENCES bare_department);
      CREATE INDEX ON bare_employee ("departmentId")`);
    for (const { id, name, salary, department } of rows) {
      const at = uuid(department.id);
      await db.query('INSERT INTO bare_department VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        at,
        department.name,
      ]);
      await db.query('INSERT INTO bare_employee VALUES ($1, $2, $3, $4)', [uuid(id), name, salary, at]);
    }
    await db.query('ANALYZE');
  } finally {
    await db.end();
  }
}

async function versionOf(url: string): Promise<string> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  return db
    .query('SHOW server_version')
    .then(({ rows }) => rows[0].server_version)
    .finally(() => db.end());
}
