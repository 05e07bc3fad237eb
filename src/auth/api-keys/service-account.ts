import { z } from 'zod';
import { catalogueOf } from '../../domain/access/role.ts';
import { type CommandClient, command } from '../../domain/command.ts';
import { id, text } from '../../domain/input.ts';
import { AppError, notFound } from '../../errors.ts';
import { requireKnownRoles } from '../authorization/role-definition.ts';

/**
 * Creates a service account of this company. Its roles are granted as a member's, without
 * permissions reserved for users.
 */
export const createServiceAccount = command({
  event: 'serviceAccount.created',
  entity: 'ServiceAccount',
  permission: 'apiKey.write',
  stepUp: true,
  input: z.object({
    name: text(100),
    roles: z.array(text(64)).min(1, 'expected at least one role').max(20, 'expected at most 20 roles'),
  }),
  run: async ({ tx, input, query, row, actor }) => {
    requireKnownRoles(input.roles, await catalogueOf(tx));
    return tx.serviceAccount.create({ data: { ...row(), ...input, createdById: actor.userId }, ...query });
  },
});

/** Disables a service account and its keys permanently, effective on the next request. */
export const disableServiceAccount = command({
  event: 'serviceAccount.disabled',
  entity: 'ServiceAccount',
  permission: 'apiKey.write',
  input: z.object({ serviceAccountId: id }),
  run: async ({ tx, input: { serviceAccountId }, query, key }) => {
    await usable(tx, serviceAccountId);
    return tx.serviceAccount.update({
      where: key(serviceAccountId),
      data: { disabledAt: new Date() },
      ...query,
    });
  },
});

/** Returns the account. Errors: NOT_FOUND, CONFLICT for a disabled one. */
export async function usable(tx: CommandClient, serviceAccountId: string) {
  const account = await tx.serviceAccount.findFirst({ where: { id: serviceAccountId } });
  if (!account) throw notFound();
  if (account.disabledAt) throw new AppError('CONFLICT', 'This service account is disabled.');
  return account;
}
