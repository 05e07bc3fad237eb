import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cpuOf } from './process.ts';
import { type Contender, LIST } from './stage.ts';

/** One round against one server. Latencies in ms; `wrong` counts errors, time-outs and answers that differ from the first one. */
export type Round = {
  perSecond: number;
  p50: number;
  p99: number;
  cpuMs: number | null;
  answers: number;
  wrong: number;
};

type Report = {
  requests: { average: number; total: number };
  latency: { p50: number; p99: number };
  errors: number;
  timeouts: number;
  mismatches: number;
  non2xx: number;
};

/** autocannon, in a process of its own, for `seconds`. Every body is compared with `expected`. */
export async function loadFor(
  server: Contender,
  connections: number,
  seconds: number,
  expected: string,
): Promise<Round> {
  const before = cpuOf(server.process);
  const report = await autocannon(server, connections, seconds, expected);
  const after = cpuOf(server.process);
  const { requests, latency, errors, timeouts, mismatches, non2xx } = report;
  return {
    perSecond: requests.average,
    p50: latency.p50,
    p99: latency.p99,
    cpuMs: before === null || after === null ? null : (after - before) / requests.total,
    answers: requests.total,
    wrong: errors + timeouts + mismatches + non2xx,
  };
}

async function autocannon(
  { url, headers }: Contender,
  connections: number,
  seconds: number,
  expected: string,
): Promise<Report> {
  const own = Object.entries({ ...headers, 'content-type': 'application/json' });
  const words = own.flatMap(([name, value]) => ['-H', `${name}=${value}`]);
  const what = ['-m', 'POST', '-b', JSON.stringify({ query: LIST }), '-E', expected];
  const how = ['-c', String(connections), '-d', String(seconds), '--json', '--no-progress'];
  const program = 'node_modules/autocannon/autocannon.js';
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...how, ...what, ...words, url]);
  return JSON.parse(stdout) as Report;
}

/** The exact text of the answer: what every later one must equal. */
export async function bodyOf({ url, headers }: Contender): Promise<string> {
  const all = { ...headers, 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers: all, body: JSON.stringify({ query: LIST }) })).text();
}
