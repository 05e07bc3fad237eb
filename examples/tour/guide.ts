import pg from 'pg';
import { type Client, connect, RequestError } from '../client/client.ts';
import { EmployeesDocument, SignInDocument } from '../client/generated/graphql.ts';

export type Account = { email: string; password: string; company: string; roles: string[] };
/** `origin`: of the front end's pages, whose passkeys the server takes. */
export type Place = { url: string; origin: string; accounts: Account[]; ownerUrl: string };

/** Who leads through the house: signs in as anybody of the demo, and looks into PostgreSQL as its owner. */
export type Guide = {
  url: string;
  origin: string;
  ownerUrl: string;
  as: (role: string, company?: string) => Promise<Visitor>;
  password: (role: string, company?: string) => string;
  owner: <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;
};
export type Visitor = Client & { token: string; email: string; userId: string; companyId: string };

/** One promise: `see` returns the evidence, a line each, and throws when it is not kept. */
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
  return { ...connect(url, { token }), token, email, userId: user.id, companyId: company.id };
}

/** Evidence that isn't there: the step fails with what was expected and what came. */
export function insist(kept: boolean, otherwise: string): asserts kept {
  if (!kept) throw new Error(otherwise);
}

/** The refusal of something that must be refused, as `CODE: message`. */
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

/** All employees that a visitor sees, page after page. */
export async function employeesOf(visitor: Visitor): Promise<Employee[]> {
  const found: Employee[] = [];
  for (let after: string | null | undefined; ; ) {
    const { employees } = await visitor.ask(EmployeesDocument, { first: 50, after });
    found.push(...employees.edges.map(({ node }) => node));
    if (!employees.pageInfo.hasNextPage) return found;
    after = employees.pageInfo.endCursor;
  }
}

/** Whose e-mail is the account's of that role. */
export async function employeeOf(visitor: Visitor, role: string): Promise<Employee> {
  const employee = (await employeesOf(visitor)).find(({ email }) => email.startsWith(`${role}@`));
  insist(employee !== undefined, `${visitor.email} sees no employee ${role}@…`);
  return employee;
}

/** The row's id in PostgreSQL, and as the API gives it. */
export const rowId = (id: string): string => Buffer.from(id, 'base64').toString().split(':')[1] ?? '';
export const nodeId = (type: string, row: string): string => Buffer.from(`${type}:${row}`).toString('base64');
