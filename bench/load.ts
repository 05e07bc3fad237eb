import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { cpuOf } from './process.ts';
import type { Job, Shots } from './shoot.ts';
import type { Contender, Stage } from './stage.ts';
import { type Dialect, type Operation, operations, type Step, type Subject } from './work.ts';

/**
 * One round against one server. Latencies in ms of an operation; CPU in ms an operation, of the
 * server and of PostgreSQL.
 */
export type Round = {
  perSecond: number;
  p50: number;
  p99: number;
  cpuMs: number | null;
  postgresMs: number | null;
  operations: number;
  wrong: number;
  example?: string;
};

let jobs = 0;

/** Load from a process of its own for `seconds`; every answer is checked. */
export async function loadFor(
  stage: Stage,
  server: Contender,
  letter: string,
  connections: number,
  seconds: number,
): Promise<Round> {
  const { subjects, postgres } = server.own ?? stage;
  const { hostname: host, port, pathname: path } = new URL(server.url);
  const callers = subjects.map((subject) => ({ subject, headers: server.headers(subject) }));
  const from = ++jobs * 1_000_000;
  const target = { host, port: Number(port), path, dialect: dialectOf(server), work: server.own?.work };
  const before = [cpuOf(server.process.pid), postgres.cpu()];
  const shots = await shoot({ ...target, letter, connections, seconds, from, callers });
  const after = [cpuOf(server.process.pid), postgres.cpu()];
  const [cpuMs, postgresMs] = after.map((ms, index) => perOperation(before[index], ms, shots.operations));
  const { operations, p50, p99, wrong, example } = shots;
  const perSecond = operations / shots.seconds;
  return {
    ...{ perSecond, p50, p99, operations, wrong },
    cpuMs: cpuMs ?? null,
    postgresMs: postgresMs ?? null,
    ...(example && { example }),
  };
}

const perOperation = (before: number | null | undefined, after: number | null, count: number) =>
  typeof before === 'number' && after !== null ? (after - before) / count : null;

async function shoot(job: Job): Promise<Shots> {
  const child = spawn(process.execPath, ['bench/shoot.ts'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(job));
  const printed = await text(child.stdout);
  if (!printed) throw new Error(`bench: the load on ${job.port} (${job.letter}) broke off`);
  return JSON.parse(printed) as Shots;
}

/**
 * An operation's data as a server answers it now, in the form that all servers share: lists without
 * edges, ids as UUIDs.
 */
export async function dataOf(server: Contender, operation: Operation, subject: Subject): Promise<unknown> {
  let before: unknown;
  for (const step of operation.steps) before = await ask(server, step, subject, before);
  return plain(before);
}

const dialectOf = ({ name }: Contender): Dialect =>
  name === 'postgraphile' ? 'postgraphile' : ['bare', 'nest', 'raw'].includes(name) ? 'plain' : 'query';

let asked = 0;
async function ask(server: Contender, step: Step, subject: Subject, before: unknown): Promise<unknown> {
  const dialect = dialectOf(server);
  const number = step.query.startsWith('query') ? 3 : asked++;
  const variables = step.variables?.(subject, number, before, dialect === 'postgraphile');
  const query = step[dialect] ?? step.query;
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...server.headers(subject) },
    body: JSON.stringify({ query, operationName: step.name, variables }),
  });
  const answer = (await response.json()) as { data?: unknown; errors?: object };
  if (!answer.data || answer.errors)
    throw new Error(
      `bench: ${server.name} answers ${step.name} with ${JSON.stringify(answer).slice(0, 1000)}`,
    );
  return answer.data;
}

type Data = { [name: string]: unknown };

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { edges, nodes, employee, ...rest } = value as Data & {
    edges?: { node: unknown }[];
    nodes?: unknown[];
  };
  if (edges || nodes) return plain(nodes ?? edges?.map(({ node }) => node));
  if (employee && Object.keys(rest).length === 0) return plain(employee); // the payload of PostGraphile's mutations
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    // enum values are upper case in GraphQL, and lower case in the peers' columns
    name === 'id' ? uuidOf(String(inner)) : name === 'status' ? String(inner).toLowerCase() : plain(inner),
  ]);
  return Object.fromEntries(entries);
}

const uuidOf = (id: string) =>
  Buffer.from(id, 'base64')
    .toString()
    .match(/^\w+:([0-9a-f-]{36})$/)?.[1] ?? id;

export const operationOf = (letter: string): Operation => {
  const found = operations.find((operation) => operation.letter === letter);
  if (!found) throw new Error(`bench: no operation (${letter})`);
  return found;
};
