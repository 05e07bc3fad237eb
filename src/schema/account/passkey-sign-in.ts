import {
  completeSignInByPasskey,
  finishPasskeySignIn,
  startPasskeySecondFactor,
  startPasskeySignIn,
  startPasskeyStepUp,
  stepUpByPasskey,
} from '../../auth/passkeys/sign-in.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';
import { completed, TRUST_DEVICE, withCookie } from './mfa.ts';
import { PasskeyChallenge } from './passkey-challenge.ts';
import { SignInPayload } from './viewer.ts';

const FinishPasskeySignInInput = builder.inputType('FinishPasskeySignInInput', {
  fields: (t) => ({
    challengeId: t.string({ required: true }),
    response: t.field({ type: 'PasskeyResponse', required: true }),
    trustDevice: t.boolean({ description: TRUST_DEVICE }),
  }),
});
const StartPasskeySecondFactorInput = builder.inputType('StartPasskeySecondFactorInput', {
  fields: (t) => ({ pendingToken: t.string({ required: true }) }),
});
const CompleteSignInByPasskeyInput = builder.inputType('CompleteSignInByPasskeyInput', {
  fields: (t) => ({
    pendingToken: t.string({ required: true }),
    challengeId: t.string({ required: true }),
    response: t.field({ type: 'PasskeyResponse', required: true }),
    trustDevice: t.boolean({ description: TRUST_DEVICE }),
  }),
});
const StepUpByPasskeyInput = builder.inputType('StepUpByPasskeyInput', {
  fields: (t) => ({
    challengeId: t.string({ required: true }),
    response: t.field({ type: 'PasskeyResponse', required: true }),
  }),
});

builder.mutationFields((t) => ({
  startPasskeySignIn: t.field({
    type: PasskeyChallenge,
    description: 'Begins a sign-in without a user name.',
    ...allowedBy(startPasskeySignIn),
    resolve: (_root, _args, context) => context.execute(startPasskeySignIn),
  }),
  finishPasskeySignIn: t.field({
    type: SignInPayload,
    description: 'Signs in by a passkey alone, which counts as a second factor too.',
    args: { input: t.arg({ type: FinishPasskeySignInInput, required: true }) },
    ...allowedBy(finishPasskeySignIn),
    resolve: async (_root, { input }, context) =>
      completed(context, await context.execute(finishPasskeySignIn, input)),
  }),
  startPasskeySecondFactor: t.field({
    type: PasskeyChallenge,
    description: 'For a sign-in that was answered with `pending`.',
    args: { input: t.arg({ type: StartPasskeySecondFactorInput, required: true }) },
    ...allowedBy(startPasskeySecondFactor),
    resolve: (_root, { input }, context) => context.execute(startPasskeySecondFactor, input),
  }),
  completeSignInByPasskey: t.field({
    type: SignInPayload,
    description: 'The second half of a sign-in that was answered with `pending`.',
    args: { input: t.arg({ type: CompleteSignInByPasskeyInput, required: true }) },
    ...allowedBy(completeSignInByPasskey),
    resolve: async (_root, { input }, context) =>
      completed(context, await context.execute(completeSignInByPasskey, input)),
  }),
  startPasskeyStepUp: t.field({
    type: PasskeyChallenge,
    description: 'For what answers STEP_UP_REQUIRED.',
    ...allowedBy(startPasskeyStepUp),
    resolve: (_root, _args, context) => context.execute(startPasskeyStepUp),
  }),
  stepUpByPasskey: t.field({
    type: SignInPayload,
    description: 'Proves a second factor anew. The session gets a new token.',
    args: { input: t.arg({ type: StepUpByPasskeyInput, required: true }) },
    ...allowedBy(stepUpByPasskey),
    resolve: async (_root, { input }, context) => {
      return withCookie(context, await context.execute(stepUpByPasskey, input));
    },
  }),
}));
