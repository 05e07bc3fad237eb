import { connect } from '../client/client.ts';
import {
  FinishPasskeyRegistrationDocument,
  FinishPasskeySignInDocument,
  PasskeysDocument,
  RevokePasskeyDocument,
  StartPasskeyRegistrationDocument,
  StartPasskeySignInDocument,
} from '../client/generated/graphql.ts';
import { authenticator, type Lie } from './authenticator.ts';
import { type Guide, insist, refusal, type Step } from './guide.ts';

const NAME = 'Tour';
type Device = ReturnType<typeof authenticator>;

/** Uses a software passkey of a demo account that no other step uses, and removes it. */
async function instead(guide: Guide): Promise<string[]> {
  await guide.owner('DELETE FROM "Passkey" WHERE name = $1', [NAME]); // of a tour that was interrupted
  const { email, token } = await guide.as('company_member', 'Globex');
  const device = authenticator(guide.origin);
  await register(guide.url, token, device);
  try {
    const { sessionToken, viewer } = await signIn(guide.url, device);
    insist(viewer?.user.email === email, `expected ${email}, got ${viewer?.user.email}`);
    insist(typeof sessionToken === 'string', 'no session was started');
    const foreign = await refusal(
      'PASSKEY_REFUSED',
      signIn(guide.url, device, { origin: 'https://evil.example' }),
    );
    const copied = await refusal('PASSKEY_REFUSED', signIn(guide.url, device, { counter: 1 }));
    return [
      `signed in without a user name: ${email}`,
      `an assertion for a page of https://evil.example: ${foreign}`,
      `a clone with a lower signature counter: ${copied}`,
    ];
  } finally {
    await remove(guide.url, device);
  }
}

async function register(url: string, token: string, device: Device): Promise<void> {
  const { ask } = connect(url, { token });
  const { challengeId, options } = (await ask(StartPasskeyRegistrationDocument, {})).startPasskeyRegistration;
  const response = device.create(options as Parameters<Device['create']>[0]);
  await ask(FinishPasskeyRegistrationDocument, { input: { challengeId, name: NAME, response } });
}

async function signIn(url: string, device: Device, lie: Lie = {}) {
  const { ask } = connect(url);
  const { challengeId, options } = (await ask(StartPasskeySignInDocument, {})).startPasskeySignIn;
  const response = device.get(options as Parameters<Device['get']>[0], lie);
  return (await ask(FinishPasskeySignInDocument, { input: { challengeId, response } })).finishPasskeySignIn;
}

async function remove(url: string, device: Device): Promise<void> {
  const { sessionToken } = await signIn(url, device, { counter: 1000 });
  insist(typeof sessionToken === 'string', 'there is no session to remove the passkey with');
  const { ask } = connect(url, { token: sessionToken });
  const { passkeys } = await ask(PasskeysDocument, {});
  for (const { id } of passkeys.edges.map(({ node }) => node).filter(({ name }) => name === NAME))
    await ask(RevokePasskeyDocument, { input: { passkeyId: id } });
}

export const passkey: Step[] = [
  { title: 'a passkey signs in without a password; another site and a clone are rejected', see: instead },
];
