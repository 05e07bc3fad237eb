import { makeBackupCodes } from '../../auth/codes/backup-codes.ts';
import { requestCode } from '../../auth/codes/send-code.ts';
import { confirmTotp, type Enrolment, enrolTotp } from '../../auth/codes/totp-enrolment.ts';
import { stepUp } from '../../auth/mfa/step-up-session.ts';
import type { Started } from '../../auth/session/use-cases.ts';
import type { Completed } from '../../auth/sign-in/begin-session.ts';
import { completeSignIn } from '../../auth/sign-in/complete-sign-in.ts';
import type { Context } from '../../context.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';
import { CodeChannel, SecondFactor } from './mfa-challenge.ts';
import { SignInPayload } from './viewer.ts';

const TotpEnrolment = builder.objectRef<Enrolment>('TotpEnrolment').implement({
  description: 'For an authenticator app; shown this once. It counts once `confirmTotp` has a code of it.',
  authScopes: { enrolling: true },
  fields: (t) => ({
    secret: t.exposeString('secret', { description: 'Base32, to type where nothing can be scanned.' }),
    uri: t.exposeString('uri', { description: '`otpauth://totp/…`' }),
    qrCode: t.exposeString('qrCode', { description: 'The same as a picture: `data:image/png;base64,…`' }),
  }),
});

/** What the wish is, wherever a factor is proven to sign in. */
export const TRUST_DEVICE = 'Ask this device for the password alone, for the days of the policy.';

const CompleteSignInInput = builder.inputType('CompleteSignInInput', {
  fields: (t) => ({
    pendingToken: t.string({ required: true }),
    method: t.field({ type: SecondFactor, required: true }),
    code: t.string({ required: true }),
    trustDevice: t.boolean({ description: TRUST_DEVICE }),
  }),
});
const StepUpInput = builder.inputType('StepUpInput', {
  fields: (t) => ({
    method: t.field({ type: SecondFactor, required: true }),
    code: t.string({ required: true }),
  }),
});
const RequestCodeInput = builder.inputType('RequestCodeInput', {
  fields: (t) => ({
    method: t.field({ type: CodeChannel, required: true }),
    pendingToken: t.string({ description: 'From `signIn`; without one, the code is for `stepUp`.' }),
  }),
});
const ConfirmTotpInput = builder.inputType('ConfirmTotpInput', {
  fields: (t) => ({ code: t.string({ required: true, description: '6 digits.' }) }),
});

/** A session with a new token: browsers get it as a cookie too. */
export function withCookie({ cookies }: Context, started: Started): Started {
  cookies.setSession(started.token);
  return started;
}

/** The same, and the cookie by which a trusted device is known again. */
export function completed(context: Context, done: Completed): Completed {
  withCookie(context, done);
  if (done.deviceToken) context.cookies.trustDevice(done.deviceToken);
  return done;
}

builder.mutationFields((t) => ({
  completeSignIn: t.field({
    type: SignInPayload,
    description: 'The second half of a sign-in that was answered with `pending`.',
    args: { input: t.arg({ type: CompleteSignInInput, required: true }) },
    ...allowedBy(completeSignIn),
    resolve: async (_root, { input }, context) =>
      completed(context, await context.execute(completeSignIn, input)),
  }),
  requestCode: t.boolean({
    description: 'Sends a code by `email` or `sms`: for a pending sign-in, or without one to step up.',
    args: { input: t.arg({ type: RequestCodeInput, required: true }) },
    ...allowedBy(requestCode),
    resolve: async (_root, { input }, context) => {
      await context.execute(requestCode, input);
      return true;
    },
  }),
  stepUp: t.field({
    type: SignInPayload,
    description:
      'Proves a second factor anew, for what answers STEP_UP_REQUIRED. The session gets a new token.',
    args: { input: t.arg({ type: StepUpInput, required: true }) },
    ...allowedBy(stepUp),
    resolve: async (_root, { input }, context) => {
      return withCookie(context, await context.execute(stepUp, input));
    },
  }),
  enrolTotp: t.field({
    type: TotpEnrolment,
    description:
      'Begins with an authenticator app (RFC 6238). An earlier app stays until the new one is confirmed.',
    ...allowedBy(enrolTotp),
    resolve: (_root, _args, context) => {
      return context.execute(enrolTotp);
    },
  }),
  confirmTotp: t.field({
    type: SignInPayload,
    description:
      'The app’s first code makes it your second factor. Your other sessions end; this one gets a new token.',
    args: { input: t.arg({ type: ConfirmTotpInput, required: true }) },
    ...allowedBy(confirmTotp),
    resolve: async (_root, { input }, context) => {
      return withCookie(context, await context.execute(confirmTotp, input));
    },
  }),
  makeBackupCodes: t.stringList({
    description: 'Ten codes as `XXXX-XXXX-XXXX`, shown this once; each works once. Older ones are void.',
    ...allowedBy(makeBackupCodes),
    resolve: (_root, _args, context) => context.execute(makeBackupCodes),
  }),
}));
