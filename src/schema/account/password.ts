import { unlockAccount } from '../../auth/account/unlock.ts';
import { changePassword, requestPasswordReset, resetPassword } from '../../auth/password/use-cases.ts';
import type { builder } from '../core/builder.ts';
import { mutation, PASSWORD_COST } from '../core/mutation.ts';
import { sessionMutation } from './session.ts';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

sessionMutation('changePassword', changePassword, {
  description: 'Changes your password. Your other sessions end; this one gets a new token.',
  cost: PASSWORD_COST,
  input: (t: InputFields) => ({
    currentPassword: t.string({ required: true, description: 'Your present password.' }),
    newPassword: t.string({ required: true, description: 'The new password.' }),
  }),
});
mutation('requestPasswordReset', requestPasswordReset, {
  description: 'Mails a link to the address, if it has an account. The answer is the same for every address.',
  rateLimit: { points: 10, per: 60 },
  input: (t) => ({ email: t.string({ required: true, description: 'The address of the account.' }) }),
  payload: (t) => ({
    email: t.exposeString('email', { description: 'The address that a link goes to.' }),
  }),
});
mutation('resetPassword', resetPassword, {
  description:
    'Sets a new password by the token of a mailed link, which works once. All sessions of the user end.',
  rateLimit: { points: 10, per: 60 },
  cost: PASSWORD_COST,
  input: (t) => ({
    token: t.string({ required: true, description: 'The token of the mailed link.' }),
    password: t.string({ required: true, description: 'The new password.' }),
  }),
  payload: (t) => ({ email: t.exposeString('email', { description: 'The address to sign in with.' }) }),
});
mutation('unlockAccount', unlockAccount, {
  description:
    'Unlocks an account after too many wrong passwords, by the token of a mailed link, which works once.',
  input: (t) => ({ token: t.string({ required: true, description: 'The token of the mailed link.' }) }),
  payload: (t) => ({ email: t.exposeString('email', { description: 'The address to sign in with.' }) }),
});
