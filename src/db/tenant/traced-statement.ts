import { traced } from '../../tracing/trace.ts';

const VERBS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'WITH', 'COMMIT', 'ROLLBACK'];

/** Runs a round trip in a span of its own that names the statement's verb, and none of its text. */
export const tracedStatement = <T>(text: string, work: () => Promise<T>): Promise<T> =>
  traced('database', work, 'client', () => ({
    'db.system.name': 'postgresql',
    'db.operation.name': verbOf(text),
  }));

function verbOf(text: string): string {
  const first = /^\s*(\w{1,10})/.exec(text)?.[1]?.toUpperCase() ?? '';
  return VERBS.includes(first) ? first : 'OTHER';
}
