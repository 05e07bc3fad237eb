// Runs in the browser: adds the first second factor of a user who must have one, and shows their
// backup codes once.
import { ask, reported } from '/page/api.js';

const [enrolment, confirm, codes] = ['enrolment', 'confirm', 'codes'].map((id) =>
  document.getElementById(id),
);

async function startTotp() {
  const { secret, qrCode } = await ask('startTotpEnrolment', null, 'secret qrCode');
  confirm.querySelector('img').src = qrCode;
  confirm.querySelector('code').textContent = secret.replace(/.{4}(?=.)/g, '$& ');
  [enrolment.hidden, confirm.hidden] = [true, false];
  confirm.elements.code.focus();
}

async function finishTotp() {
  await ask('finishTotpEnrolment', { code: confirm.elements.code.value }, '__typename');
  await showBackupCodes();
}

async function addPasskey() {
  const { challengeId, options } = await ask('startPasskeyRegistration', null, 'challengeId options');
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const response = (await navigator.credentials.create({ publicKey })).toJSON();
  await ask('finishPasskeyRegistration', { challengeId, name: 'Passkey', response }, '__typename');
  await showBackupCodes();
}

async function showBackupCodes() {
  [enrolment.hidden, confirm.hidden, codes.hidden] = [true, true, false];
  const { backupCodes } = await ask('regenerateBackupCodes', null, 'backupCodes');
  codes.querySelector('pre').textContent = backupCodes.join('\n');
}

document.querySelector('#totp').addEventListener('click', reported(startTotp));
document.querySelector('#new-passkey').addEventListener('click', reported(addPasskey));
confirm.addEventListener('submit', reported(finishTotp));
document.querySelector('#continue').addEventListener('click', () => location.reload());
