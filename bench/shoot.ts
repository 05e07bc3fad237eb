/**
 * The load, in a process of its own: reads a job from standard input, keeps so many connections
 * busy for so long, and prints what it saw.
 * Written on sockets because the load shares the machine with what it measures: an HTTP library's
 * client takes several times as long
 * a request, which would flatten every ratio.
 */
import { createConnection, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Dialect, Operation, Step, Subject } from './work.ts';

export type Job = {
  host: string;
  port: number;
  path: string;
  dialect: Dialect;
  /** The module with the operations: another commit's documents; this one's when missing. */
  work?: string | undefined;
  letter: string;
  connections: number;
  seconds: number;
  /** A number that no other job has: written values differ from each other. */
  from: number;
  callers: { subject: Subject; headers: Record<string, string> }[];
};

/**
 * Latencies in ms, of whole operations; `wrong` counts answers with errors, with another body than
 * the same question had before, and none.
 */
export type Shots = {
  operations: number;
  seconds: number;
  p50: number;
  p99: number;
  wrong: number;
  example?: string;
};

const job = JSON.parse(await text(process.stdin)) as Job;
const { operations } = (await import(job.work ?? './work.ts')) as { operations: Operation[] };
const { steps } = operations.find(({ letter }) => letter === job.letter) as Operation;
const reads = steps.every(({ query }) => query.startsWith('query'));
const latencies: number[] = [];
const bodies = new Map<string, Buffer>();
const wrong: string[] = [];
let count = job.from;

const began = performance.now();
const end = began + job.seconds * 1000;
await Promise.all(Array.from({ length: job.connections }, (_, index) => keepBusy(index)));
const seconds = (performance.now() - began) / 1000;
latencies.sort((a, b) => a - b);
const quantile = (q: number) => latencies[Math.floor(latencies.length * q)] ?? Number.NaN;
const shots: Shots = {
  operations: latencies.length,
  seconds,
  p50: quantile(0.5),
  p99: quantile(0.99),
  wrong: wrong.length,
  ...(wrong[0] && { example: wrong[0].slice(0, 500) }),
};
console.log(JSON.stringify(shots));
process.exit(0);

async function keepBusy(index: number): Promise<void> {
  const connection = open();
  for (let turn = index * 7; performance.now() < end; turn++) {
    const started = performance.now();
    await operate(connection, turn);
    latencies.push(performance.now() - started);
  }
  connection.socket.destroy();
}

async function operate(connection: Connection, turn: number): Promise<void> {
  const { subject, headers } = job.callers[turn % job.callers.length] as Job['callers'][number];
  const number = reads ? Math.floor(turn / job.callers.length) % 10 : count++;
  let before: unknown;
  for (const step of steps) {
    const sent = bodyOf(step, subject, number, before);
    const answer = await ask(connection, requestOf(sent, headers));
    const broken = reads ? differs(`${subject.companyId} ${sent}`, answer) : hasErrors(answer.toString());
    if (broken) wrong.push(answer.toString());
    if (broken || step === steps.at(-1)) return;
    before = JSON.parse(answer.toString()).data;
  }
}

function bodyOf(step: Step, subject: Subject, number: number, before: unknown): string {
  const query = step[job.dialect] ?? step.query;
  const variables = step.variables?.(subject, number, before, job.dialect === 'postgraphile');
  return JSON.stringify({ query, operationName: step.name, variables });
}

function requestOf(body: string, headers: Record<string, string>): string {
  const all = { host: job.host, 'content-type': 'application/json', accept: 'application/json', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${job.path} HTTP/1.1\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** What is left of a budget differs from answer to answer. */
function withoutCost(answer: Buffer): Buffer {
  const end = answer.lastIndexOf(',"extensions":{"cost":');
  return end < 0 ? answer : answer.subarray(0, end);
}

/** The first answer to a question must be without errors, every later one the same. */
function differs(question: string, answer: Buffer): boolean {
  const known = bodies.get(question);
  const body = withoutCost(answer);
  if (known) return !known.equals(body);
  bodies.set(question, Buffer.from(body));
  return hasErrors(answer.toString());
}

function hasErrors(answer: string): boolean {
  return !answer.startsWith('{"data":{') || answer.includes('"errors":[') || answer.includes(':null}}');
}

type Connection = { socket: Socket; answered: (body: Buffer) => void; failed: (error: Error) => void };

function open(): Connection {
  const socket = createConnection(job.port, job.host).setNoDelay(true);
  const connection: Connection = { socket, answered: () => {}, failed: () => {} };
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = received.length > 0 ? Buffer.concat([received, chunk]) : chunk;
    const head = received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const [, length] = /content-length: (\d+)/i.exec(received.toString('latin1', 0, head)) ?? [];
    if (!length)
      return connection.failed(
        new Error(`an answer without a length: ${received.toString('latin1', 0, head)}`),
      );
    if (received.length < head + 4 + Number(length)) return;
    const body = received.subarray(head + 4);
    received = Buffer.alloc(0);
    connection.answered(body);
  });
  socket.on('error', (error) => connection.failed(error));
  socket.on('end', () => connection.failed(new Error('the server closed the connection')));
  return connection;
}

function ask(connection: Connection, request: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    connection.answered = resolve;
    connection.failed = reject;
    connection.socket.write(request);
  });
}
