import { unlockAccount } from '../../auth/lockout/unlock.ts';
import { changePassword, requestPasswordReset, resetPassword } from '../../auth/password/use-cases.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';
import { SignInPayload } from './viewer.ts';

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
    ...allowedBy(changePassword),
    resolve: async (_root, { input }, context) => {
      const started = await context.execute(changePassword, input);
      context.cookies.setSession(started.token);
      return started;
    },
  }),
  requestPasswordReset: t.boolean({
    description: 'Mails a link to the address, if it has an account. The answer is always the same.',
    args: { input: t.arg({ type: RequestPasswordResetInput, required: true }) },
    ...allowedBy(requestPasswordReset),
    resolve: async (_root, { input }, context) => {
      await context.execute(requestPasswordReset, input);
      return true;
    },
  }),
  resetPassword: t.boolean({
    description: 'A new password by a mailed link, which works once. All your sessions end.',
    args: { input: t.arg({ type: ResetPasswordInput, required: true }) },
    ...allowedBy(resetPassword),
    resolve: async (_root, { input }, context) => {
      await context.execute(resetPassword, input);
      return true;
    },
  }),
  unlockAccount: t.boolean({
    description: 'Lifts a lock for wrong passwords, by a mailed link, which works once.',
    args: { input: t.arg({ type: UnlockAccountInput, required: true }) },
    ...allowedBy(unlockAccount),
    resolve: async (_root, { input }, context) => {
      await context.execute(unlockAccount, input);
      return true;
    },
  }),
}));
