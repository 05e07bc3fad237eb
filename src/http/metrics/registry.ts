import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Answered } from '../../graphql/request/settings.ts';
import type { Services } from '../../services.ts';
import { type Figure, figures } from './figures.ts';
import { countRequests } from './requests.ts';

export type Metrics = {
  /** Counts a request. */
  onAnswered: (answered: Answered) => void;
  /** All metrics in the Prometheus text format 0.0.4. */
  text: () => Promise<string>;
  contentType: string;
  close: () => void;
};

/** Gauges of prom-client whose names end as those of counters do, which promtool refuses. */
const MISNAMED = /^nodejs_active_\w+_total$/;

/** Opens the metrics of one server. Without them nothing is measured. */
export function openMetrics(services: Services): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray())
    if (MISNAMED.test(name)) registry.removeSingleMetric(name);
  for (const figure of figures) register(registry, figure, services);
  return {
    onAnswered: countRequests([registry]),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => registry.clear(),
  };
}

/** Registers a figure that is read again for each answer. */
function register(registry: Registry, { name, help, kind, labels, read }: Figure, services: Services): void {
  const options = { name, help, labelNames: labels, registers: [registry] };
  if (kind === 'gauge') {
    new Gauge({
      ...options,
      async collect() {
        const samples = await read(services);
        this.reset();
        for (const { labels, value } of samples) this.set(labels, value);
      },
    });
    return;
  }
  new Counter({
    ...options,
    async collect() {
      const samples = await read(services);
      this.reset();
      for (const { labels, value } of samples) this.inc(labels, value);
    },
  });
}
