import { z } from 'zod';
import { requireDefinable } from '../../auth/authorization/role-definition.ts';
import type { RoleCatalogue } from '../../auth/authorization/roles.ts';
import { notFound } from '../../errors.ts';
import { type CommandClient, command } from '../command.ts';
import { id, text } from '../input.ts';

/** Returns the company's custom roles in the form of the built-in ones. */
export const catalogueOf = async (tx: CommandClient): Promise<RoleCatalogue> =>
  Object.fromEntries((await tx.role.findMany()).map((role) => [role.slug, role])) as RoleCatalogue;

const definition = {
  name: text(100),
  level: z.int('expected a level').min(1, 'expected 1 to 4').max(4, 'expected 1 to 4'),
  accessScope: z.enum(['company', 'branch', 'department', 'team', 'self']),
  isReadOnly: z.boolean(),
  permissions: z.array(text(64)).max(100, 'expected at most 100 permissions'),
};

/** Clients call the column `isReadOnly`. */
const stored = <Input extends { isReadOnly: boolean }>({ isReadOnly, ...rest }: Input) => ({
  ...rest,
  readOnly: isReadOnly,
});

export const createRole = command({
  event: 'role.created',
  entity: 'Role',
  permission: 'role.write',
  stepUp: true,
  input: z
    .object({
      slug: z.string().regex(/^[a-z][a-z0-9_]{2,39}$/, 'expected 3 to 40 small letters, digits or _'),
      ...definition,
    })
    .transform(stored),
  run: ({ tx, input, query, row }) => {
    requireDefinable(input);
    return tx.role.create({ data: { ...row(), ...input }, ...query });
  },
});

export const updateRole = command({
  event: 'role.updated',
  entity: 'Role',
  permission: 'role.write',
  stepUp: true,
  input: z.object({ roleId: id, ...definition }).transform(stored),
  run: async ({ tx, input: { roleId, ...data }, query, key }) => {
    const role = await tx.role.findFirst({ where: { id: roleId } });
    if (!role) throw notFound();
    requireDefinable({ slug: role.slug, ...data });
    return tx.role.update({ where: key(roleId), data, ...query });
  },
});
