import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guarantees } from '../../../src/db/guarantees.gen.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import {
  documentOf,
  examples,
  leavesOf,
  type Operation,
  operationsOf,
  type Slot,
  variablesOf,
} from '../../support/operations.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { isPlace, placeOf } from '../../support/server/places.ts';
import { type Answer, accept, globalId, PASSWORD, rowsOf, signInAs } from '../../support/server/world.ts';

// A world in which everything happens once; then everything that it left behind is searched for
// what must not be there.
const schema = buildSchema();
const operations = operationsOf(schema).filter(({ kind }) => kind !== 'subscription');
let world: MailboxWorld;
let answers: { name: string; text: string; failed: boolean }[];
/**
 * What must be nowhere but in sealed columns and in answers to those who may read it: the value,
 * and what it is.
 */
const secrets = new Map<string, string>();
const tokens = new Set<string>();

/** So long and odd that they are in a text only if they were put there. */
const planted = {
  salary: '7654321.0987',
  iban: 'GB33BUKB20201555555555',
  civilId: 'CIV-77665544332211',
  passport: 'PASS-99887766554433',
  password: 'Wrong-Horse-Battery-4711',
};

beforeAll(async () => {
  world = await openMailboxWorld({ logLevel: 'trace' });
  for (const [kind, value] of Object.entries(planted)) secrets.set(value, kind);
  secrets.set(PASSWORD, 'password');
  await knowDemo();
  answers = [];
  for (const role of ['company_admin', 'hr_admin', 'super_admin', 'staff', null]) {
    for (const operation of ordered) answers.push(await run(operation, role));
  }
  await failOnPurpose();
  for (const token of tokens) secrets.set(token, 'token');
});
afterAll(() => world?.end());

/**
 * Making comes first and taking away last, the outer after the inner, so that each finds something
 * to work on.
 */
const rank = ({ name }: Operation) =>
  [/^(create(?!ApiKey)|invite)/, /^(?!remove|delete|disable|sign(In|Out)$|switch|revoke|suspend)/].findIndex(
    (words) => words.test(name),
  );
const ordered = [
  ...operations.filter((operation) => rank(operation) === 0),
  ...operations.filter((operation) => rank(operation) === 1),
  ...operations.filter((operation) => rank(operation) < 0).reverse(),
];

/** The demo's pay and papers, as the one who may read them reads them. */
async function knowDemo(): Promise<void> {
  for (const company of ['acme', 'globex'] as const) {
    const { data } = await world.ask(
      '{ employees(first: 100) { edges { node { salary iban civilId passport } } } }',
      {},
      await world.signIn('hr_admin', company),
    );
    for (const { node } of data.employees.edges)
      for (const [kind, value] of Object.entries(node)) secrets.set(String(value), kind);
  }
}

/** Nodes that belong to a user, or are companies: ids of none. */
const OF_USERS = [
  'Passkey',
  'TrustedDevice',
  'Invitation',
  'ViewerCompany',
  'Company',
  'ManagedCompany',
  'Job',
];

async function rowFor(node: string | null, { path }: Slot): Promise<string> {
  if (path.startsWith('resendInvitation')) return globalId('Member', await invitedMember());
  if (node === null) return crypto.randomUUID();
  if (node === 'Session') return globalId(node, '0123456789ab');
  if (OF_USERS.includes(node)) return globalId(node, crypto.randomUUID());
  if (isPlace(node)) return globalId(node, (await placeOf(world, 'Acme'))[node]);
  const table = node === 'Member' ? 'Membership' : node;
  // The newest, so that what is deleted was made here.
  const [row] = await rowsOf(
    world,
    `SELECT t.id FROM "${table}" t JOIN "Company" c ON c.id = t."companyId" WHERE c.name = 'Acme' ORDER BY t.id DESC LIMIT 1`,
  );
  return globalId(node, row?.id ?? crypto.randomUUID());
}

/** An invited user of Acme who has not accepted yet. */
async function invitedMember(): Promise<string> {
  const email = `${crypto.randomUUID()}@invited.example`;
  await world.ask(
    'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
    { input: { email, name: 'Invited', roles: ['client'] } },
    await keptToken('company_admin'),
  );
  const [row] = await rowsOf(world, 'SELECT id FROM "Membership" WHERE email = $1', [email]);
  return row.id;
}
/**
 * Who was invited is a member for what comes next in the walk, or was invited for one operation
 * alone.
 */
async function settleInvited({ name }: Operation): Promise<void> {
  const invited = await rowsOf(world, `SELECT id, email FROM "Membership" WHERE status = 'invited'`);
  for (const { id, email } of invited) {
    if (name === 'inviteMember') await accept(world, email);
    else
      await world.ask(
        'mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { deletedMemberId } }',
        { input: { memberId: globalId('Member', id) } },
        await keptToken('company_admin'),
      );
  }
}

async function run(
  operation: Operation,
  role: string | null,
): Promise<{ name: string; text: string; failed: boolean }> {
  // Signing out and switching end the session: each gets one of its own; ending all sessions ends
  // the kept one too.
  const token =
    role &&
    (await (/^(signOut|switch|revoke|issueTokens)/.test(operation.name)
      ? freshToken(role)
      : keptToken(role)));
  if (/^revoke/.test(operation.name)) world.forget();
  const slots: Slot[] = [];
  const optional = operation.kind === 'mutation';
  variablesOf(operation, (slot) => void (slot.type === 'ID' && slots.push(slot)));
  const ids = new Map(
    await Promise.all(
      slots.map(
        async (slot) =>
          [slot.path, await rowFor(slot.nodes[0] ?? (slot.global ? 'Employee' : null), slot)] as const,
      ),
    ),
  );
  const fill = examples((_node, slot) => ids.get(slot.path) ?? '', optional);
  const variables = variablesOf(operation, (slot) => {
    if (slot.name === 'first') return 5;
    // A member has one employee's record, and each of the demo's has it already.
    if (slot.path === 'createEmployee.input.memberId') return undefined;
    return planted[slot.name as keyof typeof planted] ?? fill(slot);
  });
  const answer = await world.ask(
    documentOf(operation, leavesOf(operation.type, 2)),
    variables,
    token || undefined,
  );
  if (/^(inviteMember|resendInvitation)$/.test(operation.name)) await settleInvited(operation);
  if (answer.data?.signIn?.sessionToken) tokens.add(answer.data.signIn.sessionToken);
  for (const issued of [answer.data?.issueTokens?.accessToken, answer.data?.issueTokens?.refreshToken])
    if (issued) tokens.add(issued);
  return {
    name: `${operation.name} as ${role}`,
    text: JSON.stringify({ errors: answer.errors, data: answer.data }),
    failed: answer.errors !== undefined,
  };
}

async function keptToken(role: string): Promise<string> {
  const token = await world.signIn(role);
  tokens.add(token);
  return token;
}

async function freshToken(role: string): Promise<string> {
  const token = await signInAs(
    world.ask,
    role === 'super_admin' ? 'platform@bulwark.example' : `${role}@acme.example`,
  );
  tokens.add(token);
  return token;
}

/** Faults of every kind with a secret in hand: where careless code would quote it. */
async function failOnPurpose(): Promise<void> {
  const hr = await freshToken('hr_admin');
  const [one, other] = await rowsOf(
    world,
    `SELECT e.id FROM "Employee" e JOIN "Company" c ON c.id = e."companyId" WHERE c.name = 'Acme' LIMIT 2`,
  );
  const identity =
    'mutation ($input: SetEmployeeIdentityInput!) { setEmployeeIdentity(input: $input) { employee { id } } }';
  const ask = async (query: string, variables: object, headers?: Record<string, string>) => {
    const answer = await world.ask(query, variables, hr, headers);
    answers.push({
      name: 'a fault on purpose',
      text: JSON.stringify({ errors: answer.errors, data: answer.data }),
      failed: true,
    });
    return answer;
  };
  const codes = [];
  for (const { id } of [one, other])
    codes.push(
      (await ask(identity, { input: { employeeId: globalId('Employee', id), civilId: planted.civilId } }))
        .errors?.[0]?.extensions.code,
    );
  expect(codes).toContain('CONFLICT');
  await ask(identity, {
    input: {
      employeeId: globalId('Employee', one.id),
      iban: `${planted.iban}!!`,
      passport: planted.passport.repeat(9),
    },
  });
  await ask(identity, {
    input: { employeeId: planted.passport, iban: [planted.iban], nothing: planted.civilId },
  });
  await ask(
    `{ employees(filter: { iban: "${planted.iban}", nothing: "${planted.civilId}" }) { totalCount } }`,
    {},
  );
  await ask(`{ employees(filter: { iban: "${planted.iban}" }) { totalCount `, {});
  await ask(
    'mutation ($input: SetEmployeeSalaryInput!) { setEmployeeSalary(input: $input) { employee { id } } }',
    {
      input: { employeeId: globalId('Employee', one.id), salary: Number(planted.salary) },
    },
  );
  await ask('mutation ($input: SignInInput!) { signIn(input: $input) { nothing } }', {
    input: { email: 'x@example.com', password: planted.password },
  });
  await ask('mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }', {
    input: { email: planted.password, password: planted.password },
  });
  await breakSeal(one.id, ask);
  await breakSignIn(ask);
  await breakDatabase(ask);
}

/** A value that does not open any more: INTERNAL, and a line in the log. */
async function breakSeal(
  id: string,
  ask: (query: string, variables: object) => Promise<Answer>,
): Promise<void> {
  await rowsOf(
    world,
    `SET session_replication_role = replica; UPDATE "Employee" SET salary = left(salary, -4) || 'AAAA' WHERE id = '${id}' AND salary IS NOT NULL`,
  );
  const answer = await ask('query ($id: ID!) { employee(id: $id) { salary iban } }', {
    id: globalId('Employee', id),
  });
  expect(answer.errors?.[0]?.extensions.code).toBe('INTERNAL');
}

/**
 * A statement that fails and quotes what it was given, as PostgreSQL does with a value of the wrong
 * kind.
 */
async function breakSignIn(ask: (query: string, variables: object) => Promise<Answer>): Promise<void> {
  const [{ source }] = await rowsOf(
    world,
    `SELECT pg_get_functiondef('user_for_sign_in(text)'::regprocedure) AS source`,
  );
  await rowsOf(
    world,
    `CREATE OR REPLACE FUNCTION user_for_sign_in(given_email text) RETURNS TABLE (id uuid, name text, password_hash text, companies uuid[])
     LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$ BEGIN RAISE EXCEPTION 'invalid input syntax for type uuid: "%"', given_email; END $$`,
  );
  const input = { email: `${planted.iban}@example.com`, password: planted.password };
  secrets.set(planted.iban.toLowerCase(), 'iban');
  const answer = await ask('mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }', {
    input,
  });
  await rowsOf(world, source);
  expect(answer.errors?.[0]?.extensions.code).toBe('INTERNAL');
}

/** A column gone under the server's feet: the driver's error quotes its statement. */
async function breakDatabase(ask: (query: string, variables: object) => Promise<Answer>): Promise<void> {
  await rowsOf(world, 'ALTER TABLE "Employee" RENAME COLUMN "ibanIndex" TO "hidden"');
  const answer = await ask('query ($filter: EmployeeFilter) { employees(filter: $filter) { totalCount } }', {
    filter: { iban: planted.iban },
  });
  await rowsOf(world, 'ALTER TABLE "Employee" RENAME COLUMN "hidden" TO "ibanIndex"');
  expect(answer.errors?.[0]?.extensions.code).toBe('INTERNAL');
}

/**
 * Which secrets a text holds. Last four digits are shown on purpose; salaries are looked for as
 * whole numbers.
 */
const found = (text: string): string[] =>
  [...secrets].flatMap(([secret, kind]) =>
    new RegExp(`(?<![\\w.])${secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w])`).test(text)
      ? [kind]
      : [],
  );

describe('a world in which everything happened', () => {
  it('knows the secrets, and ran every operation, also successfully', () => {
    expect(secrets.size).toBeGreaterThan(80);
    expect(found(`{"salary":"${planted.salary}","iban":"${planted.iban}"}`)).toEqual(['salary', 'iban']);
    for (const { name } of operations) {
      const runs = answers.filter((answer) => answer.name.startsWith(`${name} as`));
      expect([name, runs.length]).toEqual([name, 5]);
      expect([name, runs.some(({ failed }) => !failed || neverSucceeds.includes(name))]).toEqual([
        name,
        true,
      ]);
    }
  });
  /** They need rows in a certain state, or another user: their failure is enough here. */
  const neverSucceeds = [
    'approveAttendance',
    'approvePayrollRun',
    'payPayrollRun',
    'submitPayrollRun',
    'deleteEmployee',
    'revokeSession',
    ...['switchCompany', 'joinCompany'],
    ...[
      'startPasskeySecondFactor',
      'finishPasskeySecondFactor',
      'finishPasskeySignIn',
      'finishPasskeyStepUp',
    ],
    ...['finishPasskeyRegistration', 'renamePasskey', 'revokePasskey'],
    ...['deleteCompany', 'retryJob', 'cancelJob'],
    'signIn',
    // or a link that was mailed, or a company that lets strangers in
    ...['signUp', 'verifyEmail', 'acceptInvitation', 'resetPassword', 'unlockAccount', 'changePassword'],
    ...['approveSignUp', 'refuseSignUp', 'restoreMember', 'refreshTokens'],
    // or a second factor, or a code or a link of one
    ...[
      'completeSignIn',
      'requestCode',
      'stepUp',
      'finishTotpEnrolment',
      'regenerateBackupCodes',
      'removeFactor',
    ],
    ...['addContactFactor', 'confirmContactFactor', 'revokeTrustedDevice'],
    ...['startRecovery', 'recoverAccount', 'setRecoveryEmail', 'verifyRecoveryEmail'],
    ...['disableMemberFactors', 'resetMemberGrace'],
  ];

  it('[H5] logged no salary, IBAN, civil id, passport, password or token', () => {
    const log = world.logged();
    expect(log.split('\n').length).toBeGreaterThan(200);
    expect(log).toContain('unexpected error');
    expect(found(log)).toEqual([]);
  });

  it('[H5] logged no variables, no query text, no cookie, no header with a credential', () => {
    for (const line of world.logged().split('\n').filter(Boolean)) {
      expect(line).not.toMatch(
        /bearer|"variables":(?!"\[redacted\]")|"cookie":(?!"\[redacted\]")|setEmployeeSalary\(|mutation \(/i,
      );
    }
  });

  it('[H5] contains no secret in an error', () => {
    const errors = answers
      .filter(({ failed }) => failed)
      .map(({ text }) => JSON.stringify(JSON.parse(text).errors));
    expect(errors.length).toBeGreaterThan(60);
    expect(errors.flatMap((text) => found(text).map((kind) => `${kind} in ${text}`))).toEqual([]);
    expect(
      errors.filter((text) => /\bat \w+ \(|node_modules|SELECT|[Pp]risma|"Employee"/.test(text)),
    ).toEqual([]);
  });

  it('[H5] shows no other employee’s pay or identity numbers to staff or anonymous clients', async () => {
    const own = await rowsOf(world, `SELECT id FROM "Employee" WHERE email = 'staff@acme.example'`);
    const { data } = await world.ask(
      'query ($id: ID!) { employee(id: $id) { salary iban civilId passport } }',
      { id: globalId('Employee', own[0].id) },
      await freshToken('staff'),
    );
    const theirs = new Set(Object.values(data.employee).map(String));
    for (const { name, text } of answers.filter(({ name }) => / as (staff|null)$/.test(name))) {
      const others = [...secrets].filter(
        ([secret, kind]) => kind !== 'token' && !theirs.has(secret) && text.includes(`"${secret}"`),
      );
      expect([name, others]).toEqual([name, []]);
    }
  });

  it('[L1] appends no secret to the audit log, where sealed columns are ciphertext', async () => {
    const events = await rowsOf(world, 'SELECT action, body FROM audit_event');
    expect(events.length).toBeGreaterThan(200);
    expect(events.flatMap(({ action, body }) => found(body).map((kind) => `${kind} in ${action}`))).toEqual(
      [],
    );
    const changes = events
      .filter(({ action }) => ['employee.salary.changed', 'employee.identity.changed'].includes(action))
      .map(({ body }) => JSON.parse(body));
    expect(changes.length).toBeGreaterThan(20);
    for (const { after } of changes) {
      const sealed = Object.entries(after).filter(
        ([name, value]) => value !== null && guarantees.Employee.fields[name as 'salary']?.sealed,
      );
      expect(sealed.length).toBeGreaterThan(0);
      for (const [, value] of sealed) expect(value).toMatch(/^b1\.[\w-]+\.[\w-]{38,}$/);
    }
  });

  it('[E6] stores no secret in any table: sealed columns are ciphertext, passwords and tokens hashes', async () => {
    const tables = await rowsOf(
      world,
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const rows = await rowsOf(world, `SELECT t::text AS row FROM "${name}" t`);
      expect([name, rows.flatMap(({ row }) => found(row))]).toEqual([name, []]);
    }
    for (const [model, { table, fields }] of Object.entries(guarantees)) {
      for (const [column, field] of Object.entries(fields)) {
        if (!('sealed' in field)) continue;
        const rows = await rowsOf(
          world,
          `SELECT "${column}" AS value FROM "${table}" WHERE "${column}" IS NOT NULL`,
        );
        expect([model, column, rows.length > 0]).toEqual([model, column, true]);
        for (const { value } of rows) expect(value).toMatch(/^b1\./);
      }
    }
    const credentials = await rowsOf(world, 'SELECT "passwordHash" AS hash FROM "Credential"');
    for (const { hash } of credentials) expect(hash).toMatch(/^\$argon2id\$/);
    for (const { id } of await rowsOf(world, 'SELECT id FROM "Session"'))
      expect(id).toMatch(/^[0-9a-f]{64}$/);
  });

  it('[H5] an internal error is logged under the request id that the client receives, and reveals nothing else', () => {
    const faults = answers
      .flatMap(({ text }) => JSON.parse(text).errors ?? [])
      .filter(({ extensions }: { extensions: { code: string } }) => extensions.code === 'INTERNAL');
    expect(faults.length).toBeGreaterThan(1);
    for (const { message, extensions } of faults) {
      expect(message).toBe('Internal server error; quote the request id when you report it.');
      expect(Object.keys(extensions).sort()).toEqual(['code', 'requestId']);
      expect(
        world
          .logged()
          .split('\n')
          .some((line) => line.includes('unexpected error') && line.includes(extensions.requestId)),
      ).toBe(true);
    }
  });
});
