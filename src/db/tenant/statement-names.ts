/** How many named statements a connection keeps, Prisma's and ours together. */
const KEPT = 500;

/** A statement's name, under which its plan stays on the connection; '' past the cap, where it goes unnamed. */
export type StatementNames = (sql: string) => string;

/** `prefix`: apart from other names on the same connections. */
export function statementNames(prefix = 'p'): StatementNames {
  const names = new Map<string, string>();
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined || names.size >= KEPT) return known ?? '';
    const name = `${prefix}${names.size}`;
    names.set(sql, name);
    return name;
  };
}
