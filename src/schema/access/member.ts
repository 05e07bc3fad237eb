import { unlockMember } from '../../auth/lockout/unlock.ts';
import { resendInvitation } from '../../domain/access/invitation.ts';
import {
  inviteMember,
  removeMember,
  restoreMember,
  setMemberRoles,
  suspendMember,
} from '../../domain/access/member.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, companyKey, page } from '../core/fields.ts';
import { globalIdOf } from '../core/global-id.ts';
import { Branch, Department } from '../organization/structure.ts';

const MembershipStatus = builder.enumType('MembershipStatus', {
  description: '`invited`: asked to join, and no member before they accept.',
  values: ['invited', 'active', 'suspended'] as const,
});

export const Member = builder.prismaNode('Membership', {
  name: 'Member',
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('member.read'),
  fields: (t) => ({
    name: t.exposeString('name'),
    email: t.exposeString('email'),
    status: t.expose('status', { type: MembershipStatus }),
    roles: t.exposeStringList('roles'),
    invitedUntil: t.expose('invitedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when they can accept; no longer than that does the invitation hold.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

builder.queryField('members', (t) =>
  t.prismaField({
    type: [Member],
    args: {
      first: t.arg.int({ defaultValue: 100, required: true }),
      after: t.arg.globalID({ for: [Member] }),
    },
    authScopes: { can: 'member.read' },
    resolve: (query, _root, args, context) =>
      context.db.membership.findMany({
        ...query,
        ...page(args, context),
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
      }),
  }),
);

const InviteMemberInput = builder.inputType('InviteMemberInput', {
  fields: (t) => ({
    email: t.string({ required: true }),
    name: t.string({ required: true }),
    language: t.string({
      description:
        'Of somebody who has no account yet: what mails to them are written in, as `de` or `pt-BR`.',
    }),
    roles: t.stringList({ required: true }),
    branchId: t.globalID({ for: [Branch] }),
    departmentId: t.globalID({ for: [Department] }),
  }),
});

const SetMemberRolesInput = builder.inputType('SetMemberRolesInput', {
  fields: (t) => ({
    memberId: t.globalID({ required: true, for: [Member] }),
    roles: t.stringList({ required: true }),
    branchId: t.globalID({ for: [Branch] }),
    departmentId: t.globalID({ for: [Department] }),
  }),
});

const RemoveMemberInput = builder.inputType('RemoveMemberInput', {
  fields: (t) => ({ memberId: t.globalID({ required: true, for: [Member] }) }),
});

const MemberInput = builder.inputType('MemberInput', {
  fields: (t) => ({ memberId: t.globalID({ required: true, for: [Member] }) }),
});

builder.mutationFields((t) => ({
  inviteMember: t.prismaField({
    type: Member,
    args: { input: t.arg({ type: InviteMemberInput, required: true }) },
    ...allowedBy(inviteMember),
    resolve: (query, _root, { input }, context) => context.execute(inviteMember, input, query),
  }),
  resendInvitation: t.prismaField({
    type: Member,
    description: 'Invites who has not accepted yet for seven days anew, with a new link.',
    args: { input: t.arg({ type: MemberInput, required: true }) },
    ...allowedBy(resendInvitation),
    resolve: (query, _root, { input }, context) => context.execute(resendInvitation, input, query),
  }),
  suspendMember: t.prismaField({
    type: Member,
    description: 'Keeps the member out from their next request on; their roles stay for when they come back.',
    args: { input: t.arg({ type: MemberInput, required: true }) },
    ...allowedBy(suspendMember),
    resolve: (query, _root, { input }, context) => context.execute(suspendMember, input, query),
  }),
  restoreMember: t.prismaField({
    type: Member,
    args: { input: t.arg({ type: MemberInput, required: true }) },
    ...allowedBy(restoreMember),
    resolve: (query, _root, { input }, context) => context.execute(restoreMember, input, query),
  }),
  unlockMember: t.prismaField({
    type: Member,
    description: 'Lifts every lock for failed tries of the account.',
    args: { input: t.arg({ type: MemberInput, required: true }) },
    ...allowedBy(unlockMember),
    resolve: (query, _root, { input }, context) => context.execute(unlockMember, input, query),
  }),
  setMemberRoles: t.prismaField({
    type: Member,
    args: { input: t.arg({ type: SetMemberRolesInput, required: true }) },
    ...allowedBy(setMemberRoles),
    resolve: (query, _root, { input }, context) => context.execute(setMemberRoles, input, query),
  }),
  removeMember: t.field({
    type: 'ID',
    description: 'The id of the member who is one no longer.',
    args: { input: t.arg({ type: RemoveMemberInput, required: true }) },
    ...allowedBy(removeMember),
    resolve: async (_root, { input }, context) => {
      await context.execute(removeMember, input);
      return globalIdOf(input.memberId.typename, input.memberId.id);
    },
  }),
}));
