import {
  completeSignInByPasskey,
  finishPasskeySignIn,
  startPasskeySecondFactor,
  startPasskeySignIn,
  startPasskeyStepUp,
  stepUpByPasskey,
} from '../../auth/passkeys/sign-in.ts';
import { builder } from '../core/builder.ts';
import { completed, TRUST_DEVICE, withCookie } from './mfa.ts';
import { PasskeyChallenge } from './passkey-challenge.ts';
import { caller, SignInPayload } from './viewer.ts';

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
    authScopes: { public: true },
    resolve: (_root, _args, { services, origin }) => startPasskeySignIn(services, origin),
  }),
  finishPasskeySignIn: t.field({
    type: SignInPayload,
    description: 'Signs in by a passkey alone, which counts as a second factor too.',
    args: { input: t.arg({ type: FinishPasskeySignInInput, required: true }) },
    authScopes: { public: true },
    resolve: async (_root, { input }, context) =>
      completed(context, await finishPasskeySignIn(context.services, context.origin, input)),
  }),
  startPasskeySecondFactor: t.field({
    type: PasskeyChallenge,
    description: 'For a sign-in that was answered with `pending`.',
    args: { input: t.arg({ type: StartPasskeySecondFactorInput, required: true }) },
    authScopes: { public: true },
    resolve: (_root, { input }, { services, origin }) => startPasskeySecondFactor(services, origin, input),
  }),
  completeSignInByPasskey: t.field({
    type: SignInPayload,
    description: 'The second half of a sign-in that was answered with `pending`.',
    args: { input: t.arg({ type: CompleteSignInByPasskeyInput, required: true }) },
    authScopes: { public: true },
    resolve: async (_root, { input }, context) =>
      completed(context, await completeSignInByPasskey(context.services, context.origin, input)),
  }),
  startPasskeyStepUp: t.field({
    type: PasskeyChallenge,
    description: 'For what answers STEP_UP_REQUIRED.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => startPasskeyStepUp(context.services, caller(context).actor),
  }),
  stepUpByPasskey: t.field({
    type: SignInPayload,
    description: 'Proves a second factor anew. The session gets a new token.',
    args: { input: t.arg({ type: StepUpByPasskeyInput, required: true }) },
    authScopes: { signedIn: true },
    resolve: async (_root, { input }, context) => {
      const { identity, actor } = caller(context);
      const { services, origin } = context;
      return withCookie(context, await stepUpByPasskey(services, origin, identity, actor, input));
    },
  }),
}));
