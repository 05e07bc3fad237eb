import type { Logger } from 'pino';
import type { TracingConfig } from '../config.ts';
import { counters } from '../counters.ts';
import { recordBy } from './trace.ts';

/** Where spans are exported. */
export type Tracing = {
  /** Exports what waits, and records no more. */
  close: () => Promise<void>;
};

/** Records spans where a collector is configured; else nothing of OpenTelemetry is loaded. */
export async function openTracing(
  config: TracingConfig | undefined,
  log: Logger,
): Promise<Tracing | undefined> {
  if (!config) return undefined;
  const { otlpRecorder } = await import('./otlp.ts');
  const tell = tellingOnce(log);
  const recorder = otlpRecorder(config, (spans, failure) => {
    counters.spans[failure ? 'lost' : 'exported'] += spans;
    tell(failure);
  });
  recordBy(recorder);
  return {
    async close() {
      recordBy(null);
      await recorder.close();
    },
  };
}

/** Logs the first batch that is lost, and the first that arrives again. */
function tellingOnce(log: Logger): (failure: Error | null) => void {
  let lost = false;
  return (failure) => {
    if (failure && !lost)
      log.warn({ err: failure }, 'the collector of traces takes no spans; they are dropped');
    if (!failure && lost) log.info('the collector of traces takes spans again');
    lost = failure !== null;
  };
}
