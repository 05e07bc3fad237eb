import { z } from 'zod';
import { command, last } from '../command.ts';
import { id, text } from '../input.ts';

export const createBranch = command({
  event: 'branch.created',
  entity: 'Branch',
  permission: 'structure.write',
  input: z.object({ name: text(200) }),
  run: ({ tx, input, query, row }) =>
    last(() => tx.branch.create({ data: { ...row(), ...input }, ...query })),
});

export const createDepartment = command({
  event: 'department.created',
  entity: 'Department',
  permission: 'structure.write',
  input: z.object({ branchId: id, name: text(200) }),
  run: ({ tx, input, query, row }) =>
    last(() => tx.department.create({ data: { ...row(), ...input }, ...query })),
});
