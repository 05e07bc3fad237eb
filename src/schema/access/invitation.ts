import {
  acceptInvitation,
  type Invitation,
  invitations,
  joinCompany,
} from '../../domain/access/invitation.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';

const InvitationType = builder.objectRef<Invitation>('Invitation').implement({
  description: 'A company that you are asked into: nothing of it is yours before you accept.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    companyId: t.exposeID('companyId'),
    companyName: t.exposeString('companyName'),
    roles: t.exposeStringList('roles'),
    invitedUntil: t.expose('invitedUntil', { type: 'DateTime' }),
  }),
});

builder.queryField('invitations', (t) =>
  t.field({
    type: [InvitationType],
    description: 'Those of your own that can be accepted still.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => context.read(invitations, undefined),
  }),
);

const AcceptInvitationInput = builder.inputType('AcceptInvitationInput', {
  fields: (t) => ({
    token: t.string({ required: true }),
    password: t.string({ description: 'Who has no account yet chooses it here.' }),
  }),
});
const JoinCompanyInput = builder.inputType('JoinCompanyInput', {
  fields: (t) => ({ companyId: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  acceptInvitation: t.boolean({
    description: 'You are a member from now on: by a mailed link, which works once. It signs nobody in.',
    args: { input: t.arg({ type: AcceptInvitationInput, required: true }) },
    ...allowedBy(acceptInvitation),
    resolve: async (_root, { input }, context) => {
      await context.execute(acceptInvitation, input);
      return true;
    },
  }),
  joinCompany: t.boolean({
    description: 'Accepts one of your `invitations` without its link. `switchCompany` acts there.',
    args: { input: t.arg({ type: JoinCompanyInput, required: true }) },
    ...allowedBy(joinCompany),
    resolve: async (_root, { input }, context) => {
      await context.execute(joinCompany, input);
      return true;
    },
  }),
}));
