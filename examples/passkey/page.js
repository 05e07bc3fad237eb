import { api } from '/settings.js';
import { startAuthentication, startRegistration } from '/simplewebauthn/index.js';

const SESSION = 'sessionToken viewer { user { email } } mfaChallenge { token methods }';
const CHALLENGE = 'challengeId options';
let challengeToken;

/**
 * One operation; the session travels as a cookie that this script cannot read. Throws what
 * docs/errors.md lists.
 */
async function ask(query, variables = {}) {
  const response = await fetch(api, {
    method: 'POST',
    credentials: 'include',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw Object.assign(new Error(errors[0].message), errors[0].extensions);
  return data;
}

/**
 * Asks the server for a challenge, the browser for the passkey, and gives back what the server
 * takes.
 */
async function answer(mutation, input = null) {
  const call = input ? `${mutation}(input: $input)` : mutation;
  const head = input ? `($input: ${mutation[0].toUpperCase()}${mutation.slice(1)}Input!)` : '';
  const data = await ask(`mutation ${head} { started: ${call} { ${CHALLENGE} } }`, {
    input: input ?? undefined,
  });
  const { challengeId, options } = data.started;
  return { challengeId, response: await startAuthentication({ optionsJSON: options }) };
}

async function signInWithPassword(form) {
  const input = Object.fromEntries(new FormData(form));
  const { signIn } = await ask(`mutation ($input: SignInInput!) { signIn(input: $input) { ${SESSION} } }`, {
    input,
  });
  challengeToken = signIn.mfaChallenge?.token;
  form.reset();
}

async function signInWithPasskey() {
  const input = await answer('startPasskeySignIn');
  await ask(
    `mutation ($input: FinishPasskeySignInInput!) { finishPasskeySignIn(input: $input) { sessionToken } }`,
    { input },
  );
}

async function completeSignIn() {
  const proof = await answer('startPasskeySecondFactor', { challengeToken });
  const input = { challengeToken, ...proof };
  await ask(
    `mutation ($input: FinishPasskeySecondFactorInput!) { finishPasskeySecondFactor(input: $input) { sessionToken } }`,
    { input },
  );
  challengeToken = undefined;
}

async function stepUp() {
  const input = await answer('startPasskeyStepUp');
  await ask(
    `mutation ($input: FinishPasskeyStepUpInput!) { finishPasskeyStepUp(input: $input) { sessionToken } }`,
    {
      input,
    },
  );
}

async function register(form) {
  const { started } = await ask(`mutation { started: startPasskeyRegistration { ${CHALLENGE} } }`);
  const response = await startRegistration({ optionsJSON: started.options });
  const input = { challengeId: started.challengeId, name: new FormData(form).get('name'), response };
  await ask(
    `mutation ($input: FinishPasskeyRegistrationInput!) { finishPasskeyRegistration(input: $input) { sessionToken } }`,
    { input },
  );
}

const revoke = (passkeyId) =>
  ask(`mutation ($input: RevokePasskeyInput!) { revokePasskey(input: $input) { revokedPasskeyId } }`, {
    input: { passkeyId },
  });

function item({ id, name }) {
  const [row, label, button] = ['li', 'span', 'button'].map((tag) => document.createElement(tag));
  label.textContent = name;
  button.textContent = 'Remove';
  button.type = 'button';
  button.onclick = () => act('The passkey is removed.', () => revoke(id));
  row.append(label, button);
  return row;
}

const byId = (id) => document.getElementById(id);
const show = (name) => {
  for (const id of ['outside', 'pending', 'inside']) byId(id).hidden = id !== name;
};

async function refresh() {
  if (challengeToken) return show('pending');
  const data = await ask('{ viewer { user { email } } passkeys { edges { node { id name } } } }').catch(
    () => null,
  );
  if (!data) return show('outside');
  byId('who').textContent = data.viewer.user.email;
  byId('passkeys').replaceChildren(...data.passkeys.edges.map(({ node }) => item(node)));
  show('inside');
}

/** Does it, says how it went, and shows what there is now. */
async function act(done, what) {
  const status = byId('status');
  status.textContent = '';
  let outcome = done;
  try {
    await what();
  } catch (error) {
    outcome = [error.code, error.reason, error.message].filter(Boolean).join(' · ');
  }
  await refresh();
  status.textContent = outcome;
}

const onSubmit = (id, done, what) =>
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    act(done, () => what(event.target));
  });
const onClick = (id, done, what) => byId(id).addEventListener('click', () => act(done, what));

onSubmit('password-sign-in', 'The password was right.', signInWithPassword);
onSubmit('register', 'The passkey is added.', register);
onClick('passkey-sign-in', 'You are signed in.', signInWithPasskey);
onClick('complete', 'You are signed in.', completeSignIn);
onClick('step-up', 'It is you.', stepUp);
onClick('sign-out', 'You are signed out.', () => ask('mutation { signOut { revokedSessionId } }'));
await refresh();
