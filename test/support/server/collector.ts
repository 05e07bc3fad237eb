import { httpSink, type Sink } from './http-sink.ts';

type Value = { stringValue?: string; intValue?: number };
/** A span of OTLP/JSON, as far as tests read it. */
export type ExportedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: Value }[];
  events: unknown[];
  status: { code?: number; message?: string };
};
type Export = { resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[] };

export type Collector = Sink & {
  spans: () => ExportedSpan[];
  /** All that was received, as text. */
  text: () => string;
};

/** A collector of traces that takes OTLP over HTTP. */
export async function collector(port = 0): Promise<Collector> {
  const sink = await httpSink(port);
  return {
    ...sink,
    spans: () =>
      sink.received.flatMap(({ body }) =>
        (JSON.parse(body) as Export).resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans),
        ),
      ),
    text: () => JSON.stringify(sink.received),
  };
}

export const factsOf = ({ attributes }: ExportedSpan): Record<string, string | number | undefined> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
