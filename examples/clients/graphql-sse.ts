import { print } from 'graphql';
import { createClient, NetworkError } from 'graphql-sse';
import { AuditLogDocument, type AuditLogSubscription } from './generated/graphql.ts';
import { isExpired, type Session } from './session.ts';

type AuditEvent = AuditLogSubscription['auditEvents'];

/** Attempts to connect again before a loss is thrown: half a minute at least, a minute at most. */
const ATTEMPTS = 6;

/**
 * Follows the audit log from a cursor (`'0'`: from its first event), each event once and in order.
 * Renews the tokens when they have expired, and resumes after the last event when the connection is
 * lost. Ends when the caller leaves the loop.
 */
export async function* auditLog(session: Session, after: string): AsyncGenerator<AuditEvent> {
  let cursor = after;
  for (let losses = 0; ; losses += 1) {
    try {
      for await (const event of eventsAfter(session, cursor)) {
        [cursor, losses] = [event.cursor, 0];
        yield event;
      }
      return;
    } catch (error) {
      if (losses === ATTEMPTS || !(await canResume(session, error, losses))) throw error;
    }
  }
}

/**
 * Renews expired tokens. After a lost connection it waits, longer each time and by chance, so that
 * clients do not return all at once.
 */
async function canResume(session: Session, error: unknown, losses: number): Promise<boolean> {
  const code = codeOf(error);
  if (isExpired(code)) return session.refresh();
  if (code !== 'UNAVAILABLE') return false;
  await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** losses * (1 + Math.random())));
  return true;
}

/** Without the client's own attempts, which would begin again at the first cursor. */
async function* eventsAfter(session: Session, after: string): AsyncGenerator<AuditEvent> {
  const client = createClient({ url: session.url, headers: () => session.headers(), retryAttempts: 0 });
  try {
    const results = client.iterate<AuditLogSubscription>({
      query: print(AuditLogDocument),
      variables: { after },
    });
    for await (const { data, errors } of results) {
      if (errors?.[0]) throw new Error(errors[0].message, { cause: errors[0].extensions?.code });
      if (data) yield data.auditEvents;
    }
  } finally {
    client.dispose();
  }
}

/**
 * Returns the code of docs/errors.md: a stream that does not begin says it by its status, one that
 * ends by an error.
 */
export const codeOf = (error: unknown): unknown => {
  if (error instanceof NetworkError) return codeOfStatus(error.response?.status);
  // what `fetch` throws when a connection is lost
  if (error instanceof TypeError) return 'UNAVAILABLE';
  return error instanceof Error ? error.cause : undefined;
};

/** Without a status, the connection was refused or lost. */
const codeOfStatus = (status = 503): string | undefined =>
  status === 401 ? 'UNAUTHENTICATED' : status >= 500 ? 'UNAVAILABLE' : undefined;
