import { createTransport, type Event, Scope, type TransportMakeRequestResponse } from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import { type TrackedError, trackedErrors } from './event.ts';
import type { ErrorHook } from './hook.ts';

export type SentryOptions = {
  dsn: string;
  release: string;
  environment: string;
  /** Hears of each event: null if it arrived, else why it did not. */
  onSent: (failure: Error | null) => void;
};
export type Sentry = {
  report: ErrorHook;
  /** Sends what waits. */
  close: (milliseconds: number) => Promise<void>;
};

/** Events that are on their way at most; further ones are dropped. */
const MOST_WAITING = 30;
const SEND_MS = 5_000;
const [, parseLine] = nodeStackLineParser();

/** Sends unexpected errors to Sentry, or to what has its API, in the background. */
export function openSentry({ dsn, release, environment, onSent }: SentryOptions): Sentry {
  const client = new ServerRuntimeClient({
    ...{ dsn, release, environment, integrations: [], stackParser: () => [] },
    ...{ sendClientReports: false, traceLifecycle: 'static', maxBreadcrumbs: 0 },
    transport: (options) => createTransport({ ...options, bufferSize: MOST_WAITING }, post(options, onSent)),
  });
  client.init();
  return {
    report(error, { requestId, operation, queue }) {
      const event: Event = {
        level: 'error',
        platform: 'node',
        exception: { values: trackedErrors(error).reverse().map(exceptionOf) },
        tags: {
          ...(requestId && { request_id: requestId }),
          ...(operation && { operation }),
          ...(queue && { queue }),
        },
      };
      client.captureEvent(event, {}, new Scope());
    },
    async close(milliseconds) {
      await client.close(milliseconds);
    },
  };
}

const exceptionOf = ({ type, message, stack }: TrackedError) => ({
  type,
  value: message,
  stacktrace: { frames: stack.flatMap((line) => parseLine(line) ?? []).reverse() },
});

type Target = { url: string; headers?: Record<string, string> };

const post =
  ({ url, headers = {} }: Target, onSent: SentryOptions['onSent']) =>
  async ({ body }: { body: string | Uint8Array }): Promise<TransportMakeRequestResponse> => {
    try {
      const signal = AbortSignal.timeout(SEND_MS);
      const response = await fetch(url, { method: 'POST', headers, body: body as BodyInit, signal });
      await response.arrayBuffer();
      onSent(response.ok || response.status === 429 ? null : new Error(`It answered ${response.status}.`));
      const rates = {
        'retry-after': response.headers.get('retry-after'),
        'x-sentry-rate-limits': response.headers.get('x-sentry-rate-limits'),
      };
      return { statusCode: response.status, headers: rates };
    } catch (error) {
      onSent(error as Error);
      throw error;
    }
  };
