import type { Logger } from 'pino';
import type { TracingConfig } from '../config.ts';
import { counters } from '../counters.ts';
import { tellingOnce } from '../outage.ts';
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
  const tell = tellingOnce(log, 'the collector of traces');
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
