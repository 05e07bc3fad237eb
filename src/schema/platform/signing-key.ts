import type { SigningKeyListed } from '../../auth/secrets/signing-keys.ts';
import { rotateSigningKeys, signingKeys } from '../../auth/tokens/rotate-signing-key.ts';
import { builder } from '../core/builder.ts';

const rule = { can: 'platform.signingKeys.write' } as const;

const SigningKey = builder.objectRef<SigningKeyListed>('SigningKey').implement({
  description: 'A key that signs access tokens; its public half is in `/.well-known/jwks.json`.',
  authScopes: rule,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The `kid` of tokens that it signed.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was created.' }),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on it verifies nothing.',
    }),
  }),
});

const RotateSigningKeysInput = builder.inputType('RotateSigningKeysInput', {
  description: 'Input of `rotateSigningKeys`.',
  fields: (t) => ({
    immediately: t.boolean({
      required: true,
      defaultValue: false,
      description: 'After a leak: every access token ends now, and clients get new ones by refreshing.',
    }),
  }),
});

builder.queryField('signingKeys', (t) =>
  t.field({
    type: [SigningKey],
    description: 'The keys that verify access tokens, newest first.',
    authScopes: rule,
    resolve: (_root, _args, context) => context.read(signingKeys, undefined),
  }),
);

builder.mutationField('rotateSigningKeys', (t) =>
  t.field({
    type: [SigningKey],
    description: 'A new key. The others verify until the last tokens that they signed have expired.',
    args: {
      input: t.arg({
        type: RotateSigningKeysInput,
        required: true,
        description: 'Input of `rotateSigningKeys`.',
      }),
    },
    authScopes: rule,
    extensions: { command: { permission: rule.can, event: 'signingKey.made' }, stepUp: true },
    resolve: (_root, { input }, context) => context.execute(rotateSigningKeys, input),
  }),
);
