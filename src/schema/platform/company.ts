import { createCompany, deleteCompany } from '../../domain/organization/company.ts';
import { type CompanyListed, listCompanies } from '../../domain/platform/companies.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, page, uuidArgument } from '../core/fields.ts';

const ListedCompany = builder.objectRef<CompanyListed>('ListedCompany').implement({
  description: 'A company as the platform sees it: its name, never its contents.',
  authScopes: { can: 'platform.companies.read' },
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    currency: t.exposeString('currency'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

builder.queryField('companies', (t) =>
  t.field({
    type: [ListedCompany],
    args: { first: t.arg.int({ defaultValue: 100, required: true }), after: t.arg.id() },
    authScopes: { can: 'platform.companies.read' },
    resolve: (_root, { first, after }, context) =>
      context.read(listCompanies, {
        first: page({ first }, context).take,
        after: after == null ? null : uuidArgument('after', after),
      }),
  }),
);

const AdministratorInput = builder.inputType('AdministratorInput', {
  fields: (t) => ({ email: t.string({ required: true }), name: t.string({ required: true }) }),
});
const CreateCompanyInput = builder.inputType('CreateCompanyInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    currency: t.string({ required: true, description: 'ISO 4217.' }),
    administrator: t.field({ type: AdministratorInput, required: true }),
  }),
});
const DeleteCompanyInput = builder.inputType('DeleteCompanyInput', {
  fields: (t) => ({ companyId: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  createCompany: t.field({
    type: ListedCompany,
    args: { input: t.arg({ type: CreateCompanyInput, required: true }) },
    ...allowedBy(createCompany),
    resolve: (_root, { input }, context) => context.execute(createCompany, input),
  }),
  deleteCompany: t.field({
    type: 'ID',
    description: 'The id of the company that is gone, with all that it owned. Its record stays provable.',
    args: { input: t.arg({ type: DeleteCompanyInput, required: true }) },
    ...allowedBy(deleteCompany),
    resolve: async (_root, { input }, context) => (await context.execute(deleteCompany, input)).id,
  }),
}));
