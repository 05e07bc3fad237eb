import type { Logger } from 'pino';

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` for each signal that would otherwise end the process at once. SIGUSR2 is left to
 * Node where NODE_OPTIONS gives it a report or a heap snapshot.
 */
export function onEndSignals(stop: () => void): void {
  for (const signal of END_SIGNALS) process.on(signal, stop);
  if (process.listenerCount('SIGUSR2') === 0) process.on('SIGUSR2', stop);
}

/** Takes SIGUSR1 from Node, which would open an inspector: it reads secrets and runs code. */
export function refuseInspector(log: Logger): void {
  process.on('SIGUSR1', () => log.warn('SIGUSR1 is ignored: only development opens an inspector'));
}
