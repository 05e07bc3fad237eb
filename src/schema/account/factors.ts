import { addContactFactor, confirmContactFactor } from '../../auth/codes/contact-factor.ts';
import { type OwnFactor, type OwnFactors, ownFactors, removeFactor } from '../../auth/mfa/own-factors.ts';
import type { TrustedDevice } from '../../auth/mfa/trusted-device-store.ts';
import { revokeTrustedDevice, trustedDevices } from '../../auth/mfa/trusted-devices.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';
import { withCookie } from './mfa.ts';
import { CodeChannel, SecondFactor } from './mfa-challenge.ts';
import { SignInPayload } from './viewer.ts';

const OwnFactorType = builder.objectRef<OwnFactor>('OwnFactor').implement({
  authScopes: { enrolling: true },
  fields: (t) => ({
    method: t.expose('method', { type: SecondFactor }),
    hint: t.exposeString('hint', {
      nullable: true,
      description: 'Where codes go, `a•••@example.com` or `•••• 0100`; a passkey’s name.',
    }),
    addedAt: t.expose('addedAt', { type: 'DateTime' }),
  }),
});
const OwnFactorsType = builder.objectRef<OwnFactors>('OwnFactors').implement({
  description: 'Your second factors.',
  authScopes: { enrolling: true },
  fields: (t) => ({
    factors: t.expose('factors', { type: [OwnFactorType] }),
    backupCodesLeft: t.exposeInt('backupCodesLeft'),
  }),
});
const TrustedDeviceType = builder.objectRef<TrustedDevice>('TrustedDevice').implement({
  description: 'A device of yours that is asked for the password alone.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    ip: t.exposeString('ip', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});

builder.queryFields((t) => ({
  secondFactors: t.field({
    type: OwnFactorsType,
    authScopes: { enrolling: true },
    resolve: (_root, _args, context) => context.read(ownFactors, undefined),
  }),
  trustedDevices: t.field({
    type: [TrustedDeviceType],
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => context.read(trustedDevices, undefined),
  }),
}));

const AddContactFactorInput = builder.inputType('AddContactFactorInput', {
  fields: (t) => ({
    channel: t.field({ type: CodeChannel, required: true }),
    destination: t.string({ required: true, description: 'An address, or a number as `+15550100`.' }),
  }),
});
const ConfirmContactFactorInput = builder.inputType('ConfirmContactFactorInput', {
  fields: (t) => ({
    channel: t.field({ type: CodeChannel, required: true }),
    code: t.string({ required: true }),
  }),
});
const RemoveFactorInput = builder.inputType('RemoveFactorInput', {
  fields: (t) => ({ method: t.field({ type: SecondFactor, required: true }) }),
});
const RevokeTrustedDeviceInput = builder.inputType('RevokeTrustedDeviceInput', {
  fields: (t) => ({ deviceId: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  addContactFactor: t.boolean({
    description: 'Sends a code there; `confirmContactFactor` with it makes it a second factor.',
    args: { input: t.arg({ type: AddContactFactorInput, required: true }) },
    ...allowedBy(addContactFactor),
    resolve: async (_root, { input }, context) => {
      await context.execute(addContactFactor, input);
      return true;
    },
  }),
  confirmContactFactor: t.field({
    type: SignInPayload,
    description: 'Your other sessions end; this one gets a new token.',
    args: { input: t.arg({ type: ConfirmContactFactorInput, required: true }) },
    ...allowedBy(confirmContactFactor),
    resolve: async (_root, { input }, context) => {
      return withCookie(context, await context.execute(confirmContactFactor, input));
    },
  }),
  removeFactor: t.boolean({
    description: 'With the last one go backup codes and trusted devices. Passkeys go one by one.',
    args: { input: t.arg({ type: RemoveFactorInput, required: true }) },
    ...allowedBy(removeFactor),
    resolve: async (_root, { input }, context) => {
      await context.execute(removeFactor, input);
      return true;
    },
  }),
  revokeTrustedDevice: t.field({
    type: 'ID',
    args: { input: t.arg({ type: RevokeTrustedDeviceInput, required: true }) },
    ...allowedBy(revokeTrustedDevice),
    resolve: async (_root, { input }, context) => {
      await context.execute(revokeTrustedDevice, input);
      return input.deviceId;
    },
  }),
}));
