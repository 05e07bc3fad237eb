import { type Factor, factorNames } from '../../auth/authorization/factor.ts';
import type { Challenge } from '../../auth/mfa/mfa-challenge.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';

export const SecondFactor = builder.enumType('SecondFactor', {
  description: 'A way to verify a second factor.',
  values: {
    [factorNames.totp]: { value: 'totp', description: 'The code of an authenticator app (RFC 6238).' },
    [factorNames.passkey]: { value: 'passkey', description: 'A passkey (WebAuthn).' },
    [factorNames.email]: { value: 'email', description: 'A code that is sent by email.' },
    [factorNames.sms]: { value: 'sms', description: 'A code that is sent by text message.' },
    [factorNames.backupCode]: { value: 'backupCode', description: 'One of the backup codes.' },
  } as const satisfies Record<string, { value: Factor; description: string }>,
});

export const CodeChannel = enumOf('CodeChannel', 'How a one-time code is sent.', {
  email: 'By email.',
  sms: 'By text message.',
});

export const MfaChallenge = builder.objectRef<Challenge>('MfaChallenge').implement({
  description: 'A sign-in whose password was right and that waits for a second factor.',
  authScopes: { public: true }, // see publicFields in authorization-rules.ts
  fields: (t) => ({
    token: t.exposeString('token', {
      description:
        'The `challengeToken` of the mutations that complete the sign-in. It works once. Shown this once.',
    }),
    methods: t.expose('methods', {
      type: [SecondFactor],
      description: 'The second factors that the user can verify.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when the token works.' }),
  }),
});

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/** Declares the input field for the token of an MFA challenge. */
export const challengeToken = (t: InputFields) =>
  t.string({ required: true, description: 'The token of the MFA challenge of `signIn`.' });
