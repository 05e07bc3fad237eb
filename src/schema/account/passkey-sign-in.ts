import {
  completeSignInByPasskey,
  finishPasskeySignIn,
  startPasskeySecondFactor,
  startPasskeySignIn,
  startPasskeyStepUp,
  stepUpByPasskey,
} from '../../auth/passkeys/sign-in.ts';
import type { builder } from '../core/builder.ts';
import { mutation } from '../core/mutation.ts';
import { challengeToken } from './mfa-challenge.ts';
import { answerFields, ceremonyFields } from './passkey.ts';
import { isDeviceTrusted, sessionMutation, signInMutation } from './session.ts';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

mutation('startPasskeySignIn', startPasskeySignIn, {
  description: 'Begins a sign-in by a passkey alone, without an email address.',
  payload: ceremonyFields,
});
signInMutation('finishPasskeySignIn', finishPasskeySignIn, {
  description: 'Signs in by a passkey alone, which counts as a second factor too.',
  input: (t: InputFields) => ({ ...answerFields(t), isDeviceTrusted: isDeviceTrusted(t) }),
});

mutation('startPasskeySecondFactor', startPasskeySecondFactor, {
  description: 'Begins to verify a passkey as the second factor of a sign-in.',
  input: (t) => ({ challengeToken: challengeToken(t) }),
  payload: ceremonyFields,
});
signInMutation('finishPasskeySecondFactor', completeSignInByPasskey, {
  description: 'Completes a sign-in that requires a second factor, by a passkey.',
  input: (t: InputFields) => ({
    challengeToken: challengeToken(t),
    ...answerFields(t),
    isDeviceTrusted: isDeviceTrusted(t),
  }),
});

mutation('startPasskeyStepUp', startPasskeyStepUp, {
  description: 'Begins to verify a passkey again, for operations that answer STEP_UP_REQUIRED.',
  payload: ceremonyFields,
});
sessionMutation('finishPasskeyStepUp', stepUpByPasskey, {
  description: 'Verifies a passkey again. The session gets a new token.',
  input: answerFields,
});
