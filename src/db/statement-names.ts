/** How many named statements a connection keeps, Prisma's and ours together. */
const KEPT = 500;

/** A statement's name, under which its plan stays on the connection; '' past the cap, where it goes unnamed. */
export type StatementNames = (sql: string) => string;

export function statementNames(): StatementNames {
  const names = new Map<string, string>();
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined || names.size >= KEPT) return known ?? '';
    const name = `p${names.size}`;
    names.set(sql, name);
    return name;
  };
}
