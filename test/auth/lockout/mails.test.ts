import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { newcomer } from '../../support/server/world.ts';
import { codeOf, mutate } from '../../support/sign-in/factors.ts';

let world: MailboxWorld;
beforeAll(async () => {
  world = await openMailboxWorld();
});
afterAll(() => world?.end());

const call = (name: string, input: object, token: string, answer = '{ __typename }') =>
  mutate(world, name, input, answer, token);
const address = () => `${crypto.randomUUID()}@victim.example`;
const ROUNDS = 12;

/**
 * Calls `round` so often that an address without a limit would get a mail each time; returns the
 * codes of the answers.
 */
async function repeated(round: (index: number) => Promise<string>): Promise<string[]> {
  const codes: string[] = [];
  for (let index = 0; index < ROUNDS; index++) codes.push(await round(index));
  return codes;
}
const invited = async (email: string, token: string): Promise<string> => {
  const input = { email, name: 'Victim', roles: ['client'] };
  return (await call('inviteMember', input, token, '{ id }')).data.inviteMember.member.id;
};

describe('[H3] mails to an address that a signed-in actor names', () => {
  it.each([
    ['setRecoveryEmail', (email: string) => ({ email })],
    ['addContactFactor', (destination: string) => ({ channel: 'EMAIL', destination })],
  ])('[H3] are five by %s, then the actor is RATE_LIMITED', async (name, input) => {
    const { token } = await newcomer(world, ['client']);
    const to = address();
    const codes = await repeated(async () => codeOf(await call(name, input(to), token)));
    expect(new Set(codes.slice(0, 5))).toEqual(new Set(['ok']));
    expect(new Set(codes.slice(5))).toEqual(new Set(['RATE_LIMITED']));
    expect(await world.mailsTo(to)).toHaveLength(5);
    expect(codeOf(await call(name, input(address()), token))).toBe('RATE_LIMITED');
  });

  it.each([
    [
      'resendInvitation',
      async (memberId: string, token: string) =>
        codeOf(await call('resendInvitation', { memberId }, token, '{ id }')),
    ],
    [
      'setMemberRoles',
      async (memberId: string, token: string, index: number) => {
        const roles = [index % 2 === 0 ? 'client' : 'view_only'];
        return codeOf(await call('setMemberRoles', { memberId, roles }, token, '{ id }'));
      },
    ],
  ])('[H3] are five of a company by %s, the first included', async (_name, again) => {
    const token = await world.signIn('company_admin');
    const to = address();
    const memberId = await invited(to, token);
    await repeated((index) => again(memberId, token, index));
    expect(await world.mailsTo(to)).toHaveLength(5);
  });

  it('[H3] are five of a company by inviting and removing, and another company’s invitation still arrives', async () => {
    const token = await world.signIn('company_admin');
    const to = address();
    await repeated(async () => {
      const memberId = await invited(to, token);
      await world.services.mailer.settled();
      return codeOf(await call('removeMember', { memberId }, token));
    });
    expect(await world.mailsTo(to)).toHaveLength(5);
    await invited(to, await world.signIn('company_admin', 'globex'));
    expect(await world.mailsTo(to)).toHaveLength(6);
  });
});
