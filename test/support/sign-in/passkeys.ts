import { authenticator, type Lie } from '../../../examples/tour/authenticator.ts';
import { type Answer, rowsOf, type World } from '../server/world.ts';

/**
 * The front end's origin in these tests: `testConfig` has it on loopback, which passkeys know by
 * name.
 */
export const ORIGIN = 'http://localhost';

const START_REGISTRATION = 'mutation { startPasskeyRegistration { challengeId options } }';
const FINISH_REGISTRATION =
  'mutation ($input: FinishPasskeyRegistrationInput!) { finishPasskeyRegistration(input: $input) { sessionToken } }';
const START_SIGN_IN = 'mutation { startPasskeySignIn { challengeId options } }';
const FINISH_SIGN_IN =
  'mutation ($input: FinishPasskeySignInInput!) { finishPasskeySignIn(input: $input) { sessionToken viewer { user { email } company { name } } } }';

/** What a ceremony begins with. */
export type Begun = {
  challengeId: string;
  options: Parameters<Device['create']>[0] & Parameters<Device['get']>[0];
};

export type Device = ReturnType<typeof authenticator>;
export const device = (): Device => authenticator(ORIGIN);

/** The front end's part of the ceremonies, with what it sends in the caller's hands. */
export function passkeysOf({ ask }: Pick<World, 'ask'>) {
  const startRegistration = async (token: string) => {
    const answer = await ask(START_REGISTRATION, {}, token);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data.startPasskeyRegistration;
  };
  const finishRegistration = (
    token: string,
    input: { challengeId: string; name?: string; response: object },
  ): Promise<Answer> => ask(FINISH_REGISTRATION, { input: { name: 'Phone', ...input } }, token);
  const register = async (
    token: string,
    of: Device,
    { name = 'Phone', lie = {} as Lie } = {},
  ): Promise<Answer> => {
    const { challengeId, options } = await startRegistration(token);
    return finishRegistration(token, { challengeId, name, response: of.create(options, lie) });
  };
  const startSignIn = async () => (await ask(START_SIGN_IN)).data.startPasskeySignIn;
  const finishSignIn = (input: { challengeId: string; response: object }, headers = {}): Promise<Answer> =>
    ask(FINISH_SIGN_IN, { input }, undefined, headers);
  const signIn = async (of: Device, lie: Lie = {}, headers = {}): Promise<Answer> => {
    const { challengeId, options } = await startSignIn();
    return finishSignIn({ challengeId, response: of.get(options, lie) }, headers);
  };
  return { startRegistration, finishRegistration, register, startSignIn, finishSignIn, signIn };
}

/** The events of one request. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they look for
export const eventsOf = (world: World, answer: Answer): Promise<any[]> =>
  rowsOf(
    world,
    `SELECT c.name AS company, e.action, e.severity, e.body::jsonb AS body FROM audit_event e JOIN "Company" c ON c.id = e.company_id
     WHERE e.body::jsonb->>'requestId' = $1 ORDER BY e.at_us, e.pos`,
    [answer.headers.get('x-request-id')],
  );
