import pino, { type DestinationStream, type Logger } from 'pino';
import type { EdgeConfig } from '../graphql/request/settings.ts';

/** Names whose values never reach the log, at any depth, whatever the case or separators: compared as letters and digits only. */
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
  /** Where the lines go; standard output when missing. */
  destination?: DestinationStream;
  /** Names of the columns that are sealed or secret, so that the log knows them without being told twice. */
  secret?: Iterable<string>;
};

/** A write for each request costs as much as a short query: lines leave in pages, or after this many milliseconds; at exit, all of them. */
const GATHERED = { dest: 1, sync: false, minLength: 4096, periodicFlush: 200 };

/** The one logger: JSON lines in which secret names hold `[redacted]` and errors show no values (see `safeError`). */
export function createLog(config: Pick<EdgeConfig, 'env' | 'logLevel'>, options: LogOptions = {}): Logger {
  const secret = new Set([...secretNames, ...(options.secret ?? [])].map(plain));
  return pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (line) => redacted(line, secret, 0) as Record<string, unknown>,
      },
      serializers: { err: (error) => error },
      hooks: { logMethod: withOwnMessage },
    },
    options.destination ?? pino.destination(config.env === 'development' ? 1 : GATHERED),
  );
}

/** A rejection that nobody waits for is a fault in one request's code: it is an error in the log, and nobody else's server ends with it. */
export function outliveRejections(log: Logger): void {
  process.on('unhandledRejection', (reason) => {
    // anything but an error may be a value of somebody's, which no name here would redact
    const err = reason instanceof Error ? reason : new Error(`not an Error, but of type ${typeof reason}`);
    log.error({ err }, 'a rejection that nobody handled');
  });
}

// pino takes the message of an error that is logged alone as the line's own, past every redaction
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

/**
 * An error for the log: kind, code, frames, and its message with quoted text taken out. Database and validation errors quote the values
 * that they choke on, and Prisma repeats the whole call with its arguments above the last line.
 */
export function safeError(error: Error): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    message: safeMessage(error.message),
    stack: frames.map((frame) => frame.trim()),
    ...(error.cause instanceof Error && { cause: safeError(error.cause) }),
  };
}

const safeMessage = (message: string) =>
  (message.trim().split('\n').at(-1) ?? '')
    .replace(/"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|\((?:[^()]*)\)=\((?:[^()]*)\)/g, '"…"')
    .replace(/(value[^:]*): .*/, '$1: …')
    .slice(0, 300);
