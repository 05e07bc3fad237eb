import type { Challenge } from '../../auth/mfa/mfa-challenge.ts';
import { requestCode } from '../../auth/mfa/send-code.ts';
import { stepUp } from '../../auth/mfa/step-up-session.ts';
import type { Started } from '../../auth/session/store.ts';
import { completeSignIn, signIn } from '../../auth/sign-in/sign-in.ts';
import type { builder } from '../core/builder.ts';
import { mutation, PASSWORD_COST } from '../core/mutation.ts';
import { CodeChannel, challengeToken, MfaChallenge, SecondFactor } from './mfa-challenge.ts';
import { isDeviceTrusted, sessionFields, sessionMutation, signInMutation } from './session.ts';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/** A new session, or the MFA challenge that the sign-in requires first. */
type SignedIn = Partial<Started> & { challenge?: Challenge };

mutation('signIn', signIn, {
  description: 'Signs in by email and password.',
  rateLimit: { points: 30, per: 60 },
  cost: PASSWORD_COST,
  input: (t) => ({
    email: t.string({ required: true, description: 'The email address of the account.' }),
    password: t.string({ required: true, description: 'The password of the account.' }),
    deviceToken: t.string({
      description: 'The token of a device that you trust, for clients that keep no cookie.',
    }),
  }),
  payload: (t: PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, SignedIn>) => ({
    ...sessionFields(t as never, true),
    mfaChallenge: t.field({
      type: MfaChallenge,
      nullable: true,
      description:
        'The second factor that the sign-in waits for: there is no session before `completeSignIn` has verified one.',
      resolve: ({ challenge }) => challenge,
    }),
  }),
  resolve: async (input, context): Promise<SignedIn> => {
    const device = input.deviceToken ?? context.deviceToken;
    const started = await context.execute(signIn, { ...input, deviceToken: device });
    if ('token' in started) context.cookies.setSession(started.token);
    return started;
  },
});

const codeFields = (t: InputFields) => ({
  method: t.field({ type: SecondFactor, required: true, description: 'The second factor to verify.' }),
  code: t.string({ required: true, description: 'The code of that factor.' }),
});

signInMutation('completeSignIn', completeSignIn, {
  description: 'Completes a sign-in that requires a second factor, by a code.',
  rateLimit: { points: 30, per: 60 },
  input: (t: InputFields) => ({
    challengeToken: challengeToken(t),
    ...codeFields(t),
    isDeviceTrusted: isDeviceTrusted(t),
  }),
});
sessionMutation('stepUp', stepUp, {
  description:
    'Verifies a second factor again, for operations that answer STEP_UP_REQUIRED. The session gets a new token.',
  input: codeFields,
});
mutation('requestCode', requestCode, {
  description: 'Sends a one-time code, to complete a sign-in or to step up.',
  rateLimit: { points: 10, per: 60 },
  input: (t) => ({
    channel: t.field({ type: CodeChannel, required: true, description: 'How the code is sent.' }),
    challengeToken: t.string({
      description: 'The token of the MFA challenge of `signIn`; without it the code is for `stepUp`.',
    }),
  }),
  payload: (t) => ({
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when the code works.' }),
  }),
});
