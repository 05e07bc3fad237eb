import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles as catalogue, isForServices, isPermission } from '../../src/auth/authorization/permissions.ts';
import { buildSchema } from '../../src/schema/index.ts';
import {
  documentOf,
  examples,
  type Fill,
  type Operation,
  operationsOf,
  type Slot,
  variablesOf,
} from '../support/operations.ts';
import { from, type MailboxWorld } from '../support/server/dev-mailbox.ts';
import {
  allows,
  codes,
  companyRoles,
  emailOf,
  lineOf,
  must,
  openPolicedWorld,
  type PolicedWorld,
  roles,
  rootOf,
} from '../support/server/policy-world.ts';
import { type Answer, globalId, PASSWORD, rowsOf } from '../support/server/world.ts';
import { issueTokens, newKey } from '../support/sign-in/credentials.ts';
import {
  type MfaState,
  mfaStates,
  openStates,
  type Somebody,
  type States,
} from '../support/sign-in/mfa-states.ts';

// What is enforced, tried operation by operation as each built-in role in each state of its second factor, against what the server says
// its policy is. The operations are the schema's: one that is added is tried without a line here, and fails where its example is no use.
const operations = operationsOf(buildSchema());
let policed: PolicedWorld;
let world: MailboxWorld;
let states: States;
let ask: MailboxWorld['ask'];

beforeAll(async () => {
  policed = await openPolicedWorld();
  world = policed.world;
  states = await openStates(world);
  ask = world.inside;
}, 60_000);
afterAll(async () => {
  await states?.end();
  await world?.end();
});

const nameOf = ({ kind, name }: Operation) => `${rootOf[kind]}.${name}`;
/** The lines of the policy that an operation is judged by: of `node` and `nodes` also that of the type asked for. */
const judgedBy = (operation: Operation): string[] =>
  /^nodes?$/.test(operation.name) ? [nameOf(operation), 'Employee.id'] : [nameOf(operation)];
const isPublic = (operation: Operation) => lineOf(policed, nameOf(operation)).access === 'public';
/** For the key of a service account with this role: less what is for people alone. */
const allowsKey = (name: string, role: string): boolean => {
  const { access } = lineOf(policed, name);
  if (access === 'signedIn') return false;
  return allows(policed, name, role) && access.split(' and ').filter(isPermission).every(isForServices);
};

/** Ids of nothing: who may use an operation is refused by what it finds, who may not before it looks. */
const nothing = ({ nodes, global }: Pick<Slot, 'nodes' | 'global'>) => {
  if (nodes[0] === 'Session') return globalId('Session', '0123456789ab');
  return global ? globalId(nodes[0] ?? 'Employee', crypto.randomUUID()) : crypto.randomUUID();
};
const ids = examples((_node, slot) => nothing(slot));
/** A role that everybody may grant, for it holds nothing. */
const fill: Fill = (slot) => (slot.name === 'roles' ? ['nothing'] : ids(slot));

/** The first event of a subscription, then the connection is let go. */
async function firstEvent(document: string, variables: object, token: string): Promise<Answer> {
  const response = await fetch(world.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: document, variables }),
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    text += new TextDecoder().decode(next.value);
    const event = /^data: (\{.*\})$/m.exec(text) ?? /^(\{.*\})$/m.exec(text);
    if (!event) continue;
    await reader.cancel();
    return JSON.parse(event[1] as string);
  }
  throw new Error(`no event: ${text}`);
}

async function runAs(operation: Operation, token: string): Promise<Answer> {
  const variables = variablesOf(operation, fill);
  const input = await inputs[operation.name]?.();
  if (input) variables.input = input;
  if (operation.kind === 'subscription') return firstEvent(documentOf(operation), { after: '0' }, token);
  return ask(documentOf(operation), variables, token, from());
}

/** These end sessions: each gets one of its own. */
const ENDING = [
  'signOut',
  'issueTokens',
  'switchCompany',
  'changePassword',
  'revokeOtherSessions',
  'revokeAllSessions',
];
const client = () =>
  states.somebodyLike(emailOf('client'), mfaStates['without a factor, and none is required']);
let passwords = 0;
/** What examples by name and type cannot know. */
const inputs: Record<string, () => Promise<object>> = {
  refreshTokens: async () => {
    const session = await states.sessionOf(await client());
    return { refreshToken: (await issueTokens({ ask }, session)).refreshToken };
  },
  signIn: async () => ({ email: emailOf('client'), password: PASSWORD }),
  // nothing at random in it: it could hold four characters of the address, which are random too, and be refused
  changePassword: async () => ({ currentPassword: PASSWORD, newPassword: `Walking-lantern-${++passwords}` }),
  addContactFactor: async () => ({
    channel: 'EMAIL',
    destination: `${crypto.randomUUID()}@walk.example`,
  }),
  // one that nobody has, or it would be gone for the rest
  removeFactor: async () => ({ method: 'SMS' }),
  signUp: async () => {
    const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
    return {
      companyId: globalId('Company', acme.id),
      email: `${crypto.randomUUID()}@walk.example`,
      name: 'Walk',
    };
  },
};
/** Public, but asking for a link that nobody was mailed. */
const BY_LINK = [
  ...['acceptInvitation', 'resetPassword', 'unlockAccount', 'verifyEmail'],
  ...['recoverAccount', 'verifyRecoveryEmail'],
];
/** Public, but asking for a sign-in that waits. */
const BY_PENDING = [
  ...['completeSignIn', 'requestCode', 'startRecovery'],
  ...['startPasskeySecondFactor', 'finishPasskeySecondFactor'],
];
/** Allowed, but asking for a second factor or a code of one, which nobody here has. */
const BY_FACTOR = ['stepUp', 'requestCode', 'confirmContactFactor', 'finishTotpEnrolment', 'removeFactor'];
/** Allowed, but asking for what a passkey signed. */
const BY_PASSKEY = ['finishPasskeySignIn', 'finishPasskeyRegistration', 'finishPasskeyStepUp'];
/** The answers to examples of who may. */
const fine = (name: string): string[] => [
  ...['NOT_FOUND', 'CONFLICT'],
  ...(BY_PENDING.includes(name) ? ['UNAUTHENTICATED'] : []),
  ...(BY_FACTOR.includes(name) ? ['INVALID_INPUT'] : []),
  ...(BY_PASSKEY.includes(name) ? ['PASSKEY_REFUSED'] : []),
];
const REFUSALS = ['FORBIDDEN', 'STEP_UP_REQUIRED', 'ENROLMENT_REQUIRED'];

/** What is wrong with an answer: refused otherwise than it should be, or allowed and not got as far as the rows. */
function wrongWith(operation: Operation, found: string[], refusal: string | null): string[] {
  const wanted = refusal === null ? [] : [refusal];
  const refused = [...new Set(found.filter((code) => REFUSALS.includes(code)))];
  const others = found.filter((code) => !REFUSALS.includes(code) && !fine(operation.name).includes(code));
  return refused.join() === wanted.join() && others.length === 0
    ? []
    : [
        `${nameOf(operation)}: ${wanted.join() || 'allowed'} says the policy, ${found.join() || 'ok'} the server`,
      ];
}

/** So many at once: each waits for the database more than it works. */
const AT_ONCE = 8;
async function each<T>(list: readonly T[], run: (one: T) => Promise<unknown>): Promise<void> {
  const rest = [...list];
  const worker = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Every operation with a credential; those that end sessions come last, each with one of its own. */
async function codesOf(
  asked: Operation[],
  credential: () => Promise<string>,
): Promise<Map<Operation, string[]>> {
  const found = new Map<Operation, string[]>();
  const token = await credential();
  const ends = ({ name }: Operation) => ENDING.includes(name);
  await each(
    asked.filter((operation) => !ends(operation)),
    async (operation) => found.set(operation, codes(await runAs(operation, token))),
  );
  for (const operation of asked.filter(ends))
    found.set(operation, codes(await runAs(operation, await credential())));
  return found;
}

async function credentialOf(somebody: Somebody): Promise<string> {
  const session = await states.sessionOf(somebody);
  return somebody.state.tokens ? (await issueTokens({ ask }, session)).accessToken : session;
}

describe('[R2][R7] every operation answers every role by the exported policy', () => {
  describe.each(Object.entries<MfaState>(mfaStates))(
    '[M5][M8][A6] and for each state of their second factor: %s',
    (name, state) => {
      // of the platform one is always required
      const everybody = state.requiredFor === null ? companyRoles : roles;
      it.each(everybody)('%s', async (role) => {
        // what is public is the same for all: one role tries it in each state, all roles do in the first
        const asked = operations.filter(
          (operation) => !isPublic(operation) || role === 'client' || name === Object.keys(mfaStates)[0],
        );
        const somebody = await states.somebodyLike(emailOf(role), state);
        const found = await codesOf(asked, () => credentialOf(somebody));
        const wrong = [...found].flatMap(([operation, codes]) => {
          const may = judgedBy(operation).every((line) => allows(policed, line, role));
          return wrongWith(operation, codes, state.refusal(lineOf(policed, nameOf(operation)), may));
        });
        expect(wrong).toEqual([]);
        expect(found.size).toBe(asked.length);
      });
    },
  );

  it.each(companyRoles)(
    '[A7] an API key of a service account with the role %s, without permissions reserved for users',
    async (role) => {
      const { key } = await newKey(world, await world.signIn('company_admin'), [role]);
      const asked = operations.filter((operation) => !isPublic(operation) || role === 'client');
      const found = await codesOf(asked, async () => key);
      const wrong = [...found].flatMap(([operation, codes]) =>
        wrongWith(
          operation,
          codes,
          judgedBy(operation).every((line) => allowsKey(line, role)) ? null : 'FORBIDDEN',
        ),
      );
      expect(wrong).toEqual([]);
      expect(found.size).toBeGreaterThan(40);
    },
  );

  it('an anonymous client may use public operations, and gets UNAUTHENTICATED for others', async () => {
    const found = await codesOf(operations, async () => '');
    for (const [operation, codes] of found)
      expect([operation.name, codes]).toEqual([operation.name, anonymousCodes(operation)]);
  });

  /** What a client without a valid credential gets. */
  function anonymousCodes(operation: (typeof operations)[number]): string[] {
    const { name } = operation;
    if (!isPublic(operation)) return ['UNAUTHENTICATED'];
    if (BY_LINK.includes(name)) return ['NOT_FOUND'];
    if (BY_PASSKEY.includes(name)) return ['PASSKEY_REFUSED'];
    return BY_PENDING.includes(name) ? ['UNAUTHENTICATED'] : [];
  }

  it('a client with an MFA challenge is anonymous', async () => {
    const somebody = await states.somebodyLike(
      emailOf('company_admin'),
      mfaStates['with a factor, proven just now'],
    );
    const { signIn } = must(
      await ask(
        'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken mfaChallenge { token } } }',
        { input: { email: somebody.email, password: PASSWORD } },
      ),
    );
    expect(signIn.sessionToken).toBeNull();
    for (const [operation, codes] of await codesOf(operations, async () => signIn.mfaChallenge.token))
      expect([operation.name, codes]).toEqual([operation.name, anonymousCodes(operation)]);
  });
});

describe('[R5][R7] a read-only role has no audited operation', () => {
  it.each(Object.entries(catalogue).flatMap(([name, role]) => (role.readOnly ? [name] : [])))(
    '%s',
    (role) => {
      const written = [...policed.lines.values()].filter(
        ({ type, event }) => type === 'Mutation' && event !== null,
      );
      expect(written.length).toBeGreaterThan(15);
      expect(written.filter(({ roles }) => roles.includes(role))).toEqual([]);
    },
  );
});
