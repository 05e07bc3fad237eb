import cluster from 'node:cluster';

/** From a worker: it listens. */
const READY = 'ready';
/** To a worker: it drains and ends. */
const STOP = 'stop';

export const isReady = (message: unknown): boolean => message === READY;
export const stopMessage = STOP;

/** Tells the primary process that this worker listens; nothing where there is none. */
export function tellReady(): void {
  if (cluster.isWorker) process.send?.(READY);
}

/**
 * Calls `stop` once the primary process asks for it. That is no signal: a terminal or a service
 * manager sends its own to all processes, and a second one ends a server at once.
 */
export function onStopMessage(stop: () => void): void {
  if (cluster.isWorker) process.once('message', (message) => message === STOP && stop());
}
