import { type SignUpOutcome, signUp, verifyEmail } from '../../auth/sign-up/sign-up.ts';
import { approveSignUp, refuseSignUp } from '../../auth/sign-up/sign-up-approval.ts';
import { Member } from '../access/member.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, page, uuidArgument } from '../core/fields.ts';

const SignUpOutcomeType = builder.enumType('SignUpOutcome', {
  description: '`member`: you can sign in now. `waiting`: somebody of the company has to approve.',
  values: ['member', 'waiting'] as const satisfies SignUpOutcome[],
});

const SignUpInput = builder.inputType('SignUpInput', {
  fields: (t) => ({
    companyId: t.id({ required: true }),
    email: t.string({ required: true }),
    name: t.string({ required: true }),
    language: t.string({ description: 'What mails to them are written in, as `de` or `pt-BR`.' }),
  }),
});
const VerifyEmailInput = builder.inputType('VerifyEmailInput', {
  fields: (t) => ({
    token: t.string({ required: true }),
    password: t.string({ description: 'Who has no account yet chooses it here.' }),
  }),
});

type Listed = { id: string; email: string; name: string; createdAt: Date; verifiedAt: Date | null };
const SignUpRequest = builder.objectRef<Listed>('SignUpRequest').implement({
  description: 'Somebody who verified their address and waits to be taken into the company.',
  authScopes: { can: 'member.write' },
  fields: (t) => ({
    id: t.exposeID('id'),
    email: t.exposeString('email'),
    name: t.exposeString('name'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    verifiedAt: t.expose('verifiedAt', { type: 'DateTime', nullable: true }),
  }),
});

builder.queryField('signUpRequests', (t) =>
  t.field({
    type: [SignUpRequest],
    description: 'Who waits for approval, oldest first.',
    args: { first: t.arg.int({ defaultValue: 100, required: true }), after: t.arg.id() },
    authScopes: { can: 'member.write' },
    resolve: (_root, { first, after }, context) => {
      const last = after == null ? null : { id: uuidArgument('after', String(after)) };
      return context.db.signUpRequest.findMany({
        where: { status: 'waiting' },
        ...page({ first, after: last }, context),
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      });
    },
  }),
);

const ApproveSignUpInput = builder.inputType('ApproveSignUpInput', {
  fields: (t) => ({ requestId: t.id({ required: true }), roles: t.stringList({ required: true }) }),
});
const RefuseSignUpInput = builder.inputType('RefuseSignUpInput', {
  fields: (t) => ({ requestId: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  signUp: t.boolean({
    description:
      'Asks to join a company that lets strangers in. The answer is the same for every address; what follows is mailed.',
    args: { input: t.arg({ type: SignUpInput, required: true }) },
    ...allowedBy(signUp),
    resolve: async (_root, { input }, context) => {
      await context.execute(signUp, input);
      return true;
    },
  }),
  verifyEmail: t.field({
    type: SignUpOutcomeType,
    description: 'The link of a sign-up, which works once.',
    args: { input: t.arg({ type: VerifyEmailInput, required: true }) },
    ...allowedBy(verifyEmail),
    resolve: (_root, { input }, context) => context.execute(verifyEmail, input),
  }),
  approveSignUp: t.prismaField({
    type: Member,
    args: { input: t.arg({ type: ApproveSignUpInput, required: true }) },
    ...allowedBy(approveSignUp),
    resolve: (query, _root, { input }, context) => context.execute(approveSignUp, input, query),
  }),
  refuseSignUp: t.field({
    type: 'ID',
    description: 'The id of the request that is gone.',
    args: { input: t.arg({ type: RefuseSignUpInput, required: true }) },
    ...allowedBy(refuseSignUp),
    resolve: async (_root, { input }, context) => {
      await context.execute(refuseSignUp, input);
      return input.requestId;
    },
  }),
}));
