import { signUp, verifyEmail } from '../../auth/sign-up/sign-up.ts';
import { approveSignUp, refuseSignUp } from '../../auth/sign-up/sign-up-approval.ts';
import type { Context } from '../../context.ts';
import { Member } from '../access/member.ts';
import { listQuery } from '../connections/lists.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';
import { companyKey } from '../core/fields.ts';
import { commandMutation, deletionMutation, mutation } from '../core/mutation.ts';
import { Company } from '../organization/structure.ts';
import { ViewerCompany } from './viewer.ts';

const SignUpOutcome = enumOf('SignUpOutcome', 'What a verified sign-up led to.', {
  member: 'The user is a member of the company and can sign in.',
  waiting: 'An administrator of the company has to approve the sign-up.',
});

const SignUpRequest = builder.prismaNode('SignUpRequest', {
  ...companyKey,
  // a request is listed once its email address is verified
  findUnique: (id: string, context: Context) => ({
    ...companyKey.findUnique(id, context),
    status: 'waiting' as const,
  }),
  description: 'The request of a user who verified their address and waits for approval by the company.',
  select: { id: true, companyId: true },
  authScopes: companyRow('member.write'),
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The verified email address.' }),
    name: t.exposeString('name', { description: 'The name that the user gave.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the user asked to join.' }),
    verifiedAt: t.expose('verifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the user verified the address.',
    }),
  }),
});

listQuery('signUpRequests', {
  type: SignUpRequest,
  model: 'SignUpRequest',
  description: 'The sign-up requests that wait for approval, oldest first.',
  authScopes: { can: 'member.write' },
  order: ['createdAt'],
  where: () => ({ status: 'waiting' }),
});

mutation('signUp', signUp, {
  description:
    'Asks to join a company that takes sign-ups. The answer is the same for every address; what follows is mailed.',
  input: (t) => ({
    companyId: t.globalID({
      required: true,
      for: [Company, ViewerCompany],
      description: 'The company to join.',
    }),
    email: t.string({ required: true, description: 'The address that the mail goes to.' }),
    name: t.string({ required: true, description: 'The full name of the user.' }),
    language: t.string({ description: 'The language of mails to the user, as BCP 47, such as `pt-BR`.' }),
  }),
  payload: (t) => ({ email: t.exposeString('email', { description: 'The address that a mail goes to.' }) }),
});
mutation('verifyEmail', verifyEmail, {
  description: 'Verifies the address of a sign-up by the token of the mailed link, which works once.',
  input: (t) => ({
    token: t.string({ required: true, description: 'The token of the mailed link.' }),
    password: t.string({ description: 'The password to set, for a user who has no account yet.' }),
  }),
  payload: (t) => ({
    outcome: t.expose('outcome', { type: SignUpOutcome, description: 'What the sign-up led to.' }),
    email: t.exposeString('email', { description: 'The address to sign in with.' }),
  }),
});
commandMutation('approveSignUp', approveSignUp, {
  description: 'Makes the user of a sign-up request a member of the company.',
  type: Member,
  returns: 'member',
  input: (t) => ({
    signUpRequestId: t.globalID({
      required: true,
      for: [SignUpRequest],
      description: 'The request to approve.',
    }),
    roles: t.stringList({ required: true, description: 'The names of the roles of the new member.' }),
  }),
});
deletionMutation('refuseSignUp', refuseSignUp, {
  description: 'Deletes a sign-up request. The user may ask again.',
  id: 'signUpRequestId',
  noun: 'SignUpRequest',
  input: (t) => ({
    signUpRequestId: t.globalID({
      required: true,
      for: [SignUpRequest],
      description: 'The request to refuse.',
    }),
  }),
});
