/**
 * `npm run bench:observability`: what metrics and traces cost, on operation (a) at 32 connections:
 * servers with and without them in turns, on one database. Options: --rounds 7 --seconds 3
 * --ops a. The collector takes spans in a process of its own; Prometheus asks every second.
 */
import type { ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { loadFor, type Round } from './load.ts';
import { answering, freePort, START, start, stopped } from './process.ts';
import { type Contender, type Stage, setStage } from './stage.ts';
import { median, row } from './table.ts';

const CONNECTIONS = 32;
const SINK = `require('node:http').createServer((request, response) => {
  request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
}).listen(Number(process.env.PORT), '127.0.0.1')`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
    ops: { type: 'string', default: 'a' },
  },
});

const collector = await freePort();
const traces = (ratio: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector}`,
  OTEL_TRACES_SAMPLER_ARG: ratio,
});
const metrics = async () => ({ METRICS_PORT: String(await freePort()) });
/** The first is compared with each other one. */
const SERVERS: [what: string, environment: Record<string, string>][] = [
  ['neither', {}],
  ['metrics', await metrics()],
  ['metrics, traces of 10 %', { ...(await metrics()), ...traces('0.1') }],
  ['metrics, traces of 100 %', { ...(await metrics()), ...traces('1') }],
];

const children: ChildProcess[] = [start(['-e', SINK], { PORT: String(collector) })];
const stage = await setStage('1k', ['guarded'], {});
try {
  const servers: Contender[] = [];
  for (const [, environment] of SERVERS) servers.push(await serverWith(stage, environment));
  const scraping = setInterval(scrape, 1_000);
  for (const letter of values.ops) for (const line of await linesFor(servers, letter)) console.log(line);
  clearInterval(scraping);
} finally {
  await Promise.all(children.map(stopped));
  await stage.clear();
}

async function serverWith(
  { environment, servers: [guarded] }: Stage,
  more: Record<string, string>,
): Promise<Contender> {
  const port = String(await freePort());
  const child = start(START, { ...environment, ...more, PORT: port });
  children.push(child);
  const url = `http://127.0.0.1:${port}/graphql`;
  await answering(child, new URL('/health/ready', url).href, 200);
  return { ...(guarded as Contender), url, process: child };
}

function scrape(): void {
  for (const [, { METRICS_PORT: port }] of SERVERS)
    if (port)
      fetch(`http://127.0.0.1:${port}/metrics`).then(
        (response) => response.text(),
        () => {},
      );
}

async function linesFor(servers: Contender[], letter: string): Promise<string[]> {
  const rounds: Round[][] = servers.map(() => []);
  for (const server of servers) await loadFor(stage, server, letter, CONNECTIONS, 2);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const index of order(servers.length, round)) {
      const measured = await loadFor(
        stage,
        servers[index] as Contender,
        letter,
        CONNECTIONS,
        Number(values.seconds),
      );
      if (measured.wrong > 0) throw new Error(`bench: ${measured.example}`);
      rounds[index]?.push(measured);
    }
  const [plain = []] = rounds;
  const head = row(`(${letter})`, 'requests/s', 'share of neither', 'CPU ms/request', 'share of neither');
  return [head, ...rounds.map((those, index) => lineOf(SERVERS[index]?.[0] ?? '', those, plain))];
}

/** Each round begins with another server. */
function order(count: number, round: number): number[] {
  return Array.from({ length: count }, (_, index) => (index + round) % count);
}

function lineOf(what: string, those: Round[], plain: Round[]): string {
  const of = (name: 'perSecond' | 'cpuMs') => those.map((round) => round[name] ?? Number.NaN);
  const shares = (name: 'perSecond' | 'cpuMs') =>
    of(name).map((value, round) => value / (plain[round]?.[name] ?? Number.NaN));
  const share = (name: 'perSecond' | 'cpuMs') => {
    const all = shares(name);
    return `${median(all).toFixed(3)} (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)})`;
  };
  const [perSecond, cpu] = [median(of('perSecond')).toFixed(0), median(of('cpuMs')).toFixed(3)];
  return row(what, perSecond, share('perSecond'), cpu, share('cpuMs'));
}
