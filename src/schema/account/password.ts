import { unlockAccount } from '../../auth/lockout/unlock.ts';
import { changePassword, requestPasswordReset, resetPassword } from '../../auth/password/use-cases.ts';
import { sessionCookie } from '../../auth/request/credential.ts';
import { builder } from '../core/builder.ts';
import { caller, SignInPayload } from './viewer.ts';

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  fields: (t) => ({
    currentPassword: t.string({ required: true }),
    newPassword: t.string({ required: true }),
  }),
});
const RequestPasswordResetInput = builder.inputType('RequestPasswordResetInput', {
  fields: (t) => ({ email: t.string({ required: true }) }),
});
const ResetPasswordInput = builder.inputType('ResetPasswordInput', {
  fields: (t) => ({ token: t.string({ required: true }), password: t.string({ required: true }) }),
});
const UnlockAccountInput = builder.inputType('UnlockAccountInput', {
  fields: (t) => ({ token: t.string({ required: true }) }),
});

builder.mutationFields((t) => ({
  changePassword: t.field({
    type: SignInPayload,
    description: 'All your other sessions end; this one gets a new token.',
    args: { input: t.arg({ type: ChangePasswordInput, required: true }) },
    authScopes: { signedIn: true },
    resolve: async (_root, { input }, context) => {
      const { identity, actor } = caller(context);
      const started = await changePassword(context.services, context.origin, identity, actor, input);
      context.setCookie(sessionCookie(started.token, context.services.config));
      return started;
    },
  }),
  requestPasswordReset: t.boolean({
    description: 'Mails a link to the address, if it has an account. The answer is always the same.',
    args: { input: t.arg({ type: RequestPasswordResetInput, required: true }) },
    authScopes: { public: true },
    resolve: async (_root, { input }, { services, origin }) => {
      await requestPasswordReset(services, origin, input);
      return true;
    },
  }),
  resetPassword: t.boolean({
    description: 'A new password by a mailed link, which works once. All your sessions end.',
    args: { input: t.arg({ type: ResetPasswordInput, required: true }) },
    authScopes: { public: true },
    resolve: async (_root, { input }, { services, origin }) => {
      await resetPassword(services, origin, input);
      return true;
    },
  }),
  unlockAccount: t.boolean({
    description: 'Lifts a lock for wrong passwords, by a mailed link, which works once.',
    args: { input: t.arg({ type: UnlockAccountInput, required: true }) },
    authScopes: { public: true },
    resolve: async (_root, { input }, { services, origin }) => {
      await unlockAccount(services, origin, input);
      return true;
    },
  }),
}));
