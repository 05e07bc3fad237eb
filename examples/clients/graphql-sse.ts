import { print } from 'graphql';
import { createClient, NetworkError } from 'graphql-sse';
import { AuditLogDocument, type AuditLogSubscription } from './generated/graphql.ts';
import { isExpired, type Session } from './session.ts';

type AuditEvent = AuditLogSubscription['auditEvents'];

/**
 * Follows the audit log from a cursor (`'0'`: from its first event), each event once and in order. Renews the tokens when they have
 * expired, and resumes after the last event when the connection is lost. Ends when the caller leaves the loop.
 */
export async function* auditLog(session: Session, after: string): AsyncGenerator<AuditEvent> {
  let cursor = after;
  for (;;) {
    try {
      for await (const event of eventsAfter(session, cursor)) {
        cursor = event.cursor;
        yield event;
      }
      return;
    } catch (error) {
      if (!isExpired(codeOf(error)) || !(await session.refresh())) throw error;
    }
  }
}

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

/** Returns the code of docs/errors.md: a stream that does not begin says it by its status, one that ends by an error. */
export const codeOf = (error: unknown): unknown => {
  if (error instanceof NetworkError)
    return error.response?.status === 401 ? 'UNAUTHENTICATED' : 'UNAVAILABLE';
  return error instanceof Error ? error.cause : undefined;
};
