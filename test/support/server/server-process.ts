import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Config } from '../../../src/config.ts';
import type { FreshDatabase } from './fresh-database.ts';
import { asker, type World } from './world.ts';

type Served = {
  database: Pick<FreshDatabase, 'appUrl' | 'platformUrl'>;
  config: Pick<Config, 'masterKeys'>;
};
/**
 * A server as it runs in staging: a process of its own, on the world's database with the world's
 * keys.
 */
export type ServerProcess = {
  url: string;
  ask: World['ask'];
  output: () => string;
  /** Sends a signal, and does not wait. */
  signal: (signal: NodeJS.Signals) => void;
  /** SIGTERM or another signal, until the process is gone. */
  stop: (signal?: NodeJS.Signals) => Promise<{ code: number | null }>;
  /** SIGKILL. */
  kill: () => Promise<void>;
};

export async function startServer(
  { database, config }: Served,
  environment: Record<string, string> = {},
  words = ['src/main.ts'],
): Promise<ServerProcess> {
  const env = {
    PATH: process.env.PATH,
    APP_ENV: 'staging',
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'http://127.0.0.1',
    DATABASE_URL: database.appUrl,
    PLATFORM_DATABASE_URL: database.platformUrl,
    MASTER_KEYS: config.masterKeys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(),
    DRAIN_TIME: '100ms',
    RATE_LIMIT: '999999',
    COST_LIMIT: '999999999',
    ...environment,
  };
  const child = spawn(process.execPath, words, { env, stdio: 'pipe' });
  const kill = () => child.kill('SIGKILL'); // a test run that breaks off leaves none behind
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let output = '';
  const listening = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const address = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
        if (address) resolve(address);
      });
    exited.then(([code]) => reject(new Error(`the server ended with ${code}: ${output}`)), reject);
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await exited;
    return { code };
  };
  const url = `${await listening}/graphql`;
  return {
    url,
    ask: asker(url),
    output: () => output,
    signal: (signal) => void child.kill(signal),
    stop: (signal = 'SIGTERM') => end(signal),
    kill: async () => void (await end('SIGKILL')),
  };
}

export type StreamEvent = {
  cursor: string;
  action: string;
  hash: string;
  data: Record<string, unknown> | null;
};
export type Failure = { path?: string[]; extensions: { code: string } };
/** A subscription to the record; `events` grows while it lasts. */
export type Stream = {
  events: StreamEvent[];
  errors: Failure[];
  /**
   * How it ended: the server said that it is complete, it went away without a word, or `leave` was
   * called.
   */
  ended: Promise<'complete' | 'broken' | 'left'>;
  /** Cuts the connection; what arrives from now on is lost. */
  leave: () => Promise<void>;
};

export const SUBSCRIPTION =
  'subscription ($after: String, $filter: AuditEventFilter) { auditEvents(after: $after, filter: $filter) { cursor action hash data } }';

/** Subscribes over SSE as graphql-sse's distinct connections mode has it. */
export function follow(
  { url, send = fetch }: { url: string; send?: typeof fetch },
  token: string | undefined,
  variables: { after?: string; filter?: object } = {},
  headers: Record<string, string> = {},
): Stream {
  const connection = new AbortController();
  const stream: Stream = {
    events: [],
    errors: [],
    ended: run(),
    leave: async () => {
      connection.abort();
      await stream.ended;
    },
  };
  return stream;

  async function run() {
    await Promise.resolve(); // `stream` is there from here on
    try {
      const response = await send(url, {
        method: 'POST',
        signal: connection.signal,
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...(token && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: JSON.stringify({ query: SUBSCRIPTION, variables }),
      });
      const text = response.body?.pipeThrough(new TextDecoderStream());
      for await (const message of messagesOf(text as ReadableStream<string>)) {
        if (connection.signal.aborted) return 'left';
        if (message.event === 'complete') return 'complete';
        const result = JSON.parse(message.data);
        stream.errors.push(...(result.errors ?? []));
        if (result.data) stream.events.push(result.data.auditEvents);
      }
      return 'broken';
    } catch (error) {
      if (error instanceof SyntaxError) throw error;
      return connection.signal.aborted ? 'left' : 'broken';
    }
  }
}

/**
 * Server-sent events (HTML living standard, 9.2.6), as far as GraphQL uses them; comments are left
 * out.
 */
export async function* messagesOf(
  chunks: AsyncIterable<string>,
): AsyncGenerator<{ event: string; data: string }> {
  let text = '';
  for await (const chunk of chunks) {
    const parts = (text + chunk).split('\n\n');
    text = parts.pop() as string;
    for (const part of parts) {
      const event = fieldOf(part, 'event');
      if (event) yield { event, data: fieldOf(part, 'data') ?? '' };
    }
  }
}

const fieldOf = (message: string, name: string): string | undefined =>
  message
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trimStart();
