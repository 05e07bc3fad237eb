import type { SigningKeyListed } from '../../auth/secrets/signing-keys.ts';
import { rotateSigningKeys, signingKeys } from '../../auth/tokens/rotate-signing-key.ts';
import type { Context } from '../../context.ts';
import { shortList, shortListNode } from '../connections/short-list.ts';
import { builder } from '../core/builder.ts';
import { mutation } from '../core/mutation.ts';

const rule = { can: 'platform.signingKeys.write' } as const;
const keys = (context: Context) => context.read(signingKeys, undefined);

const SigningKey = builder.node(builder.objectRef<SigningKeyListed>('SigningKey'), {
  ...shortListNode(keys),
  description: 'A key that signs access tokens; its public half is in `/.well-known/jwks.json`.',
  authScopes: rule,
  fields: (t) => ({
    kid: t.exposeString('id', { description: 'The `kid` of the tokens that it signed (RFC 7517, 4.5).' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was created.' }),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on it verifies no token.',
    }),
  }),
});

shortList('signingKeys', {
  type: SigningKey,
  description: 'The keys that verify access tokens, newest first.',
  authScopes: rule,
  order: ['-createdAt'],
  rows: keys,
});

mutation('rotateSigningKeys', rotateSigningKeys, {
  description:
    'Creates a signing key. The earlier keys verify until the last tokens that they signed have expired.',
  input: (t) => ({
    isImmediate: t.boolean({
      required: true,
      defaultValue: false,
      description: 'After a leak: every access token ends now, and clients get new ones by refreshing.',
    }),
  }),
  payload: (t) => ({
    signingKey: t.field({
      type: SigningKey,
      description: 'The new key.',
      resolve: ([newest]) => newest as SigningKeyListed,
    }),
    retiredSigningKeys: t.field({
      type: [SigningKey],
      description: 'The earlier keys, newest first.',
      listSize: 10,
      resolve: ([, ...earlier]) => earlier,
    }),
  }),
  resolve: ({ isImmediate }, context) => context.execute(rotateSigningKeys, { immediately: isImmediate }),
});
