import { AsyncLocalStorage } from 'node:async_hooks';
import { failureOf } from './failure.ts';

/** What a span tells beside its name. No value comes from a client's input. */
export type Facts = Readonly<Record<string, string | number>>;

/** Names of spans below a request or a job: a closed list. */
export type SpanName = 'authentication' | 'database' | 'password check' | 'password hash';

export type SpanKind = 'server' | 'client' | 'internal' | 'consumer';

/** How a span ended. `failure` is a code or the name of a class, never a message. */
export type SpanEnd = { name?: string; facts?: Facts; failure?: string | undefined };

/** A span that is recorded. Times are of `performance.now()`. */
export type RecordedSpan = {
  traceId: string;
  child: (name: string, kind: SpanKind, facts: Facts, startedAt?: number) => RecordedSpan;
  end: (how: SpanEnd, at?: number) => void;
};

/** Records spans, and exports them. */
export type Recorder = {
  /**
   * Starts a trace, or goes on with that of a W3C `traceparent`. Returns null where it is not
   * sampled.
   */
  start: (name: string, kind: SpanKind, traceparent?: string) => RecordedSpan | null;
};

/** One request or job whose spans are recorded. */
export class Trace {
  readonly span: RecordedSpan;
  /** What came below a span that has ended, as of a subscription that lasts, is not recorded. */
  isOpen = true;
  private readonly opened = { values: 0, milliseconds: 0, first: 0 };

  constructor(span: RecordedSpan) {
    this.span = span;
  }

  /** Times the decryption of a value. A request opens hundreds: they have one span together. */
  decrypting<T>(open: () => T): T {
    const began = performance.now();
    try {
      return open();
    } finally {
      this.opened.first ||= began;
      this.opened.values += 1;
      this.opened.milliseconds += performance.now() - began;
    }
  }

  /** Ends the trace; later calls do nothing. */
  end(how: SpanEnd): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { first, milliseconds, values } = this.opened;
    if (values > 0)
      this.span
        .child('decryption', 'internal', { 'bulwark.values': values }, first)
        .end({}, first + milliseconds);
    this.span.end(how);
  }
}

/** The span that code runs in, and its trace. */
type Place = { trace: Trace; span: RecordedSpan };

let recorder: Recorder | null = null;
const current = new AsyncLocalStorage<Place>();

/** Records from now on; null stops it. Until then nothing here costs more than a comparison. */
export function recordBy(next: Recorder | null): void {
  recorder = next;
}

/** Starts a trace; undefined where none is recorded: then `traceparent` is not read. */
export function startTrace(
  name: string,
  kind: SpanKind,
  traceparent?: () => string | undefined,
): Trace | undefined {
  const span = recorder?.start(name, kind, traceparent?.());
  return span ? new Trace(span) : undefined;
}

/** Runs `work` in a trace. */
export const inTrace = <T>(trace: Trace, work: () => T): T => current.run({ trace, span: trace.span }, work);

/** The trace of the code that calls; undefined where none is recorded. */
export function currentTrace(): Trace | undefined {
  const trace = recorder ? current.getStore()?.trace : undefined;
  return trace?.isOpen ? trace : undefined;
}

/** Runs `work` in a span of its own, where a trace is recorded. */
export function traced<T>(
  name: SpanName,
  work: () => Promise<T>,
  kind: SpanKind = 'internal',
  facts: () => Facts = none,
): Promise<T> {
  const place = recorder ? current.getStore() : undefined;
  if (!place?.trace.isOpen) return work();
  return inSpan(place.trace, place.span.child(name, kind, facts()), work);
}

const none = (): Facts => ({});

async function inSpan<T>(trace: Trace, span: RecordedSpan, work: () => Promise<T>): Promise<T> {
  try {
    const result = await current.run({ trace, span }, work);
    span.end({});
    return result;
  } catch (error) {
    span.end({ failure: failureOf(error) });
    throw error;
  }
}

/** Runs `work` as a trace of its own, such as a job. */
export async function asTrace<T>(name: string, work: () => Promise<T>): Promise<T> {
  const trace = startTrace(name, 'consumer');
  if (!trace) return work();
  try {
    const result = await inTrace(trace, work);
    trace.end({});
    return result;
  } catch (error) {
    trace.end({ failure: failureOf(error) });
    throw error;
  }
}
