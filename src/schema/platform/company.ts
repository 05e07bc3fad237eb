import { createCompany, deleteCompany } from '../../domain/organization/company.ts';
import { type CompanyListed, listCompanies } from '../../domain/platform/companies.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, page, uuidArgument } from '../core/fields.ts';

const ListedCompany = builder.objectRef<CompanyListed>('ListedCompany').implement({
  description: 'A company as the platform sees it: its name, never its contents.',
  authScopes: { can: 'platform.companies.read' },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The UUID of the company.' }),
    name: t.exposeString('name', { description: 'The name of the company.' }),
    currency: t.exposeString('currency', { description: 'The currency of all amounts, as ISO 4217.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the company was created.' }),
  }),
});

builder.queryField('companies', (t) =>
  t.field({
    type: [ListedCompany],
    description: 'All companies, oldest first.',
    args: {
      first: t.arg.int({ defaultValue: 100, required: true, description: 'How many; 1 to 200.' }),
      after: t.arg.id({ description: 'The id of the last company that the client has.' }),
    },
    authScopes: { can: 'platform.companies.read' },
    resolve: (_root, { first, after }, context) =>
      context.read(listCompanies, {
        first: page({ first }, context).take,
        after: after == null ? null : uuidArgument('after', after),
      }),
  }),
);

const AdministratorInput = builder.inputType('AdministratorInput', {
  description: 'The first administrator of a new company.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'The email address that the invitation goes to.' }),
    name: t.string({ required: true, description: 'The full name.' }),
  }),
});
const CreateCompanyInput = builder.inputType('CreateCompanyInput', {
  description: 'Input of `createCompany`.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name of the company.' }),
    currency: t.string({ required: true, description: 'The currency of all amounts, as ISO 4217.' }),
    administrator: t.field({
      type: AdministratorInput,
      required: true,
      description: 'The first administrator, who gets an invitation.',
    }),
  }),
});
const DeleteCompanyInput = builder.inputType('DeleteCompanyInput', {
  description: 'Input of `deleteCompany`.',
  fields: (t) => ({ companyId: t.id({ required: true, description: 'The UUID of the company.' }) }),
});

builder.mutationFields((t) => ({
  createCompany: t.field({
    type: ListedCompany,
    description: 'Creates a company and invites its first administrator.',
    args: {
      input: t.arg({ type: CreateCompanyInput, required: true, description: 'Input of `createCompany`.' }),
    },
    ...allowedBy(createCompany),
    resolve: (_root, { input }, context) => context.execute(createCompany, input),
  }),
  deleteCompany: t.field({
    type: 'ID',
    description: 'The id of the company that is gone, with all that it owned. Its record stays provable.',
    args: {
      input: t.arg({ type: DeleteCompanyInput, required: true, description: 'Input of `deleteCompany`.' }),
    },
    ...allowedBy(deleteCompany),
    resolve: async (_root, { input }, context) => (await context.execute(deleteCompany, input)).id,
  }),
}));
