import { type Adoption, adoptionIn } from '../../auth/administration/adoption.ts';
import {
  disableMemberFactors,
  requireMemberFactor,
  resetMemberGrace,
} from '../../auth/administration/member-factors.ts';
import { builder } from '../core/builder.ts';
import { commandMutation } from '../core/mutation.ts';
import { Member, memberInput } from './member.ts';

const FactorAdoption = builder.objectRef<Adoption>('FactorAdoption').implement({
  description: 'How many active members have a second factor.',
  authScopes: { can: 'security.read' },
  fields: (t) => ({
    role: t.exposeString('role', {
      nullable: true,
      description: 'The role that the members hold. Null for all members.',
    }),
    memberCount: t.exposeInt('members', { description: 'The number of active members.' }),
    protectedMemberCount: t.exposeInt('protected', {
      description: 'The number of active members with a second factor.',
    }),
  }),
});

builder.queryField('factorAdoption', (t) =>
  t.field({
    type: [FactorAdoption],
    description: 'How many members of the company have a second factor: in total, then by role.',
    authScopes: { can: 'security.read' },
    listSize: 10,
    resolve: (_root, _args, context) => context.read(adoptionIn, undefined),
  }),
);

const returned = { type: Member, returns: 'member' } as const;

commandMutation('disableMemberFactors', disableMemberFactors, {
  ...returned,
  description:
    'Removes every second factor, trusted device and session of a member, who is notified by email.',
  input: memberInput,
});
commandMutation('resetMemberGrace', resetMemberGrace, {
  ...returned,
  description: 'Restarts the grace period in which a member has to add a second factor.',
  input: memberInput,
});
commandMutation('requireMemberFactor', requireMemberFactor, {
  ...returned,
  description: 'Sets whether this member must have a second factor, whatever their roles require.',
  input: (t) => ({
    ...memberInput(t),
    isRequired: t.boolean({
      required: true,
      description: 'Whether the member must have a second factor.',
    }),
  }),
});
