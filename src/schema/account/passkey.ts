import {
  type ListedPasskey,
  listPasskeys,
  renamePasskey,
  revokePasskey,
} from '../../auth/passkeys/manage.ts';
import { finishPasskeyRegistration, startPasskeyRegistration } from '../../auth/passkeys/register.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';
import { withCookie } from './mfa.ts';
import { PasskeyChallenge } from './passkey-challenge.ts';
import { SignInPayload } from './viewer.ts';

const Passkey = builder.objectRef<ListedPasskey>('Passkey').implement({
  description: 'One of your own passkeys.',
  authScopes: { enrolling: true },
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    backedUp: t.exposeBoolean('backedUp', { description: 'It is synchronised to your other devices.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
  }),
});

const FinishPasskeyRegistrationInput = builder.inputType('FinishPasskeyRegistrationInput', {
  fields: (t) => ({
    challengeId: t.string({ required: true }),
    name: t.string({ required: true, description: 'What you call it, as "Phone".' }),
    response: t.field({ type: 'PasskeyResponse', required: true }),
  }),
});
const RenamePasskeyInput = builder.inputType('RenamePasskeyInput', {
  fields: (t) => ({ passkeyId: t.id({ required: true }), name: t.string({ required: true }) }),
});
const RevokePasskeyInput = builder.inputType('RevokePasskeyInput', {
  fields: (t) => ({ passkeyId: t.id({ required: true }) }),
});

builder.queryField('passkeys', (t) =>
  t.field({
    type: [Passkey],
    description: 'Your own, oldest first.',
    authScopes: { enrolling: true },
    resolve: (_root, _args, context) => context.read(listPasskeys, undefined),
  }),
);

builder.mutationFields((t) => ({
  startPasskeyRegistration: t.field({
    type: PasskeyChallenge,
    ...allowedBy(startPasskeyRegistration),
    resolve: (_root, _args, context) => {
      return context.execute(startPasskeyRegistration);
    },
  }),
  finishPasskeyRegistration: t.field({
    type: SignInPayload,
    description:
      'A way to sign in from now on, and a second factor. The session gets a new token; with your first one your other sessions end.',
    args: { input: t.arg({ type: FinishPasskeyRegistrationInput, required: true }) },
    ...allowedBy(finishPasskeyRegistration),
    resolve: async (_root, { input }, context) => {
      return withCookie(context, await context.execute(finishPasskeyRegistration, input));
    },
  }),
  renamePasskey: t.field({
    type: Passkey,
    args: { input: t.arg({ type: RenamePasskeyInput, required: true }) },
    ...allowedBy(renamePasskey),
    resolve: (_root, { input }, context) => context.execute(renamePasskey, input),
  }),
  revokePasskey: t.field({
    type: 'ID',
    description: 'It opens nothing from now on. Sessions that it began go on until they are ended.',
    args: { input: t.arg({ type: RevokePasskeyInput, required: true }) },
    ...allowedBy(revokePasskey),
    resolve: async (_root, { input }, context) => {
      await context.execute(revokePasskey, input);
      return input.passkeyId;
    },
  }),
}));
