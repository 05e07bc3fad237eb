import { makeBackupCodes } from '../../auth/factors/backup-codes.ts';
import { addContactFactor, confirmContactFactor } from '../../auth/factors/contact-factor.ts';
import { type OwnFactor, type OwnFactors, ownFactors, removeFactor } from '../../auth/factors/own-factors.ts';
import { confirmTotp, enrolTotp } from '../../auth/factors/totp-enrolment.ts';
import { builder } from '../core/builder.ts';
import { mutation } from '../core/mutation.ts';
import { CodeChannel, SecondFactor } from './mfa-challenge.ts';
import { sessionMutation } from './session.ts';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

const EnrolledFactor = builder.objectRef<OwnFactor>('EnrolledFactor').implement({
  description: 'A second factor that you have enrolled.',
  authScopes: { enrolling: true },
  fields: (t) => ({
    method: t.expose('method', { type: SecondFactor, description: 'The kind of the factor.' }),
    hint: t.exposeString('hint', {
      nullable: true,
      description: 'Where codes go, such as `a•••@example.com` or `•••• 0100`; the name of a passkey.',
    }),
    addedAt: t.expose('addedAt', { type: 'DateTime', description: 'When the factor was enrolled.' }),
  }),
});
const SecondFactors = builder.objectRef<OwnFactors>('SecondFactors').implement({
  description: 'Your second factors.',
  authScopes: { enrolling: true },
  fields: (t) => ({
    factors: t.expose('factors', {
      type: [EnrolledFactor],
      description: 'The enrolled factors, earliest first.',
      listSize: 5,
    }),
    backupCodesLeft: t.exposeInt('backupCodesLeft', {
      description: 'The number of backup codes that are not used yet.',
    }),
  }),
});

builder.queryField('secondFactors', (t) =>
  t.field({
    type: SecondFactors,
    description: 'Your second factors.',
    authScopes: { enrolling: true },
    resolve: (_root, _args, context) => context.read(ownFactors, undefined),
  }),
);

mutation('startTotpEnrolment', enrolTotp, {
  description:
    'Begins to enrol an authenticator app (RFC 6238). An earlier app stays until `finishTotpEnrolment` has a code of the new one.',
  payload: (t) => ({
    secret: t.exposeString('secret', {
      description: 'The secret in base32, to type where nothing can be scanned. Shown this once.',
    }),
    uri: t.exposeString('uri', { description: 'The secret as `otpauth://totp/…`. Shown this once.' }),
    qrCode: t.exposeString('qrCode', {
      description: 'The same as a picture, `data:image/png;base64,…`. Shown this once.',
    }),
  }),
});
sessionMutation('finishTotpEnrolment', confirmTotp, {
  description:
    'Makes the authenticator app a second factor by its first code. Your other sessions end; this one gets a new token.',
  input: (t: InputFields) => ({
    code: t.string({ required: true, description: 'The 6 digits that the app shows.' }),
  }),
});
mutation('addContactFactor', addContactFactor, {
  description:
    'Sends a code to an address or a phone number, which `confirmContactFactor` makes a second factor.',
  input: (t) => ({
    channel: t.field({ type: CodeChannel, required: true, description: 'How the code is sent.' }),
    destination: t.string({
      required: true,
      description: 'An email address, or a phone number such as `+15550100`.',
    }),
  }),
  payload: (t) => ({
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when the code works.' }),
  }),
});
sessionMutation('confirmContactFactor', confirmContactFactor, {
  description:
    'Makes the address or phone number a second factor by the code that was sent there. Your other sessions end; this one gets a new token.',
  input: (t: InputFields) => ({
    channel: t.field({ type: CodeChannel, required: true, description: 'How the code was sent.' }),
    code: t.string({ required: true, description: 'The code that was sent.' }),
  }),
});
mutation('removeFactor', removeFactor, {
  description:
    'Removes a second factor other than a passkey. Backup codes and trusted devices go with the last one.',
  input: (t) => ({
    method: t.field({ type: SecondFactor, required: true, description: 'The factor to remove.' }),
  }),
  payload: (t) => ({
    removedMethod: t.expose('method', { type: SecondFactor, description: 'The factor that was removed.' }),
    secondFactors: t.field({
      type: SecondFactors,
      description: 'The second factors that are left.',
      resolve: (_payload, _args, context) => context.read(ownFactors, undefined),
    }),
  }),
});
mutation('regenerateBackupCodes', makeBackupCodes, {
  description: 'Makes ten new backup codes. The earlier ones stop working.',
  payload: (t) => ({
    backupCodes: t.stringList({
      description: 'The codes, such as `XXXX-XXXX-XXXX`; each works once. Shown this once.',
      resolve: (codes) => codes,
    }),
  }),
});
