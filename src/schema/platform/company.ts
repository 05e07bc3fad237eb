import type { Context } from '../../context.ts';
import { createCompany, deleteCompany } from '../../domain/organization/company.ts';
import {
  type CompanyFactorAdoption,
  companiesById,
  companyCount,
  companyPage,
  factorAdoptionOf,
  type ManagedCompany,
} from '../../domain/platform/companies.ts';
import { connectionType } from '../connections/connection-types.ts';
import { cursorOf, valuesOf } from '../connections/cursor.ts';
import { orderOf } from '../connections/lists.ts';
import { connectionOf, type PageArgs, pageOf } from '../connections/page.ts';
import { builder } from '../core/builder.ts';
import { isUuid } from '../core/fields.ts';
import { deletionMutation, mutation } from '../core/mutation.ts';

const rule = { can: 'platform.companies.read' } as const;

/**
 * A company. Its figures are read with those of all companies of the answer, by one statement, once
 * selected.
 */
type Company = ManagedCompany & { factorAdoption: () => Promise<CompanyFactorAdoption> };

function withFigures(companies: readonly ManagedCompany[], context: Context): Company[] {
  const ids = companies.map(({ id }) => id);
  let figures: Promise<CompanyFactorAdoption[]> | undefined;
  const figuresOf = async (id: string) => {
    figures ??= context.read(factorAdoptionOf, ids);
    return (await figures).find((one) => one.id === id) ?? { id, members: 0, protected: 0 };
  };
  return companies.map((company) => ({ ...company, factorAdoption: () => figuresOf(company.id) }));
}

const CompanyFactorAdoptionType = builder
  .objectRef<CompanyFactorAdoption>('CompanyFactorAdoption')
  .implement({
    description: 'How many active members of one company have a second factor.',
    authScopes: rule,
    fields: (t) => ({
      memberCount: t.exposeInt('members', { description: 'The number of active members.' }),
      protectedMemberCount: t.exposeInt('protected', {
        description: 'The number of active members with a second factor.',
      }),
    }),
  });

const ManagedCompanyType = builder.node(builder.objectRef<Company>('ManagedCompany'), {
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, context) => {
    const found = withFigures(await context.read(companiesById, ids.filter(isUuid)), context);
    return ids.map((id) => found.find((company) => company.id === id.toLowerCase()) ?? null);
  },
  description:
    'A company as administrators of the platform see it: its name and figures, never its contents.',
  authScopes: rule,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the company.' }),
    currency: t.exposeString('currency', { description: 'The currency of all amounts, as ISO 4217.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the company was created.' }),
    factorAdoption: t.field({
      type: CompanyFactorAdoptionType,
      description: 'How many members of the company have a second factor.',
      resolve: ({ factorAdoption }) => factorAdoption(),
    }),
  }),
});

const BY_ID = orderOf([]);
const idIn = (cursor: string | null | undefined, argument: 'after' | 'before') =>
  cursor == null ? null : String(valuesOf(cursor, argument, 'Company', BY_ID)[0]);

builder.queryField('companies', (t) =>
  t.connection(
    {
      type: ManagedCompanyType,
      description: 'All companies, oldest first.',
      authScopes: rule,
      resolve: async (_root: unknown, args: PageArgs, context: Context) => {
        const { take, backward } = pageOf(args);
        const [after, before] = [idIn(args.after, 'after'), idIn(args.before, 'before')];
        const rows = await context.read(companyPage, { take: take + 1, backward, after, before });
        const count = () => context.read(companyCount, undefined);
        return connectionOf(withFigures(rows, context), args, (row) => cursorOf(row, BY_ID), count);
      },
    } as never,
    connectionType(ManagedCompanyType as never) as never,
  ),
);

const AdministratorInput = builder.inputType('AdministratorInput', {
  description: 'The first administrator of a new company.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'The email address that the invitation goes to.' }),
    name: t.string({ required: true, description: 'The full name.' }),
  }),
});

mutation('createCompany', createCompany, {
  description: 'Creates a company and invites its first administrator.',
  input: (t) => ({
    name: t.string({ required: true, description: 'The name of the company.' }),
    currency: t.string({ required: true, description: 'The currency of all amounts, as ISO 4217.' }),
    administrator: t.field({
      type: AdministratorInput,
      required: true,
      description: 'The first administrator, who gets an invitation.',
    }),
  }),
  payload: (t) => ({
    company: t.field({
      type: ManagedCompanyType,
      description: 'The new company.',
      resolve: (company, _args, context) => withFigures([company], context)[0] as Company,
    }),
  }),
});
deletionMutation('deleteCompany', deleteCompany, {
  description: 'Deletes a company with all its data. Its audit log remains and can be verified.',
  id: 'companyId',
  noun: 'Company',
  input: (t) => ({
    companyId: t.globalID({
      required: true,
      for: [ManagedCompanyType],
      description: 'The company to delete.',
    }),
  }),
});
