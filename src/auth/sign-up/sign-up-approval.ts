import { z } from 'zod';
import { catalogueOf } from '../../domain/access/role.ts';
import { type CommandClient, command } from '../../domain/command.ts';
import { text } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import { notifyDeferred } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { whoIs } from '../account/lookup.ts';
import { mayGrant } from '../authorization/actor.ts';

const requestId = z.uuid('expected an id');
const roles = z.array(text(64)).min(1, 'expected at least one role').max(20, 'expected at most 20 roles');

/** Who verified their address and waits becomes a member with these roles, which are granted as to anybody. */
export const approveSignUp = command({
  event: 'signUp.approved',
  entity: 'Membership',
  permission: 'member.write',
  input: z.object({ requestId, roles }),
  run: async ({ tx, actor, input, user, row, key, query }) => {
    mayGrant(actor, input.roles, await catalogueOf(tx));
    const { id, email, name, language } = await waiting(tx, input.requestId);
    await tx.signUpRequest.delete({ where: key(id) });
    const userId = await user({ email, name, language });
    return tx.membership.create({ data: { ...row(), userId, email, name, roles: input.roles }, ...query });
  },
});

/** The request is gone; the same user may ask again. Returns what it was. */
export const refuseSignUp = command({
  event: 'signUp.refused',
  permission: 'member.write',
  input: z.object({ requestId }),
  run: async ({ tx, input, key }) => {
    const request = await waiting(tx, input.requestId);
    await tx.signUpRequest.delete({ where: key(request.id) });
    return request;
  },
});

async function waiting(tx: CommandClient, id: string) {
  const request = await tx.signUpRequest.findFirst({ where: { id, status: 'waiting' } });
  if (!request) throw notFound();
  return request;
}

/** Tells who has been approved; nobody waits for it. */
export const sendWelcome = (services: Services, companyId: string, memberId: string): void =>
  services.mailer.defer(async () => {
    for (const member of await whoIs(services, companyId, memberId))
      notifyDeferred(services, member, 'signUpApproved', { company: member.company });
  });
