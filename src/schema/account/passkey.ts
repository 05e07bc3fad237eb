import {
  type ListedPasskey,
  listPasskeys,
  renamePasskey,
  revokePasskey,
} from '../../auth/passkeys/manage.ts';
import type { Ceremony } from '../../auth/passkeys/options.ts';
import { finishPasskeyRegistration, startPasskeyRegistration } from '../../auth/passkeys/register.ts';
import type { Context } from '../../context.ts';
import { shortList, shortListNode } from '../connections/short-list.ts';
import { builder, type SchemaTypes } from '../core/builder.ts';
import { globalIdOf } from '../core/global-id.ts';
import { mutation } from '../core/mutation.ts';
import { sessionMutation } from './session.ts';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/** Declares the payload fields that start a ceremony in the browser. */
export const ceremonyFields = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Ceremony<object>>) => ({
  challengeId: t.exposeString('challengeId', {
    description: 'The id of the challenge, which works once, for five minutes.',
  }),
  options: t.expose('options', {
    type: 'JSON',
    description: 'The `optionsJSON` of @simplewebauthn/browser, or what `parseRequestOptionsFromJSON` takes.',
  }),
});

/** Declares the input fields that complete a ceremony. */
export const answerFields = (t: InputFields) => ({
  challengeId: t.string({ required: true, description: 'The id of the challenge.' }),
  response: t.field({
    type: 'PasskeyResponse',
    required: true,
    description: 'What the browser answered the challenge with.',
  }),
});

const passkeys = (context: Context) => context.read(listPasskeys, undefined);

const Passkey = builder.node(builder.objectRef<ListedPasskey>('Passkey'), {
  ...shortListNode(passkeys),
  description: 'A passkey of yours.',
  authScopes: { enrolling: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name that you gave it.' }),
    isBackedUp: t.exposeBoolean('backedUp', {
      description: 'Whether it is synchronised to your other devices.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used.',
    }),
  }),
});

shortList('passkeys', {
  type: Passkey,
  description: 'Your passkeys, oldest first.',
  authScopes: { enrolling: true },
  order: ['createdAt'],
  rows: passkeys,
});

mutation('startPasskeyRegistration', startPasskeyRegistration, {
  description: 'Begins to register a passkey.',
  payload: ceremonyFields,
});
sessionMutation('finishPasskeyRegistration', finishPasskeyRegistration, {
  description:
    'Registers a passkey, as a way to sign in and as a second factor. The session gets a new token; with your first factor your other sessions end.',
  input: (t: InputFields) => ({
    ...answerFields(t),
    name: t.string({ required: true, description: 'Your name for the passkey, such as `Phone`.' }),
  }),
});

const passkeyId = (t: InputFields, description: string) =>
  t.globalID({ required: true, for: [Passkey], description });

mutation('renamePasskey', renamePasskey, {
  description: 'Renames one of your passkeys.',
  input: (t) => ({
    passkeyId: passkeyId(t, 'The passkey to rename.'),
    name: t.string({ required: true, description: 'The new name.' }),
  }),
  payload: (t) => ({
    passkey: t.field({
      type: Passkey,
      description: 'The passkey with its new name.',
      resolve: (passkey) => passkey,
    }),
  }),
});
mutation('revokePasskey', revokePasskey, {
  description: 'Revokes one of your passkeys. Sessions that it began go on until they end.',
  input: (t) => ({ passkeyId: passkeyId(t, 'The passkey to revoke.') }),
  payload: (t) => ({
    revokedPasskeyId: t.id({
      description: 'The id of the revoked passkey.',
      resolve: ({ id }) => globalIdOf('Passkey', id),
    }),
  }),
});
