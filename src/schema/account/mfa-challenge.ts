import type { Factor } from '../../auth/mfa/factor.ts';
import type { Pending } from '../../auth/sign-in/mfa-challenge.ts';
import { builder } from '../core/builder.ts';

export const SecondFactor = builder.enumType('SecondFactor', {
  description: 'A way to prove a second factor.',
  values: ['totp', 'passkey', 'email', 'sms', 'backupCode'] as const satisfies Factor[],
});

export const CodeChannel = builder.enumType('CodeChannel', { values: ['email', 'sms'] as const });

export const PendingSignIn = builder.objectRef<Pending>('PendingSignIn').implement({
  description: 'The password was right; `completeSignIn` takes the second factor.',
  authScopes: { public: true },
  fields: (t) => ({
    token: t.exposeString('token', { description: 'Shown this once; works once.' }),
    methods: t.expose('methods', { type: [SecondFactor] }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});
