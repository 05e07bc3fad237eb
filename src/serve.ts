import cluster from 'node:cluster';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type Connections, closeServices, openServer, openServices } from './app.ts';
import { report } from './cli/failure.ts';
import { onNpmEnd } from './cli/npm-end.ts';
import { onEndSignals, refuseInspector } from './cli/signals.ts';
import { summaryOf, welcome } from './cli/welcome.ts';
import { type Config, ofWorker, onPort, readMasterKeys } from './config.ts';
import { assertConnects } from './db/connection/connection.ts';
import { bootstrap, demoOnce, developmentSecrets } from './db/embedded/bootstrap.ts';
import type { Embedded } from './db/embedded/embedded.ts';
import { migrate } from './db/migrations.ts';
import { type DemoAccount, giveTime, makeDemo } from './domain/demo/demo.ts';
import { addHistory } from './domain/demo/history.ts';
import { type ErrorTracking, openErrorTracking } from './error-tracking/open.ts';
import { freePort, listen } from './http/listen.ts';
import { createLog, outliveRejections } from './http/logger.ts';
import { readKeyPair } from './http/transport/key-pair.ts';
import { type RunningJobs, startJobs } from './jobs/run/start.ts';
import type { Services } from './services.ts';
import { openTracing, type Tracing } from './tracing/open.ts';
import { onStopMessage, tellReady } from './workers/messages.ts';

const MIGRATIONS = join(import.meta.dirname, '../prisma/migrations');
const STOP_MS = 1000; // for running requests and jobs; the embedded PostgreSQL needs the rest of the three seconds
const CLOCK_MS = 60_000;
const HAND_BACK_MS = 300; // for the jobs that still run then

/** The running parts, in start order. */
type Running = {
  log?: Logger;
  tracing?: Tracing | undefined;
  errors?: ErrorTracking | undefined;
  postgres?: Embedded;
  services?: Services;
  jobs?: RunningJobs;
  server?: FastifyInstance;
};
const running: Running = {};
let [stopping, signaled] = [false, false];

/** Starts a server, and ends the process where that fails. */
export const serve = (config: Config): Promise<void> => start(config).catch(failed);

async function start(given: Config): Promise<void> {
  onEndSignals(onSignal);
  onStopMessage(stop);
  onNpmEnd('start', stop); // npm may end first after a signal to both
  const config = await withOwnKeys(await withPort(ofWorker(given)));
  const log = createLog(config);
  running.log = log;
  if (config.env !== 'development') refuseInspector(log);
  if (cluster.isPrimary) for (const warning of config.warnings) log.warn(warning);
  running.tracing = await openTracing(config.tracing, log);
  running.errors = await openErrorTracking(config, log);
  outliveRejections(log);
  if (config.tls) readKeyPair(config.tls); // fails before the database is opened
  const connections = await openDatabase(config, log);
  running.services = await openServices(config, connections, log);
  const accounts = config.demoData ? await demo(running.services) : [];
  running.jobs = startJobs(running.services);
  running.services.health.start();
  keepMeasuring(running.services);
  running.server = openServer(running.services, {
    demoPassword: accounts[0]?.password,
    demoAccounts: accounts,
  });
  const served = { ...config, port: await listen(running.server, config) };
  log.info(summaryOf(served), 'ready');
  tellReady();
  welcome(served, accounts);
}

/** Compares the clocks where nothing asks for the readiness check, which does so too. */
function keepMeasuring({ clock }: Services): void {
  const measure = () => clock.measure().catch(() => {}); // a lost database is logged by its own watch
  setInterval(measure, CLOCK_MS).unref();
}

/**
 * `PORT=0` without PUBLIC_URL: addresses in mails and checks of the origin need the port before the
 * server listens.
 */
async function withPort(config: Config): Promise<Config> {
  if (config.port !== 0 || !config.publicUrl.endsWith(':0')) return config;
  return onPort(config, await freePort(config.host));
}

/** Creates and stores a master key for development without MASTER_KEYS. */
async function withOwnKeys(config: Config): Promise<Config> {
  if (config.env !== 'development' || config.masterKeys.length > 0) return config;
  return { ...config, masterKeys: readMasterKeys((await developmentSecrets(config.dataDir)).masterKeys) };
}

async function openDatabase({ database, dataDir }: Config, log: Logger): Promise<Connections> {
  if (database.kind === 'external') {
    if (database.ownerUrl) {
      await assertConnects('MIGRATION_DATABASE_URL', database.ownerUrl);
      await migrate(database.ownerUrl, MIGRATIONS);
    }
    return { app: database.url, platform: database.platformUrl ?? null };
  }
  const { postgres, connections } = await bootstrap(dataDir, MIGRATIONS, (step) => log.info(step));
  running.postgres = postgres;
  postgres.exited.then(() => {
    if (stopping) return;
    log.fatal(`PostgreSQL ended by itself; its log is ${join(dataDir, 'postgres.log')}`);
    process.exit(1);
  });
  return connections;
}

async function demo(services: Services): Promise<DemoAccount[]> {
  const { dataDir } = services.config;
  const { demo: password } = await developmentSecrets(dataDir);
  return demoOnce(dataDir, async () => {
    services.log.info('adding the demo companies: once, some seconds');
    const accounts = await makeDemo(services, password);
    await addHistory(services);
    await giveTime(services);
    return accounts;
  });
}

/** A second signal exits at once. */
function onSignal(): void {
  if (signaled) process.exit(1);
  signaled = true;
  void stop();
}

/**
 * Turns the readiness check red, finishes running requests, then closes everything; once, since npm
 * and the primary process of workers may ask for it beside a signal.
 */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  running.log?.info('stopping');
  const drainTime = running.server ? (running.services?.config.drainTime ?? 0) : 0;
  setTimeout(() => process.exit(1), drainTime + 2800).unref(); // PostgreSQL stops all the same, when this process is gone
  running.server?.drain();
  const handedBack = running.jobs?.stop(drainTime + STOP_MS);
  await sleep(drainTime);
  await shutDown(handedBack);
  running.log?.info('stopped');
  process.exit(0);
}

async function shutDown(handedBack = running.jobs?.stop(0)): Promise<void> {
  const { server, services, tracing, errors, postgres } = running;
  await within(STOP_MS + HAND_BACK_MS, Promise.all([within(STOP_MS, server?.close()), handedBack]));
  const sent = [tracing?.close(), errors?.close(STOP_MS / 2)];
  await within(STOP_MS / 2, Promise.all([services && closeServices(services), ...sent]));
  await postgres?.stop();
}

const within = (ms: number, work: PromiseLike<unknown> | undefined) =>
  Promise.race([Promise.resolve(work).catch(() => {}), new Promise((resolve) => setTimeout(resolve, ms))]);

/** Reports a failed start: expected errors in one sentence, others with a stack trace. */
async function failed(error: Error): Promise<void> {
  if (stopping) return; // what a signal interrupts fails because of it
  stopping = true;
  const code = report(error);
  await shutDown();
  process.exit(code);
}
