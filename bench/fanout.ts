import type { Contender, Stage } from './stage.ts';
import type { Subject } from './work.ts';

/**
 * Subscribers of one company's record while it is written: events delivered each second, and ms
 * from the writer's answer to each arrival.
 */
export type FanOut = {
  subscribers: number;
  events: number;
  deliveredPerSecond: number;
  p50: number;
  p99: number;
  missed: number;
}[];

const SUBSCRIBERS = [1, 32, 128];
const EVENTS = 100;
const STREAM = 'subscription { auditEvents { requestId } }';
const WRITE = 'mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { id } } }';

/** (j) */
export async function measureFanOut({ servers, subjects }: Stage): Promise<FanOut> {
  const server = servers.find(({ name }) => name === 'guarded');
  const [subject] = subjects;
  if (!server || !subject) throw new Error('bench: subscriptions are the guarded server’s');
  const all: FanOut = [];
  for (const count of SUBSCRIBERS) all.push(await fanOut(server, subject, count));
  return all;
}

type Arrival = { requestId: string; at: number };

async function fanOut(server: Contender, subject: Subject, count: number): Promise<FanOut[number]> {
  const ending = new AbortController();
  const arrivals: Arrival[] = [];
  const streams = await Promise.all(
    Array.from({ length: count }, () => subscribe(server, subject, ending.signal)),
  );
  const reading = streams.map((stream) => collect(stream, arrivals));
  await new Promise((resolve) => setTimeout(resolve, 1_000)); // each has its place in the chain
  const began = performance.now();
  const written = new Map<string, number>();
  for (let turn = 0; turn < EVENTS; turn++)
    written.set(await write(server, subject, turn), performance.now());
  for (const end = Date.now() + 10_000; arrivals.length < EVENTS * count && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const seconds = ((arrivals.at(-1)?.at ?? began) - began) / 1000;
  ending.abort();
  await Promise.all(reading);
  const delays = arrivals
    .map(({ requestId, at }) => at - (written.get(requestId) ?? at))
    .sort((a, b) => a - b);
  const quantile = (q: number) => delays[Math.floor(delays.length * q)] ?? Number.NaN;
  return {
    subscribers: count,
    events: EVENTS,
    deliveredPerSecond: arrivals.length / seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    missed: EVENTS * count - arrivals.length,
  };
}

const headersOf = (server: Contender, subject: Subject) => ({
  'content-type': 'application/json',
  ...server.headers(subject),
});

async function subscribe(
  server: Contender,
  subject: Subject,
  signal: AbortSignal,
): Promise<ReadableStream<string>> {
  const headers = { ...headersOf(server, subject), accept: 'text/event-stream' };
  const response = await fetch(server.url, {
    method: 'POST',
    signal,
    headers,
    body: JSON.stringify({ query: STREAM }),
  });
  return response.body?.pipeThrough(new TextDecoderStream()) as ReadableStream<string>;
}

async function collect(stream: ReadableStream<string>, arrivals: Arrival[]): Promise<void> {
  let text = '';
  try {
    for await (const chunk of stream) {
      const parts = (text + chunk).split('\n\n');
      text = parts.pop() ?? '';
      const at = performance.now();
      for (const part of parts) {
        if (part.includes('"errors"')) throw new Error(`bench: a subscription answers ${part}`);
        const [, requestId] = /"requestId":"([^"]+)"/.exec(part) ?? [];
        if (requestId) arrivals.push({ requestId, at });
      }
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error; // the measure is over: it ended the connection
  }
}

/** Returns the request's id, which its event carries. */
async function write(server: Contender, { employeeIds, ...subject }: Subject, turn: number): Promise<string> {
  const employeeId = Buffer.from(`Employee:${employeeIds[turn % employeeIds.length]}`).toString('base64');
  const body = JSON.stringify({
    query: WRITE,
    variables: { input: { employeeId, jobTitle: `Title f${turn}` } },
  });
  const headers = headersOf(server, { employeeIds, ...subject });
  const response = await fetch(server.url, { method: 'POST', headers, body });
  const answer = (await response.json()) as { errors?: object };
  if (answer.errors) throw new Error(`bench: updateEmployee answers ${JSON.stringify(answer.errors)}`);
  return response.headers.get('x-request-id') ?? '';
}
