// Runs in the browser: signs in with a password and a second factor, or with a passkey. The session
// is a cookie that scripts cannot read.
import { ask, reported, say } from '/page/api.js';

const [password, factor] = ['password', 'factor'].map((id) => document.getElementById(id));
const send = document.querySelector('#send');
const LABELS = {
  TOTP: 'Authenticator app',
  EMAIL: 'Code by e-mail',
  SMS: 'Code by text message',
  PASSKEY: 'Passkey',
  BACKUP_CODE: 'Backup code',
};
let challengeToken;

async function assertionFor({ challengeId, options }) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey });
  return { challengeId, response: credential.toJSON() };
}

async function signIn() {
  const input = Object.fromEntries(new FormData(password));
  const { mfaChallenge } = await ask('signIn', input, 'mfaChallenge { token methods }');
  if (!mfaChallenge) return location.reload();
  challengeToken = mfaChallenge.token;
  factor.elements.method.replaceChildren(
    ...mfaChallenge.methods.map((name) => new Option(LABELS[name] ?? name, name)),
  );
  [password.hidden, factor.hidden] = [true, false];
  showMethod();
}

async function signInWithPasskey() {
  const started = await ask('startPasskeySignIn', null, 'challengeId options');
  await ask('finishPasskeySignIn', await assertionFor(started), '__typename');
  location.reload();
}

const chosen = () => factor.elements.method.value;

function showMethod() {
  const isPasskey = chosen() === 'PASSKEY';
  send.hidden = !['EMAIL', 'SMS'].includes(chosen());
  factor.elements.code.closest('label').hidden = isPasskey;
  factor.elements.code.required = !isPasskey;
}

async function verify() {
  if (chosen() === 'PASSKEY') {
    const started = await ask('startPasskeySecondFactor', { challengeToken }, 'challengeId options');
    const input = { challengeToken, ...(await assertionFor(started)) };
    await ask('finishPasskeySecondFactor', input, '__typename');
  } else {
    const input = { challengeToken, method: chosen(), code: factor.elements.code.value };
    await ask('completeSignIn', input, '__typename');
  }
  location.reload();
}

async function sendCode() {
  await ask('requestCode', { challengeToken, channel: chosen() }, '__typename');
  say('A code is on its way.');
}

password.addEventListener('submit', reported(signIn));
document.querySelector('#passkey').addEventListener('click', reported(signInWithPasskey));
factor.addEventListener('submit', reported(verify));
factor.elements.method.addEventListener('change', showMethod);
send.addEventListener('click', reported(sendCode));
