import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { notFound } from '../../errors.ts';
import { pending, sendInvitations } from '../access/invitation.ts';
import { command, type Tools } from '../command.ts';
import { email, id, text } from '../input.ts';

/** Creates a company and invites its first administrator. */
export const createCompany = command({
  event: 'company.created',
  entity: 'Company',
  permission: 'platform.companies.write',
  stepUp: true,
  input: z
    .object({
      name: text(200),
      currency: z.string().regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code such as EUR'),
      administrator: z.object({ email, name: text(200) }),
    })
    .transform((input) => ({ ...input, companyId: uuidv7() })),
  company: ({ companyId }) => companyId,
  run: (tools) => found(tools, tools.input, 'company_admin'),
});

const founding = z.object({ name: text(200), administrator: z.object({ email, name: text(200) }) });

/**
 * Creates the platform's company, once for a deployment (`npm run create-admin`, demo data). Not
 * available in the API.
 */
export const foundPlatform = command({
  event: 'company.created',
  entity: 'Company',
  permission: 'platform.companies.write',
  input: founding.transform((input) => ({ ...input, companyId: PLATFORM_ID, currency: 'XXX' })),
  company: () => PLATFORM_ID,
  run: (tools) => found(tools, tools.input, 'super_admin'),
});

type Founding = z.infer<typeof founding> & { companyId: string; currency: string };

async function found(
  { tx, row, user, afterCommit }: Tools<unknown>,
  { companyId, name, currency, administrator }: Founding,
  role: string,
) {
  const company = await tx.company.create({ data: { id: companyId, name, currency } });
  const userId = await user(administrator);
  await tx.membership.create({
    data: { ...row(), ...administrator, ...pending(null), userId, roles: [role] },
  });
  afterCommit((services) => sendInvitations(services, companyId));
  return company;
}

/** Deletes a company and all its data, data keys included. Its audit log remains. */
export const deleteCompany = command({
  event: 'company.deleted',
  entity: 'Company',
  permission: 'platform.companies.write',
  stepUp: true,
  input: z.object({ companyId: id }),
  company: ({ companyId }) => companyId,
  run: async ({ tx, input: { companyId }, afterCommit }) => {
    if (companyId === PLATFORM_ID) throw notFound();
    afterCommit(({ keyring }) => keyring.forget(companyId));
    return tx.company.delete({ where: { id: companyId } });
  },
});
