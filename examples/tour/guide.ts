import pg from 'pg';
import { type Client, connect, RequestError } from '../client/client.ts';
import { EmployeesDocument, SignInDocument } from '../client/generated/graphql.ts';

export type Account = { email: string; password: string; company: string; roles: string[] };
/** `origin` is that of the front end, whose passkeys the server accepts. */
export type Place = { url: string; origin: string; accounts: Account[]; ownerUrl: string };

/** Signs in with demo accounts, and reads PostgreSQL as its owner. */
export type Guide = {
  url: string;
  origin: string;
  ownerUrl: string;
  as: (role: string, company?: string) => Promise<Visitor>;
  password: (role: string, company?: string) => string;
  owner: <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;
};
export type Visitor = Client & { token: string; email: string; userId: string; companyId: string };

/** One guarantee: `see` returns lines of evidence, and throws when the guarantee is broken. */
export type Step = { title: string; see: (guide: Guide) => Promise<string[]> };

export function guideOf({ url, origin, accounts, ownerUrl }: Place): Guide {
  const visitors = new Map<string, Promise<Visitor>>();
  const accountOf = (role: string, company = 'Acme'): Account => {
    const account = accounts.find((one) => one.company === company && one.roles.includes(role));
    if (!account) throw new Error(`no demo account of ${company} has the role ${role}`);
    return account;
  };
  return {
    url,
    origin,
    ownerUrl,
    password: (role, company) => accountOf(role, company).password,
    as: (role, company) => {
      const account = accountOf(role, company);
      const visitor = visitors.get(account.email) ?? signIn(url, account);
      visitors.set(account.email, visitor);
      return visitor;
    },
    owner: async (sql, values) => {
      const db = new pg.Client({ connectionString: ownerUrl });
      await db.connect();
      return db
        .query(sql, values)
        .then(({ rows }) => rows, onFailure)
        .finally(() => db.end());
    },
  };
}

const onFailure = (error: unknown): never => {
  throw error;
};

async function signIn(url: string, { email, password }: Account): Promise<Visitor> {
  const { signIn } = await connect(url).ask(SignInDocument, { input: { email, password } });
  const { sessionToken: token, viewer } = signIn;
  insist(token !== null && viewer !== null, `${email} has a second factor: the tour knows only the password`);
  const { user, company } = viewer;
  return { ...connect(url, { token }), token, email, userId: uuidIn(user.id), companyId: company.id };
}

/** Returns the UUID in a global id. */
export const uuidIn = (id: string): string => Buffer.from(id, 'base64').toString().split(':')[1] ?? '';

/** Fails the step with a message when the evidence is missing. */
export function insist(kept: boolean, otherwise: string): asserts kept {
  if (!kept) throw new Error(otherwise);
}

/** Returns the error of an operation that must be rejected, as `CODE: message`. */
export async function refusal(code: string, asked: Promise<unknown>): Promise<string> {
  const answer = await asked.then(
    () => 'it was allowed',
    (error) => error as Error,
  );
  if (answer instanceof RequestError) {
    insist(answer.code === code, `expected ${code}, got ${answer.code}: ${answer.message}`);
    return `${answer.code}: ${answer.message}`;
  }
  throw answer instanceof Error ? answer : new Error(`expected ${code}, but ${answer}`);
}

export type Employee = {
  id: string;
  name: string;
  email: string;
  salary: string | null;
  iban: string | null;
};

/** Returns all employees that a visitor may read. */
export async function employeesOf(visitor: Visitor): Promise<Employee[]> {
  const found: Employee[] = [];
  for (let after: string | null | undefined; ; ) {
    const { employees } = await visitor.ask(EmployeesDocument, { first: 50, after });
    found.push(...employees.edges.map(({ node }) => node));
    if (!employees.pageInfo.hasNextPage) return found;
    after = employees.pageInfo.endCursor;
  }
}

/** Returns the employee with the e-mail address of the role's demo account. */
export async function employeeOf(visitor: Visitor, role: string): Promise<Employee> {
  const employee = (await employeesOf(visitor)).find(({ email }) => email.startsWith(`${role}@`));
  insist(employee !== undefined, `${visitor.email} sees no employee ${role}@…`);
  return employee;
}

/** Convert between the row's id in PostgreSQL and its global id. */
export const rowId = (id: string): string => Buffer.from(id, 'base64').toString().split(':')[1] ?? '';
export const nodeId = (type: string, row: string): string => Buffer.from(`${type}:${row}`).toString('base64');
