/**
 * `npm run bench:sign-in`: sign-ins and refreshes per second, the cost of authentication by each
 * kind of
 * credential, and of a sign-in without its hash. The server of `npm start` on its own database with
 * PostgreSQL's defaults. Option: --seconds 10
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { closeServices, openServices } from '../src/app.ts';
import { hashPassword, verifyPassword } from '../src/auth/password/hash.ts';
import { callerOf } from '../src/auth/request/caller.ts';
import { readConfig } from '../src/config.ts';
import { developmentSecrets } from '../src/db/embedded/bootstrap.ts';
import { createLog } from '../src/http/logger.ts';
import { about } from './machine.ts';
import { answering, cpuOf, freePort, memoryOf, START, start, stopped } from './process.ts';

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const SECONDS = Number(options.seconds);

type Place = { url: string; pid: number; folder: string; email: string; password: string };
type Variables = Record<string, unknown>;

async function ask(url: string, query: string, variables: Variables = {}, token?: string): Promise<never> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: never; errors?: object };
  if (errors) throw new Error(`bench: ${JSON.stringify(errors)}`);
  return data;
}

const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
const ISSUE = 'mutation { issueTokens { accessToken refreshToken } }';
const REFRESH =
  'mutation ($input: RefreshTokensInput!) { refreshTokens(input: $input) { accessToken refreshToken } }';

async function signIn({ url, email, password }: Place): Promise<string> {
  const data = await ask(url, SIGN_IN, { input: { email, password } });
  return (data as { signIn: { sessionToken: string } }).signIn.sessionToken;
}
type Pair = { accessToken: string; refreshToken: string };
const issue = async (place: Place): Promise<Pair> =>
  ((await ask(place.url, ISSUE, {}, await signIn(place))) as { issueTokens: Pair }).issueTokens;

type Rate = { perSecond: number; cpuMs: number; perCore: number; highestMiB: number };

/**
 * `work` by so many at a time for SECONDS. CPU is the server's own, PostgreSQL's not counted;
 * `perCore`: how many a second of it does.
 */
async function rateOf(
  { pid }: Place,
  workers: number,
  work: (worker: number) => Promise<void>,
): Promise<Rate> {
  let count = 0;
  let highestMiB = 0;
  const [cpu, began] = [cpuOf(pid) ?? 0, performance.now()];
  const until = began + SECONDS * 1000;
  const run = async (worker: number) => {
    for (; performance.now() < until; count++) {
      await work(worker);
      highestMiB = Math.max(highestMiB, memoryOf(pid) ?? 0);
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => run(worker)));
  const seconds = (performance.now() - began) / 1000;
  const cpuMs = ((cpuOf(pid) ?? 0) - cpu) / count;
  return { perSecond: count / seconds, cpuMs, perCore: 1000 / cpuMs, highestMiB };
}

async function refreshes(place: Place, workers: number): Promise<Rate> {
  const pairs: Pair[] = [];
  for (let worker = 0; worker < workers; worker++) pairs.push(await issue(place));
  return rateOf(place, workers, async (worker) => {
    const input = { refreshToken: (pairs[worker] as Pair).refreshToken };
    pairs[worker] = ((await ask(place.url, REFRESH, { input })) as { refreshTokens: Pair }).refreshTokens;
  });
}

type Beside = { whole: number; hash: number; rest: number; cpu: number; hashCpu: number; restCpu: number };

/**
 * Milliseconds, medians: a sign-in over HTTP and the hash alone in turns, and what is left of the
 * first without the second. CPU: of the
 * server for a sign-in, of this process for a hash; other work on the machine moves it least.
 */
async function besideTheHash(place: Place): Promise<Beside> {
  const stored = await hashPassword(place.password);
  const [whole, hash]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 40; turn++) {
    whole.push(await took(() => signIn(place)));
    hash.push(await took(() => verifyPassword(stored, place.password)));
  }
  const rest = whole.map((ms, turn) => ms - (hash[turn] as number));
  const before = cpuOf(place.pid) ?? 0;
  for (let turn = 0; turn < 60; turn++) await signIn(place);
  const cpu = ((cpuOf(place.pid) ?? 0) - before) / 60;
  const hashCpu = await cpuOfEach(60, () => verifyPassword(stored, place.password));
  const restCpu = cpu - hashCpu;
  return { whole: median(whole), hash: median(hash), rest: median(rest), cpu, hashCpu, restCpu };
}
const took = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
const median = (numbers: number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

/**
 * CPU milliseconds of this process to know who brings the credential, everything but PostgreSQL's
 * included.
 */
async function checks(place: Place): Promise<Record<string, number>> {
  const { app, platform } = JSON.parse(await readFile(join(place.folder, 'connections.json'), 'utf8'));
  const { masterKeys } = await developmentSecrets(place.folder);
  const config = readConfig({
    ...{ DATA_DIR: place.folder, DATABASE_URL: app, MASTER_KEYS: masterKeys },
    PUBLIC_URL: new URL(place.url).origin,
  });
  const services = await openServices(
    config,
    { app, platform },
    createLog({ ...config, logLevel: 'silent' }),
  );
  const origin = { requestId: crypto.randomUUID(), ip: '127.0.0.1', userAgent: null };
  const found: Record<string, number> = {};
  try {
    for (const [kind, token] of Object.entries(await credentials(place))) {
      const rounds: number[] = [];
      for (let round = 0; round < 7; round++)
        rounds.push(await cpuOfEach(500, () => callerOf(services, token, origin)));
      found[kind] = median(rounds.slice(1)); // the first one warms up
    }
  } finally {
    await closeServices(services);
  }
  return found;
}

/** CPU milliseconds of this process, its threads included, one after the other. */
async function cpuOfEach(times: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let turn = 0; turn < times; turn++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}

async function credentials(place: Place): Promise<Record<string, string>> {
  const admin = await signIn(place);
  const account = (await ask(
    place.url,
    'mutation { createServiceAccount(input: { name: "Bench", roles: ["client"] }) { serviceAccount { id } } }',
    {},
    admin,
  )) as { createServiceAccount: { id: string } };
  const made = (await ask(
    place.url,
    'mutation ($id: ID!) { createApiKey(input: { serviceAccountId: $id, name: "Bench" }) { token } }',
    { id: account.createServiceAccount.id },
    admin,
  )) as { createApiKey: { token: string } };
  const { accessToken } = await issue(place);
  return { 'session token': admin, 'access token': accessToken, 'API key': made.createApiKey.token };
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-sign-in-'));
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}/graphql`;
  const started = async () => {
    const child = start(START, { DATA_DIR: folder, PORT: port, LOG_LEVEL: 'warn' });
    await answering(child, new URL('/health/ready', url).href, 200);
    return child;
  };
  // the first start makes the demo, which is no part of the measure
  await stopped(await started());
  const server = await started();
  try {
    const [account] = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')).accounts.filter(
      ({ email }: { email: string }) => email === 'company_admin@acme.example',
    );
    const place: Place = { url, pid: server.pid as number, folder, ...account };
    const { cpu, cores, load, memoryGiB, node, commit } = about();
    console.log({ cpu, cores, load, memoryGiB, node, commit });
    await signIn(place);
    print('resident at first, MiB', { MiB: memoryOf(place.pid) ?? 0 });
    print('sign-ins, 8 at a time', await rateOf(place, 8, async () => void (await signIn(place))));
    print('beside the hash, ms', await besideTheHash(place));
    print('refreshes, 32 at a time', await refreshes(place, 32));
    print('authentication, CPU ms', await checks(place));
    console.log(
      `load afterwards: ${spawnSync('cat', ['/proc/loadavg'], { encoding: 'utf8' }).stdout.trim()}`,
    );
  } finally {
    await stopped(server);
    await rm(folder, { recursive: true, force: true });
  }
}

const print = (what: string, numbers: object) =>
  console.log(
    what,
    Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value.toFixed(2))])),
  );

await main();
