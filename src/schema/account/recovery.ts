import {
  recoverAccount,
  setRecoveryEmail,
  startRecovery,
  verifyRecoveryEmail,
} from '../../auth/mfa/recovery.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';

const SetRecoveryEmailInput = builder.inputType('SetRecoveryEmailInput', {
  fields: (t) => ({ email: t.string({ required: true }) }),
});
const VerifyRecoveryEmailInput = builder.inputType('VerifyRecoveryEmailInput', {
  fields: (t) => ({ token: t.string({ required: true }) }),
});
const StartRecoveryInput = builder.inputType('StartRecoveryInput', {
  fields: (t) => ({ pendingToken: t.string({ required: true, description: 'From `signIn`.' }) }),
});
const RecoverAccountInput = builder.inputType('RecoverAccountInput', {
  fields: (t) => ({ token: t.string({ required: true }) }),
});

builder.mutationFields((t) => ({
  setRecoveryEmail: t.boolean({
    description:
      'Another address of yours, for when every factor is lost. It counts once the link mailed there is opened.',
    args: { input: t.arg({ type: SetRecoveryEmailInput, required: true }) },
    ...allowedBy(setRecoveryEmail),
    resolve: async (_root, { input }, context) => {
      await context.execute(setRecoveryEmail, input);
      return true;
    },
  }),
  verifyRecoveryEmail: t.boolean({
    args: { input: t.arg({ type: VerifyRecoveryEmailInput, required: true }) },
    ...allowedBy(verifyRecoveryEmail),
    resolve: async (_root, { input }, context) => {
      await context.execute(verifyRecoveryEmail, input);
      return true;
    },
  }),
  startRecovery: t.boolean({
    description:
      'For who has lost every factor: mails a link to the recovery address, if there is one. The answer is the same without.',
    args: { input: t.arg({ type: StartRecoveryInput, required: true }) },
    ...allowedBy(startRecovery),
    resolve: async (_root, { input }, context) => {
      await context.execute(startRecovery, input);
      return true;
    },
  }),
  recoverAccount: t.boolean({
    description: 'By the mailed link, which works once: your second factors are gone and all sessions end.',
    args: { input: t.arg({ type: RecoverAccountInput, required: true }) },
    ...allowedBy(recoverAccount),
    resolve: async (_root, { input }, context) => {
      await context.execute(recoverAccount, input);
      return true;
    },
  }),
}));
