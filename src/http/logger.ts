import pino, { type DestinationStream, type Logger } from 'pino';
import { workerNumber } from '../config.ts';
import { reportUnexpected } from '../error-tracking/hook.ts';
import type { EdgeConfig } from '../graphql/request/settings.ts';
import { safeError } from '../safe-error.ts';
import { terminalLog } from './terminal-log.ts';

/** Names whose values are redacted at any depth; compared as lower-case letters and digits only. */
const secretNames = [
  ...[
    'authorization',
    'proxyauthorization',
    'cookie',
    'cookies',
    'setcookie',
    'password',
    'currentpassword',
    'newpassword',
  ],
  ...[
    'passwordhash',
    'token',
    'sessiontoken',
    'accesstoken',
    'refreshtoken',
    'secret',
    'clientsecret',
    'apikey',
    'privatekey',
  ],
  ...['masterkeys', 'key', 'code', 'otp', 'variables', 'query', 'body', 'before', 'after'],
];

export type LogOptions = {
  /** Destination of the lines; standard output by default. */
  destination?: DestinationStream;
  /** Names of sealed and secret columns, from the annotations. */
  secret?: Iterable<string>;
};

/**
 * Buffers lines, since a write for each request costs as much as a short query. Flushed at exit.
 */
const GATHERED = { dest: 1, sync: false, minLength: 16_383, periodicFlush: 200 };
/**
 * Workers share a pipe, which keeps writes of up to PIPE_BUF bytes whole (POSIX, write), so that no
 * line has another one inside.
 */
const SHARED = { ...GATHERED, minLength: 4_095, maxWrite: 4_096 };

/**
 * Returns the logger: JSON lines with secret values redacted and errors without values (see
 * `safeError`).
 */
export function createLog(config: Pick<EdgeConfig, 'env' | 'logLevel'>, options: LogOptions = {}): Logger {
  const worker = workerNumber();
  const secret = new Set([...secretNames, ...(options.secret ?? [])].map(plain));
  return pino(
    {
      level: config.logLevel,
      base: worker === undefined ? null : { worker },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (line) => redacted(line, secret, 0) as Record<string, unknown>,
      },
      serializers: { err: (error) => error },
      hooks: { logMethod: withOwnMessage },
    },
    options.destination ?? destinationOf(config.env),
  );
}

/** Development shares the stream of what else is printed, so that lines keep their order. */
function destinationOf(env: string): DestinationStream {
  if (env !== 'development') return pino.destination(workerNumber() !== undefined ? SHARED : GATHERED);
  const write = (text: string) => void process.stdout.write(text);
  return process.stdout.isTTY ? terminalLog(write) : { write };
}

/**
 * Logs unhandled rejections instead of ending the process: one request's fault must not stop the
 * server for others.
 */
export function outliveRejections(log: Logger): void {
  process.on('unhandledRejection', (reason) => {
    // a reason that is not an error may be personal data, which no name here would redact
    const err = reason instanceof Error ? reason : new Error(`not an Error, but of type ${typeof reason}`);
    log.error({ err }, 'unhandled rejection');
    reportUnexpected(err);
  });
}

// pino copies the message of an error that is logged alone into the line, unredacted
function withOwnMessage(this: Logger, args: unknown[], method: (...args: unknown[]) => void): void {
  const [first, second] = args;
  const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err;
  if (!(error instanceof Error) || second !== undefined) method.apply(this, args);
  else method.call(this, { ...(first instanceof Error ? {} : (first as object)), err: error }, 'error');
}

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

function redacted(value: unknown, secret: ReadonlySet<string>, depth: number): unknown {
  if (value instanceof Error) return safeError(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 6) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redacted(item, secret, depth + 1));
  if (value instanceof Date) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    secret.has(plain(name)) ? '[redacted]' : redacted(inner, secret, depth + 1),
  ]);
  return Object.fromEntries(entries);
}
