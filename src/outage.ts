import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Milliseconds between two probes while the service is lost. */
const EVERY_MS = 1_000;

type Probe = {
  /** Uses the service in its own way; returns why it cannot be used, or null. */
  probe: () => Promise<string | null>;
  /** Hears of the first probe that failed. */
  onLost: (reason: string) => void;
  /** Hears of the first probe that succeeded again, and how long the service was lost. */
  onBack: (milliseconds: number) => void;
};

/** Tells once that a service is lost, and once that it is back, however many requests notice. */
export type OutageWatch = {
  /** Probes the service, as long as it cannot be used. */
  suspect: () => void;
  isLost: () => boolean;
  stop: () => void;
};

export function outageWatch({ probe, onLost, onBack }: Probe, every = EVERY_MS): OutageWatch {
  const stopped = new AbortController();
  let lostAt: number | undefined;
  let probing = false;

  async function untilBack(): Promise<void> {
    for (let reason = await probe(); reason !== null && !stopped.signal.aborted; reason = await probe()) {
      if (lostAt === undefined) onLost(reason);
      lostAt ??= performance.now();
      await sleep(every, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
    }
    if (lostAt !== undefined && !stopped.signal.aborted) onBack(Math.round(performance.now() - lostAt));
    lostAt = undefined;
  }
  return {
    suspect() {
      if (probing || stopped.signal.aborted) return;
      probing = true;
      untilBack().finally(() => {
        probing = false;
      });
    },
    isLost: () => lostAt !== undefined,
    stop: () => stopped.abort(),
  };
}

/**
 * Logs the first failure of what is sent to a service in the background, and the first success
 * after it.
 */
export function tellingOnce(log: Logger, service: string): (failure: Error | null) => void {
  let failing = false;
  return (failure) => {
    if (failure && !failing) log.warn({ err: failure }, `${service} takes nothing; what is sent is dropped`);
    if (!failure && failing) log.info(`${service} takes what is sent again`);
    failing = failure !== null;
  };
}
