import {
  recoverAccount,
  setRecoveryEmail,
  startRecovery,
  verifyRecoveryEmail,
} from '../../auth/mfa/recovery.ts';
import { mutation } from '../core/mutation.ts';

mutation('setRecoveryEmail', setRecoveryEmail, {
  description:
    'Sets another address of yours, for when every second factor is lost. It counts once its owner has opened the link that is mailed there.',
  input: (t) => ({
    email: t.string({ required: true, description: 'An address other than the one that you sign in with.' }),
  }),
  payload: (t) => ({
    recoveryEmail: t.exposeString('recoveryEmail', { description: 'The address that the link was sent to.' }),
  }),
});
mutation('verifyRecoveryEmail', verifyRecoveryEmail, {
  description: 'Verifies a recovery address by the token of the mailed link.',
  input: (t) => ({ token: t.string({ required: true, description: 'The token of the mailed link.' }) }),
  payload: (t) => ({
    recoveryEmail: t.exposeString('recoveryEmail', { description: 'The address that was verified.' }),
  }),
});
mutation('startRecovery', startRecovery, {
  description:
    'Mails a link to the recovery address of a user who lost every second factor. The answer is the same without such an address.',
  input: (t) => ({
    challengeToken: t.string({ required: true, description: 'The token of the MFA challenge of `signIn`.' }),
  }),
  payload: (t) => ({
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'Until when a link that was mailed works.',
    }),
  }),
});
mutation('recoverAccount', recoverAccount, {
  description:
    'Removes all second factors and ends all sessions, by the token of the mailed link, which works once.',
  input: (t) => ({ token: t.string({ required: true, description: 'The token of the mailed link.' }) }),
  payload: (t) => ({
    email: t.exposeString('email', { description: 'The address to sign in with.' }),
  }),
});
