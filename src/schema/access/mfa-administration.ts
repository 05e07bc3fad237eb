import {
  type Adoption,
  adoptionIn,
  adoptionOfCompanies,
  type CompanyAdoption,
  disableMemberFactors,
  requireMemberFactor,
  resetMemberGrace,
} from '../../auth/mfa/administration.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';
import { Member } from './member.ts';

const FactorAdoption = builder.objectRef<Adoption>('FactorAdoption').implement({
  description: 'How many active members have a second factor.',
  authScopes: { can: 'security.read' },
  fields: (t) => ({
    role: t.exposeString('role', { nullable: true, description: 'Null: whatever their roles.' }),
    members: t.exposeInt('members'),
    protected: t.exposeInt('protected'),
  }),
});

const CompanyFactorAdoption = builder.objectRef<CompanyAdoption>('CompanyFactorAdoption').implement({
  authScopes: { can: 'platform.companies.read' },
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    members: t.exposeInt('members'),
    protected: t.exposeInt('protected'),
  }),
});

builder.queryFields((t) => ({
  factorAdoption: t.field({
    type: [FactorAdoption],
    description: 'In this company, in all and by role.',
    authScopes: { can: 'security.read' },
    resolve: (_root, _args, context) => context.read(adoptionIn, undefined),
  }),
  companyFactorAdoption: t.field({
    type: [CompanyFactorAdoption],
    description: 'In each company: figures, and nobody’s name.',
    authScopes: { can: 'platform.companies.read' },
    resolve: (_root, _args, context) => context.read(adoptionOfCompanies, undefined),
  }),
}));

const MemberFactorsInput = builder.inputType('MemberFactorsInput', {
  fields: (t) => ({ memberId: t.globalID({ required: true, for: [Member] }) }),
});
const RequireMemberFactorInput = builder.inputType('RequireMemberFactorInput', {
  fields: (t) => ({
    memberId: t.globalID({ required: true, for: [Member] }),
    required: t.boolean({ required: true }),
  }),
});

builder.mutationFields((t) => ({
  disableMemberFactors: t.prismaField({
    type: Member,
    description:
      'Takes every second factor, trusted device and session from a member, who hears of it by mail.',
    args: { input: t.arg({ type: MemberFactorsInput, required: true }) },
    ...allowedBy(disableMemberFactors),
    resolve: (query, _root, { input }, context) => context.execute(disableMemberFactors, input, query),
  }),
  resetMemberGrace: t.prismaField({
    type: Member,
    description: 'The time to add a second factor begins anew.',
    args: { input: t.arg({ type: MemberFactorsInput, required: true }) },
    ...allowedBy(resetMemberGrace),
    resolve: (query, _root, { input }, context) => context.execute(resetMemberGrace, input, query),
  }),
  requireMemberFactor: t.prismaField({
    type: Member,
    description: 'Requires a second factor of this member in particular, or no longer.',
    args: { input: t.arg({ type: RequireMemberFactorInput, required: true }) },
    ...allowedBy(requireMemberFactor),
    resolve: (query, _root, { input }, context) => context.execute(requireMemberFactor, input, query),
  }),
}));
