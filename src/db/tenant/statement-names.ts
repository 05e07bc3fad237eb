import { contentHash } from '../../crypto/digest.ts';

/** How many named statements one generator keeps. */
const KEPT = 500;

/**
 * Returns a statement's name, under which its plan stays on the connection; '' past the cap: it is
 * sent unnamed.
 */
export type StatementNames = (sql: string) => string;

/**
 * Names are hashes of the statement's text: a name means the same statement on every server, also
 * where servers share connections behind a pooler such as PgBouncer.
 */
export function statementNames(): StatementNames {
  const names = new Map<string, string>();
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined || names.size >= KEPT) return known ?? '';
    const name = `b_${contentHash(sql).slice(0, 32)}`;
    names.set(sql, name);
    return name;
  };
}
