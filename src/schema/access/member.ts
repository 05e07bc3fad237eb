import { unlockMember } from '../../auth/administration/unlock-member.ts';
import { resendInvitation } from '../../domain/access/invitation.ts';
import {
  inviteMember,
  removeMember,
  restoreMember,
  setMemberRoles,
  suspendMember,
} from '../../domain/access/member.ts';
import { listQuery } from '../connections/lists.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';
import { companyKey } from '../core/fields.ts';
import { commandMutation, deletionMutation } from '../core/mutation.ts';
import { Branch, Department } from '../organization/structure.ts';

const MembershipStatus = enumOf('MembershipStatus', 'The state of a membership.', {
  invited: 'Invited, and no member before the user accepts.',
  active: 'A member.',
  suspended: 'Kept out, with all roles kept for later.',
});

export const Member = builder.prismaNode('Membership', {
  name: 'Member',
  ...companyKey,
  description: 'A user in the company: one who signs in, or who is invited to.',
  select: { id: true, companyId: true },
  authScopes: companyRow('member.read'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The full name.' }),
    email: t.exposeString('email', { description: 'The email address that the member signs in with.' }),
    status: t.expose('status', { type: MembershipStatus, description: 'The state of the membership.' }),
    roles: t.exposeStringList('roles', {
      description: 'The names of the own roles of the member, without those of teams.',
    }),
    invitationExpiresAt: t.expose('invitedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'When the invitation expires. Null for members who have accepted.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the membership was created.' }),
  }),
});

listQuery('members', {
  type: Member,
  model: 'Membership',
  description: 'The members of the company and those invited, by name.',
  authScopes: { can: 'member.read' },
  order: ['name'],
});

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

const returned = { type: Member, returns: 'member' } as const;

/** Declares the input field of mutations that take a member alone. */
export const memberInput = (t: InputFields) => ({
  memberId: t.globalID({ required: true, for: [Member], description: 'The member to change.' }),
});

/** Declares the roles of a member, and the place that roles below the whole company cover. */
const assignmentOf = (t: InputFields) => ({
  roles: t.stringList({ required: true, description: 'The names of the roles.' }),
  branchId: t.globalID({ for: [Branch], description: 'The branch that roles with branch scope cover.' }),
  departmentId: t.globalID({
    for: [Department],
    description: 'The department that roles with department scope cover.',
  }),
});

commandMutation('inviteMember', inviteMember, {
  ...returned,
  description: 'Invites a user by email to become a member. The invitation expires after seven days.',
  input: (t) => ({
    email: t.string({ required: true, description: 'The email address to invite.' }),
    name: t.string({ required: true, description: 'The full name.' }),
    language: t.string({
      description: 'The language of emails to a user without an account, as `de` or `pt-BR`.',
    }),
    ...assignmentOf(t),
  }),
});
commandMutation('resendInvitation', resendInvitation, {
  ...returned,
  description: 'Sends a new invitation, valid for seven days, to a member who has not accepted yet.',
  input: memberInput,
});
commandMutation('suspendMember', suspendMember, {
  ...returned,
  description: 'Keeps a member out from their next request on. Their roles stay for `restoreMember`.',
  input: memberInput,
});
commandMutation('restoreMember', restoreMember, {
  ...returned,
  description: 'Lets a suspended member in again, with their roles.',
  input: memberInput,
});
commandMutation('unlockMember', unlockMember, {
  ...returned,
  description: 'Removes every lockout for failed attempts from the account of a member.',
  input: memberInput,
});
commandMutation('setMemberRoles', setMemberRoles, {
  ...returned,
  description: 'Replaces the roles of a member. A place that is not given stays as it is.',
  input: (t) => ({ ...memberInput(t), ...assignmentOf(t) }),
});
deletionMutation('removeMember', removeMember, {
  description: 'Removes a member from the company, with their team memberships.',
  id: 'memberId',
  noun: 'Member',
  input: memberInput,
});
