import { z } from 'zod';
import { catalogueOf } from '../../domain/access/role.ts';
import { type CommandClient, command } from '../../domain/command.ts';
import { id, text } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import { notify } from '../../notifications/notify.ts';
import { requireKnownRoles } from '../authorization/role-definition.ts';

const roles = z.array(text(64)).min(1, 'expected at least one role').max(20, 'expected at most 20 roles');

/** Approves a verified sign-up request with these roles, by the rules of granting. */
export const approveSignUp = command({
  event: 'signUp.approved',
  entity: 'Membership',
  permission: 'member.write',
  stepUp: true,
  input: z.object({ signUpRequestId: id, roles }),
  run: async ({ tx, actor, input, user, row, key, query, afterCommit }) => {
    requireKnownRoles(input.roles, await catalogueOf(tx));
    const { id, email, name, language } = await waiting(tx, input.signUpRequestId);
    await tx.signUpRequest.delete({ where: key(id) });
    const userId = await user({ email, name, language });
    afterCommit((services) =>
      notify(services, { email, language }, 'signUpApproved', { company: actor.companyName }),
    );
    return tx.membership.create({ data: { ...row(), userId, email, name, roles: input.roles }, ...query });
  },
});

/** Rejects and deletes a request; the user may request again. Returns the deleted request. */
export const refuseSignUp = command({
  event: 'signUp.refused',
  permission: 'member.write',
  input: z.object({ signUpRequestId: id }),
  run: async ({ tx, actor, input, key, afterCommit }) => {
    const request = await waiting(tx, input.signUpRequestId);
    await tx.signUpRequest.delete({ where: key(request.id) });
    afterCommit((services) => notify(services, request, 'signUpRefused', { company: actor.companyName }));
    return request;
  },
});

async function waiting(tx: CommandClient, id: string) {
  const request = await tx.signUpRequest.findFirst({ where: { id, status: 'waiting' } });
  if (!request) throw notFound();
  return request;
}
