import {
  SpanKind as Kind,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingConfig } from '../config.ts';
import type { RecordedSpan, Recorder, SpanKind } from './trace.ts';
import { contextOf } from './traceparent.ts';

/** What waits for the collector at most; further spans are dropped. */
const MOST_WAITING = 2048;
const BATCH = 512;
const EVERY_MS = 1_000;
/** How long a batch may take, with its repetitions, before it is dropped. */
const EXPORT_MS = 5_000;

const KINDS: Readonly<Record<SpanKind, Kind>> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  internal: Kind.INTERNAL,
  consumer: Kind.CONSUMER,
};

export type Exporting = Recorder & {
  /** Exports what waits. */
  close: () => Promise<void>;
};

/**
 * Exports spans by OTLP over HTTP, as JSON, in the background: no request waits for the collector.
 * `onExported` hears how many spans a batch had, and why it was lost.
 */
export function otlpRecorder(
  { endpoint, headers, serviceName, ratio }: TracingConfig,
  onExported: (spans: number, failure: Error | null) => void,
): Exporting {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, headers, timeoutMillis: EXPORT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: heard(exporter, onExported),
        ...{ maxQueueSize: MOST_WAITING, maxExportBatchSize: BATCH },
        ...{ scheduledDelayMillis: EVERY_MS, exportTimeoutMillis: EXPORT_MS + 1_000 },
      }),
    ],
  });
  const tracer = provider.getTracer('bulwark');
  return {
    start(name, kind, traceparent) {
      const span = tracer.startSpan(name, { kind: KINDS[kind] }, contextOf(traceparent));
      return span.isRecording() ? recorded(tracer, span) : null;
    },
    close: () => provider.shutdown(),
  };
}

/** Tells of each batch. To the SDK none fails: it would print the failure by itself. */
const heard = (exporter: SpanExporter, onExported: (spans: number, failure: Error | null) => void) => ({
  export: (spans: Parameters<SpanExporter['export']>[0], done: Parameters<SpanExporter['export']>[1]) =>
    exporter.export(spans, ({ code, error }) => {
      onExported(spans.length, code === 0 ? null : (error ?? new Error('The collector refused the spans.')));
      done({ code: 0 });
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: async () => exporter.forceFlush?.(),
});

function recorded(tracer: Tracer, span: Span): RecordedSpan {
  return {
    traceId: span.spanContext().traceId,
    child(name, kind, facts, startedAt) {
      const options = { kind: KINDS[kind], attributes: facts, ...(startedAt && { startTime: startedAt }) };
      return recorded(tracer, tracer.startSpan(name, options, trace.setSpan(ROOT_CONTEXT, span)));
    },
    end({ name, facts, failure }, at) {
      if (name) span.updateName(name);
      if (facts) span.setAttributes(facts);
      if (failure) span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
      span.end(at);
    },
  };
}
