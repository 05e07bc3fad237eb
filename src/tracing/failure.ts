/** SQLSTATE (PostgreSQL manual, appendix A), error codes of this server and of Node. */
const CODE = /^[A-Z0-9_]{2,40}$/;
const CLASS = /^\w{1,60}$/;

/** Returns what kind of failure it is: its code, else its class. Never its message. */
export function failureOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string' && CODE.test(code)) return code;
  return typeof name === 'string' && CLASS.test(name) ? name : 'Error';
}
