import {
  roles as catalogue,
  isForServices,
  isPermission,
} from '../../../src/auth/authorization/permissions.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import {
  documentOf,
  examples,
  type Fill,
  type Operation,
  operationsOf,
  type Slot,
  variablesOf,
} from '../operations.ts';
import { from } from '../server/dev-mailbox.ts';
import {
  allows,
  codes,
  companyRoles,
  emailOf,
  lineOf,
  openPolicedWorld,
  type PolicedWorld,
  roles,
  rootOf,
} from '../server/policy-world.ts';
import { type Answer, globalId, PASSWORD, rowsOf } from '../server/world.ts';
import { issueTokens } from '../sign-in/credentials.ts';
import {
  type MfaState,
  type MfaStateName,
  mfaStates,
  openStates,
  type States,
  type StateUser,
} from '../sign-in/mfa-states.ts';

/**
 * The schema's operations: one that is added is tried without a line here, and fails where its
 * example is no use.
 */
export const operations: Operation[] = operationsOf(buildSchema());

/** These end sessions: each gets one of its own. */
const ENDING = [
  'signOut',
  'issueTokens',
  'switchCompany',
  'changePassword',
  'revokeOtherSessions',
  'revokeAllSessions',
];
/** Public, but asking for a sign-in that waits. */
export const BY_PENDING = [
  ...['completeSignIn', 'requestCode', 'startRecovery'],
  ...['startPasskeySecondFactor', 'finishPasskeySecondFactor'],
];
/** Allowed, but asking for a second factor or a code of one, which no user here has. */
const BY_FACTOR = ['stepUp', 'requestCode', 'confirmContactFactor', 'finishTotpEnrolment', 'removeFactor'];
/** Allowed, but asking for what a passkey signed. */
export const BY_PASSKEY = ['finishPasskeySignIn', 'finishPasskeyRegistration', 'finishPasskeyStepUp'];
const REFUSALS = ['FORBIDDEN', 'STEP_UP_REQUIRED', 'ENROLMENT_REQUIRED'];
/** So many at once: each waits for the database more than it works. */
const AT_ONCE = 8;

export const nameOf = ({ kind, name }: Operation): string => `${rootOf[kind]}.${name}`;
/**
 * The lines of the policy that an operation is judged by: of `node` and `nodes` also that of the
 * type asked for.
 */
const judgedBy = (operation: Operation): string[] =>
  /^nodes?$/.test(operation.name) ? [nameOf(operation), 'Employee.id'] : [nameOf(operation)];
const ends = ({ name }: Operation): boolean => ENDING.includes(name);

/**
 * Ids of nothing: who may use an operation is refused by what it finds, who may not before it
 * looks.
 */
const nothing = ({ nodes, global }: Pick<Slot, 'nodes' | 'global'>) => {
  if (nodes[0] === 'Session') return globalId('Session', '0123456789ab');
  return global ? globalId(nodes[0] ?? 'Employee', crypto.randomUUID()) : crypto.randomUUID();
};
const ids = examples((_node, slot) => nothing(slot));
/** A role that everybody may grant, for it holds nothing. */
const fill: Fill = (slot) => (slot.name === 'roles' ? ['nothing'] : ids(slot));

/**
 * The roles that can be in a state of their second factor: of the platform's one is always
 * required.
 */
export const rolesIn = ({ requiredFor }: MfaState): readonly string[] =>
  requiredFor === null ? companyRoles : roles;

/** What is enforced, tried operation by operation, against what the server says its policy is. */
export class OperationMatrix {
  readonly policed: PolicedWorld;
  readonly states: States;
  #passwords = 0;

  constructor(policed: PolicedWorld, states: States) {
    this.policed = policed;
    this.states = states;
  }

  static async open(): Promise<OperationMatrix> {
    const policed = await openPolicedWorld();
    return new OperationMatrix(policed, await openStates(policed.world));
  }

  async end(): Promise<void> {
    await this.states.end();
    await this.world.end();
  }

  get world() {
    return this.policed.world;
  }

  isPublic(operation: Operation): boolean {
    return lineOf(this.policed, nameOf(operation)).access === 'public';
  }

  /**
   * Tries operations as a member with this role in this state: each that is answered otherwise than
   * by the policy, and how many were not tried.
   */
  async tryAs(role: string, name: MfaStateName): Promise<{ wrong: string[]; missing: number }> {
    const state: MfaState = mfaStates[name];
    // what is public is the same for all: one role tries it in each state, all roles do in the
    // first
    const all = role === 'client' || name === Object.keys(mfaStates)[0];
    const asked = operations.filter((operation) => all || !this.isPublic(operation));
    const user = await this.states.userLike(emailOf(role), state);
    const found = await this.codesOf(asked, () => this.#credentialOf(user));
    const wrong = [...found].flatMap(([operation, codes]) => {
      const may = judgedBy(operation).every((line) => allows(this.policed, line, role));
      const refusal = state.refusal(lineOf(this.policed, nameOf(operation)), may);
      return wrongWith(operation, codes, refusal);
    });
    return { wrong, missing: asked.length - found.size };
  }

  /** The same by a key of a service account with this role. */
  async tryByKey(role: string, key: string): Promise<{ wrong: string[]; tried: number }> {
    const asked = operations.filter((operation) => !this.isPublic(operation) || role === 'client');
    const found = await this.codesOf(asked, async () => key);
    const wrong = [...found].flatMap(([operation, codes]) => {
      const may = judgedBy(operation).every((line) => this.#allowsKey(line, role));
      return wrongWith(operation, codes, may ? null : 'FORBIDDEN');
    });
    return { wrong, tried: found.size };
  }

  /**
   * Every operation with a credential; those that end sessions come last, each with one of its own.
   */
  async codesOf(asked: Operation[], credential: () => Promise<string>): Promise<Map<Operation, string[]>> {
    const found = new Map<Operation, string[]>();
    const token = await credential();
    await each(
      asked.filter((operation) => !ends(operation)),
      async (operation) => found.set(operation, codes(await this.#runAs(operation, token))),
    );
    for (const operation of asked.filter(ends))
      found.set(operation, codes(await this.#runAs(operation, await credential())));
    return found;
  }

  /** For the key of a service account with this role: less what is for people alone. */
  #allowsKey(name: string, role: string): boolean {
    const { access } = lineOf(this.policed, name);
    if (access === 'signedIn') return false;
    const forServices = access.split(' and ').filter(isPermission).every(isForServices);
    return forServices && allows(this.policed, name, role);
  }

  async #credentialOf(user: StateUser): Promise<string> {
    const session = await this.states.sessionOf(user);
    if (!user.state.tokens) return session;
    return (await issueTokens({ ask: this.world.inside }, session)).accessToken;
  }

  async #runAs(operation: Operation, token: string): Promise<Answer> {
    const variables = variablesOf(operation, fill);
    const input = await this.#inputOf(operation.name);
    if (input) variables.input = input;
    if (operation.kind === 'subscription')
      return firstEvent(this.world.url, documentOf(operation), { after: '0' }, token);
    return this.world.inside(documentOf(operation), variables, token, from());
  }

  /** What examples by name and type cannot know. */
  async #inputOf(name: string): Promise<object | undefined> {
    if (name === 'refreshTokens') return { refreshToken: await this.#refreshToken() };
    if (name === 'signIn') return { email: emailOf('client'), password: PASSWORD };
    // nothing at random in it: it could hold four characters of the address, which are random too,
    // and be refused
    if (name === 'changePassword')
      return { currentPassword: PASSWORD, newPassword: `Walking-lantern-${++this.#passwords}` };
    const email = `${crypto.randomUUID()}@walk.example`;
    if (name === 'addContactFactor') return { channel: 'EMAIL', destination: email };
    // one that no user has, or it would be gone for the rest
    if (name === 'removeFactor') return { method: 'SMS' };
    if (name === 'signUp') return { companyId: await this.#acme(), email, name: 'Walk' };
    return undefined;
  }

  async #refreshToken(): Promise<string> {
    const state = mfaStates['without a factor, and none is required'];
    const client = await this.states.userLike(emailOf('client'), state);
    const session = await this.states.sessionOf(client);
    return (await issueTokens({ ask: this.world.inside }, session)).refreshToken;
  }

  async #acme(): Promise<string> {
    const [{ id }] = await rowsOf(this.world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
    return globalId('Company', id);
  }
}

/** The roles whose every permission reads. */
export const readOnlyRoles = (): string[] =>
  Object.entries(catalogue).flatMap(([name, { readOnly }]) => (readOnly ? [name] : []));

/** The first event of a subscription, then the connection is let go. */
async function firstEvent(url: string, document: string, variables: object, token: string): Promise<Answer> {
  const response = await fetch(url, {
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

/** The answers to examples of who may. */
const fine = (name: string): string[] => [
  ...['NOT_FOUND', 'CONFLICT'],
  ...(BY_PENDING.includes(name) ? ['UNAUTHENTICATED'] : []),
  ...(BY_FACTOR.includes(name) ? ['INVALID_INPUT'] : []),
  ...(BY_PASSKEY.includes(name) ? ['PASSKEY_REFUSED'] : []),
];

/**
 * What is wrong with an answer: refused otherwise than it should be, or allowed and not got as far
 * as the rows.
 */
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

async function each<T>(list: readonly T[], run: (one: T) => Promise<unknown>): Promise<void> {
  const rest = [...list];
  const worker = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
