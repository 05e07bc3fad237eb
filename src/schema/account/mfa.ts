import { makeBackupCodes } from '../../auth/codes/backup-codes.ts';
import { requestCode } from '../../auth/codes/send-code.ts';
import { confirmTotp, type Enrolment, enrolTotp } from '../../auth/codes/totp-enrolment.ts';
import { stepUp } from '../../auth/mfa/step-up-session.ts';
import { deviceCookie, sessionCookie } from '../../auth/request/credential.ts';
import type { Started } from '../../auth/session/use-cases.ts';
import type { Completed } from '../../auth/sign-in/begin-session.ts';
import { completeSignIn } from '../../auth/sign-in/complete-sign-in.ts';
import type { Context } from '../../context.ts';
import { builder } from '../core/builder.ts';
import { asksStepUp } from '../core/fields.ts';
import { CodeChannel, SecondFactor } from './mfa-challenge.ts';
import { caller, SignInPayload } from './viewer.ts';

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
export function withCookie({ setCookie, services }: Context, started: Started): Started {
  setCookie(sessionCookie(started.token, services.config));
  return started;
}

/** The same, and the cookie by which a trusted device is known again. */
export function completed(context: Context, done: Completed): Completed {
  withCookie(context, done);
  if (done.deviceToken) context.setCookie(deviceCookie(done.deviceToken, context.services.config));
  return done;
}

builder.mutationFields((t) => ({
  completeSignIn: t.field({
    type: SignInPayload,
    description: 'The second half of a sign-in that was answered with `pending`.',
    args: { input: t.arg({ type: CompleteSignInInput, required: true }) },
    authScopes: { public: true },
    resolve: async (_root, { input }, context) =>
      completed(context, await completeSignIn(context.services, context.origin, input)),
  }),
  requestCode: t.boolean({
    description: 'Sends a code by `email` or `sms`: for a pending sign-in, or without one to step up.',
    args: { input: t.arg({ type: RequestCodeInput, required: true }) },
    authScopes: { public: true },
    resolve: async (_root, { input }, { services, origin, actor }) => {
      await requestCode(services, origin, actor, input);
      return true;
    },
  }),
  stepUp: t.field({
    type: SignInPayload,
    description:
      'Proves a second factor anew, for what answers STEP_UP_REQUIRED. The session gets a new token.',
    args: { input: t.arg({ type: StepUpInput, required: true }) },
    authScopes: { signedIn: true },
    resolve: async (_root, { input }, context) => {
      const { identity, actor } = caller(context);
      return withCookie(context, await stepUp(context.services, context.origin, identity, actor, input));
    },
  }),
  enrolTotp: t.field({
    type: TotpEnrolment,
    description:
      'Begins with an authenticator app (RFC 6238). An earlier app stays until the new one is confirmed.',
    authScopes: { enrolling: true },
    ...asksStepUp,
    resolve: (_root, _args, context) => {
      const { identity, actor } = caller(context);
      return enrolTotp(context.services, identity, actor);
    },
  }),
  confirmTotp: t.field({
    type: SignInPayload,
    description:
      'The app’s first code makes it your second factor. Your other sessions end; this one gets a new token.',
    args: { input: t.arg({ type: ConfirmTotpInput, required: true }) },
    authScopes: { enrolling: true },
    ...asksStepUp,
    resolve: async (_root, { input }, context) => {
      const { identity, actor } = caller(context);
      return withCookie(context, await confirmTotp(context.services, context.origin, identity, actor, input));
    },
  }),
  makeBackupCodes: t.stringList({
    description: 'Ten codes as `XXXX-XXXX-XXXX`, shown this once; each works once. Older ones are void.',
    authScopes: { signedIn: true },
    ...asksStepUp,
    resolve: (_root, _args, context) =>
      makeBackupCodes(context.services, context.origin, caller(context).actor),
  }),
}));
