import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { newcomer, rowsOf, uuidOf } from '../../support/server/world.ts';
import { codeOf, mutate } from '../../support/sign-in/factors.ts';

let world: MailboxWorld;
let admin: string;
beforeAll(async () => {
  world = await openMailboxWorld();
  admin = await world.signIn('company_admin');
});
afterAll(() => world?.end());

type Inviter = Awaited<ReturnType<typeof newcomer>>;
const by = async (name: string, input: object, token = admin, selection = '{ __typename }') =>
  mutate(world, name, input, selection, token);
const must = async (...call: Parameters<typeof by>) => {
  const answer = await by(...call);
  expect(answer.errors).toBeUndefined();
  return answer;
};
/** A user whom this inviter invited, and the row of their membership. */
async function invitedBy(inviter: Inviter, roles: string[]) {
  const email = `${crypto.randomUUID()}@invited.example`;
  const input = { email, name: 'Invited', roles };
  const { data } = await must('inviteMember', input, inviter.token, '{ id }');
  const memberId = data.inviteMember.member.id as string;
  const link = await world.linkTo(email);
  return { email, memberId, link };
}
const accept = (token: string) =>
  mutate(world, 'acceptInvitation', { token, password: 'a-New-Lantern-in-1742' });
const statusOf = async (memberId: string) =>
  (await rowsOf(world, 'SELECT status FROM "Membership" WHERE id = $1', [uuidOf(memberId)]))[0]?.status;

const LOSES: Record<string, (inviter: Inviter) => Promise<unknown>> = {
  'was demoted below the right to invite': ({ id }) =>
    must('setMemberRoles', { memberId: id, roles: ['staff'] }),
  'may still invite, and not with this role': ({ id }) =>
    must('setMemberRoles', { memberId: id, roles: ['hr_admin'] }),
  'became read-only through a second role': ({ id }) =>
    must('setMemberRoles', { memberId: id, roles: ['company_admin', 'view_only'] }),
  'was suspended': ({ id }) => must('suspendMember', { memberId: id }),
  'was removed': ({ id }) => must('removeMember', { memberId: id }),
};

describe('[R3][A3] an invitation whose inviter', () => {
  it.each(Object.keys(LOSES))('%s is not accepted, and the user remains invited', async (name) => {
    const inviter = await newcomer(world, ['company_admin']);
    const { memberId, link, email } = await invitedBy(inviter, ['finance_admin']);
    await LOSES[name]?.(inviter);
    expect(codeOf(await accept(link))).toBe('NOT_FOUND');
    expect(await statusOf(memberId)).toBe('invited');
    const [user] = await rowsOf(
      world,
      `SELECT "emailVerifiedAt" AS verified, (SELECT count(*)::int FROM "Credential" WHERE "userId" = id) AS passwords
       FROM "User" WHERE email = $1`,
      [email],
    );
    expect(user).toEqual({ verified: null, passwords: 0 });
  });

  it('lost the right is not accepted by a signed-in user without its token either', async () => {
    const inviter = await newcomer(world, ['company_admin'], 'globex');
    const user = await newcomer(world, ['staff']);
    const input = { email: user.email, name: 'Invited', roles: ['finance_admin'] };
    await must('inviteMember', input, inviter.token);
    const globexAdmin = await world.signIn('company_admin', 'globex');
    await must('setMemberRoles', { memberId: inviter.id, roles: ['staff'] }, globexAdmin);
    const { data } = await world.ask('{ invitations(first: 10) { edges { node { id } } } }', {}, user.token);
    const invitationId = data.invitations.edges[0].node.id;
    expect(codeOf(await by('joinCompany', { invitationId }, user.token))).toBe('NOT_FOUND');
    await must('setMemberRoles', { memberId: inviter.id, roles: ['company_admin'] }, globexAdmin);
    expect(codeOf(await by('joinCompany', { invitationId }, user.token))).toBe('ok');
  });

  it('was demoted to a role that can still grant it is accepted', async () => {
    const inviter = await newcomer(world, ['company_admin']);
    const { memberId, link } = await invitedBy(inviter, ['client']);
    await must('setMemberRoles', { memberId: inviter.id, roles: ['hr_admin'] });
    expect(codeOf(await accept(link))).toBe('ok');
    expect(await statusOf(memberId)).toBe('active');
  });

  it('lost the right is accepted once a member who has it sends it again', async () => {
    const inviter = await newcomer(world, ['company_admin']);
    const { memberId, email } = await invitedBy(inviter, ['finance_admin']);
    await must('removeMember', { memberId: inviter.id });
    await must('resendInvitation', { memberId });
    expect(codeOf(await accept(await world.linkTo(email)))).toBe('ok');
  });
});

describe('[R3] an invitation is not taken over', () => {
  it('by a member who cannot grant its role, sending it again or changing it', async () => {
    const inviter = await newcomer(world, ['company_admin']);
    const { memberId, link } = await invitedBy(inviter, ['finance_admin']);
    const hr = await newcomer(world, ['hr_admin']);
    expect(codeOf(await by('resendInvitation', { memberId }, hr.token))).toBe('FORBIDDEN');
    const same = { memberId, roles: ['finance_admin'] };
    expect(codeOf(await by('setMemberRoles', same, hr.token))).toBe('FORBIDDEN');
    expect(codeOf(await accept(link))).toBe('ok');
  });
});
