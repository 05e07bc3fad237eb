import { AppError, type ErrorCode, notFound } from '../../errors.ts';

/**
 * SQLSTATE and Prisma codes that say something about the request and not about the server.
 * Everything else is `INTERNAL`.
 */
const answers: Record<string, ErrorCode> = {
  P2025: 'NOT_FOUND',
  P2003: 'NOT_FOUND',
  23503: 'NOT_FOUND',
  P2002: 'CONFLICT',
  23505: 'CONFLICT',
  P2034: 'CONFLICT',
  40001: 'CONFLICT',
  '40P01': 'CONFLICT',
  P2000: 'INVALID_INPUT',
  P2020: 'INVALID_INPUT',
  P2023: 'INVALID_INPUT',
  22001: 'INVALID_INPUT',
  22021: 'INVALID_INPUT', // bytes that are no text here, U+0000 among them
  22003: 'INVALID_INPUT',
  22008: 'INVALID_INPUT',
  '22P02': 'INVALID_INPUT',
  UNAVAILABLE: 'UNAVAILABLE', // a deadline: Prisma gives its code to an error of its own where a raw statement fails
  P1001: 'UNAVAILABLE',
  P1002: 'UNAVAILABLE',
  P1008: 'UNAVAILABLE',
  P1017: 'UNAVAILABLE',
  P2024: 'UNAVAILABLE',
  P2028: 'UNAVAILABLE',
  '25P03': 'UNAVAILABLE',
  '25006': 'UNAVAILABLE', // read-only: a standby that has not taken over yet
  '55P03': 'UNAVAILABLE',
  58030: 'UNAVAILABLE',
  // what Prisma's driver makes of errors of the socket
  ConnectionClosed: 'UNAVAILABLE',
  DatabaseNotReachable: 'UNAVAILABLE',
  SocketTimeout: 'UNAVAILABLE',
  TlsConnectionError: 'UNAVAILABLE',
};

/**
 * Classes of SQLSTATE and of system errors that say that PostgreSQL cannot be reached, or cannot
 * work: connections, resources, operators.
 */
const UNAVAILABLE = /^(08|53|57)[0-9A-Z]{3}$|^E(CONN\w+|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|\w+UNREACH|NETDOWN)$/;

/** pg's own errors have no code. */
const LOST =
  /^Connection terminated|^timeout (expired|exceeded)|not queryable$|^connection released|^Cannot use a pool/;

const messages: Partial<Record<ErrorCode, string>> = {
  CONFLICT: 'The state has moved on or a unique value is taken; read again, then decide.',
  INVALID_INPUT: 'A value is too long, out of range, or not of the kind that is stored there.',
  UNAVAILABLE: 'The database does not answer; retry later.',
};

type Link = {
  code?: unknown;
  kind?: unknown;
  originalCode?: unknown;
  cause?: unknown;
  message?: unknown;
  originalMessage?: unknown;
  meta?: Meta;
};
type Meta = { driverAdapterError?: unknown } | undefined;

/**
 * What a client may see of a database error, or undefined when it is a fault of the server. Names
 * no table, column or value.
 */
export function storageError(error: unknown): AppError | undefined {
  const links = chain(error);
  const code = links.map(answerTo).find((answer) => answer !== undefined);
  if (code === undefined) return undefined;
  if (code === 'NOT_FOUND') return notFound();
  return new AppError(code, messages[code] ?? code, { cause: error });
}

/** The error, its causes, and the driver's error that Prisma keeps in `meta`. */
function chain(error: unknown): Link[] {
  const links: Link[] = [];
  for (let next = error; typeof next === 'object' && next !== null && links.length < 8; ) {
    const link = next as Link;
    links.push(link);
    next = link.meta?.driverAdapterError ?? link.cause;
  }
  return links.reverse();
}

function answerTo(link: Link): ErrorCode | undefined {
  const code = String(link.originalCode ?? link.code ?? link.kind ?? '');
  const text = `${link.originalMessage ?? ''} ${link.message ?? ''}`;
  // 42501 is both row-level security (another company's row) and a missing grant (a server error)
  if (code === '42501') return text.includes('row-level security') ? 'NOT_FOUND' : undefined;
  if (code === '23503' && text.includes('update or delete')) return 'CONFLICT';
  if (UNAVAILABLE.test(code) || LOST.test(String(link.message ?? ''))) return 'UNAVAILABLE';
  return Object.hasOwn(answers, code) ? answers[code] : undefined;
}
