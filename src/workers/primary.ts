import { onNpmEnd } from '../cli/npm-end.ts';
import { onEndSignals, refuseInspector } from '../cli/signals.ts';
import type { Config } from '../config.ts';
import { createLog } from '../http/logger.ts';
import { Supervisor } from './supervisor.ts';

/** A worker ends its start, or what hangs, by itself before; milliseconds beyond DRAIN_TIME. */
const STOP_MS = 5_000;

/**
 * Runs `config.workers` processes that serve the same port, and serves nothing itself. The end of
 * this process ends them.
 */
export function runWorkers(config: Config): void {
  const log = createLog(config);
  let stopping = false;
  for (const warning of config.warnings) log.warn(warning);
  refuseInspector(log);
  log.info({ workers: config.workers, pid: process.pid }, 'starting the workers');
  const supervisor = new Supervisor({ config, log, onEnd: (code) => process.exit(code) });
  const stop = () => {
    if (stopping) return void supervisor.kill();
    stopping = true;
    log.info('stopping the workers');
    setTimeout(() => supervisor.kill(), config.drainTime + STOP_MS).unref();
    supervisor.stop();
  };
  onEndSignals(stop);
  onNpmEnd('start', () => stopping || stop()); // npm may end first after a signal to both
}
