import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { type Config, workerEnvironment } from '../config.ts';
import { delayAfter, ended, type History, NONE } from './backoff.ts';
import { isReady, stopMessage } from './messages.ts';

const EXIT_FAILED = 1;

/** A worker's place, which the next process takes when it ends. */
type Slot = { number: number; worker: Worker; history: History; readyAt: number | null; wasReady: boolean };

type Supervised = {
  config: Config;
  log: Logger;
  /** Called once all workers have ended. */
  onEnd: (code: number) => void;
};

/**
 * Starts the workers and replaces those that end. The first one starts alone, so that a start that
 * cannot succeed is explained once.
 */
export class Supervisor {
  readonly #slots = new Map<number, Slot>();
  #started = 0;
  readonly #supervised: Supervised;
  /** Of the process, once it stops. */
  #code: number | null = null;

  constructor(supervised: Supervised) {
    this.#supervised = supervised;
    this.#forkNext();
  }

  /** Lets each worker drain. A worker that is still starting ends at once. */
  stop(code = 0): void {
    this.#code ??= code;
    for (const { worker, readyAt } of this.#slots.values()) {
      if (readyAt === null) worker.process.kill('SIGTERM');
      else worker.send(stopMessage, () => {}); // one that has just ended takes no message
    }
    this.#endOfAll();
  }

  /** Ends all workers at once. */
  kill(): void {
    for (const { worker } of this.#slots.values()) worker.process.kill('SIGKILL');
  }

  #forkNext(): void {
    this.#fork(this.#started, NONE, false);
    this.#started += 1;
  }

  #fork(number: number, history: History, wasReady: boolean): void {
    const worker = cluster.fork(workerEnvironment(number, this.#supervised.config));
    const slot: Slot = { number, worker, history, readyAt: null, wasReady };
    this.#slots.set(number, slot);
    worker.on('message', (message) => isReady(message) && this.#ready(slot));
    worker.once('exit', (code, signal) => this.#ended(slot, code, signal));
    worker.on('error', (err) => this.#supervised.log.warn({ err, worker: number }, 'a worker failed'));
  }

  #ready(slot: Slot): void {
    slot.readyAt = Date.now();
    slot.wasReady = true;
    this.#supervised.log.info({ worker: slot.number, pid: slot.worker.process.pid }, 'a worker is ready');
    while (this.#started < this.#supervised.config.workers && this.#code === null) this.#forkNext();
  }

  #ended({ number, readyAt, wasReady, worker, history: before }: Slot, code: number, signal: string): void {
    this.#slots.delete(number);
    if (this.#code !== null) {
      if (code > 0) this.#code = code;
      this.#endOfAll();
      return;
    }
    const { log } = this.#supervised;
    const details = { worker: number, pid: worker.process.pid, code, signal };
    const history = ended(before, readyAt && Date.now() - readyAt);
    const delay = wasReady ? delayAfter(history) : null; // a first start that fails has said why
    if (delay !== null) {
      log.error({ ...details, delay }, 'a worker ended and is replaced');
      setTimeout(() => this.#code === null && this.#fork(number, history, true), delay);
      return;
    }
    if (wasReady) log.fatal(details, 'a worker cannot be started again');
    this.stop(code || EXIT_FAILED);
  }

  #endOfAll(): void {
    if (this.#slots.size === 0) this.#supervised.onEnd(this.#code ?? 0);
  }
}
