import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { roles } from '../../../src/auth/authorization/permissions.ts';
import { isAdministrator } from '../../../src/auth/authorization/roles.ts';
import { nodesOf } from '../../support/documents.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { globalId, newcomer, PASSWORD, rowsOf, signInAs } from '../../support/server/world.ts';
import { clearAttempts, codeOf, enrol, mutate } from '../../support/sign-in/factors.ts';

let world: MailboxWorld;
let globex: string;
beforeAll(async () => {
  world = await openMailboxWorld();
  [{ id: globex }] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
});
afterAll(() => world?.end());
beforeEach(() => clearAttempts(world));

const NEW = 'a-New-Lantern-in-1742';
type Company = 'acme' | 'globex';
const as = (role: string, company: Company = 'globex') => world.signIn(role, company);
/** Invites to Globex; gives the member's id. */
async function invite(email: string, roles = ['client'], company: Company = 'globex'): Promise<string> {
  const input = { email, name: 'Invited', roles };
  const answer = await mutate(world, 'inviteMember', input, '{ id }', await as('company_admin', company));
  expect(answer.errors).toBeUndefined();
  return answer.data.inviteMember.member.id;
}
/** A member of Acme who is invited to Globex. */
async function invited(roles = ['client']) {
  const user = await newcomer(world, ['staff']);
  return { ...user, memberId: await invite(user.email, roles) };
}
const accept = (token: string, password: string | null = null) =>
  mutate(world, 'acceptInvitation', { token, password });
const joinCompany = (token: string, companyId = globex) =>
  mutate(world, 'joinCompany', { invitationId: globalId('Invitation', companyId) }, '{ __typename }', token);
const companiesOf = async (token: string) =>
  (await world.ask('{ viewer { memberships { company { name } } } }', {}, token)).data.viewer.memberships.map(
    ({ company }: { company: { name: string } }) => company.name,
  );
const membersOf = async (email: string, company: Company = 'globex') =>
  nodesOf(
    (
      await world.ask(
        '{ members(first: 100) { edges { node { id email status invitationExpiresAt } } } }',
        {},
        await as('company_admin', company),
      )
    ).data.members,
  ).filter((member: { email: string }) => member.email === email);
const joinedEvents = (memberId: string) =>
  rowsOf(
    world,
    `SELECT actor_id, body::jsonb AS body FROM audit_event WHERE action = 'member.joined' AND body::jsonb->>'entityId' = $1`,
    [Buffer.from(memberId, 'base64').toString().split(':')[1]],
  );
const expire = (email: string) =>
  rowsOf(
    world,
    `SET session_replication_role = replica;
     UPDATE "Membership" SET "invitedUntil" = now() - interval '1 second' WHERE email = '${email}' AND status = 'invited';
     UPDATE "EmailToken" SET "expiresAt" = now() - interval '1 second' WHERE "userId" = (SELECT id FROM "User" WHERE email = '${email}');
     SET session_replication_role = origin`,
  );

describe('[A3][R6] an invited user is not a member before acceptance', () => {
  it('acts nowhere in the company, which looks like one that does not exist', async () => {
    const { token } = await invited(['company_admin']);
    const missing = crypto.randomUUID();
    const to = (companyId: string) =>
      mutate(
        world,
        'switchCompany',
        { companyId: globalId('Company', companyId) },
        '{ sessionToken }',
        token,
      );
    const named = (companyId: string) =>
      world.ask('{ company { name } }', {}, token, { 'x-company-id': companyId });
    for (const reach of [to, named]) {
      const [there, nowhere] = [await reach(globex), await reach(missing)];
      expect(codeOf(there)).toBe('NOT_FOUND');
      expect(there.errors).toEqual(nowhere.errors);
    }
    expect(await companiesOf(token)).toEqual(['Acme']);
  });

  it('does not sign in while that is all that they are', async () => {
    const { email } = await newcomer(world, ['staff']);
    await invite(email);
    await rowsOf(
      world,
      `SET session_replication_role = replica;
       DELETE FROM "Membership" WHERE email = '${email}' AND status = 'active';
       SET session_replication_role = origin`,
    );
    await expect(signInAs(world.ask, email)).rejects.toThrow('UNAUTHENTICATED');
    expect(codeOf(await accept(await world.linkTo(email)))).toBe('ok');
    expect(await companiesOf(await signInAs(world.ask, email))).toEqual(['Globex']);
  });

  it('does not count as an administrator', async () => {
    const [{ id }] = await membersOf('company_admin@globex.example');
    await invite(`${crypto.randomUUID()}@invited.example`, ['company_admin']);
    const administrators = Object.keys(roles).filter(isAdministrator);
    const others = await rowsOf(
      world,
      `SELECT id FROM "Membership" WHERE "companyId" = $1 AND status = 'active' AND roles && $2 AND email <> 'company_admin@globex.example'`,
      [globex, administrators],
    );
    for (const other of others) {
      const input = { memberId: globalId('Member', other.id), roles: ['client'] };
      expect(codeOf(await mutate(world, 'setMemberRoles', input, '{ id }', await as('company_admin')))).toBe(
        'ok',
      );
    }
    const suspend = await mutate(
      world,
      'suspendMember',
      { memberId: id },
      '{ id }',
      await as('company_admin'),
    );
    expect(codeOf(suspend)).toBe('CONFLICT');
  });

  it('is not counted, and not bound by the company’s policies', async () => {
    const figures = async () =>
      (await world.ask('{ factorAdoption { role members } }', {}, await as('company_admin'))).data;
    const before = await figures();
    const { token } = await invited(['hr_admin']);
    expect(await figures()).toEqual(before);
    const set = async (passwordPreset: string) =>
      mutate(world, 'setSignInPolicy', { passwordPreset }, '{ passwordPreset }', await as('company_admin'));
    await set('NIST');
    // good enough for Acme, too short for Globex
    const input = { currentPassword: PASSWORD, newPassword: 'Lamp-in-1742' };
    expect(codeOf(await mutate(world, 'changePassword', input, '{ sessionToken }', token))).toBe('ok');
    await set('CLASSIC');
  });

  it('is shown to administrators as invited, until when, and as active once they accepted', async () => {
    const { email, memberId } = await invited();
    const [pending] = await membersOf(email);
    expect(pending).toMatchObject({ id: memberId, status: 'INVITED' });
    const days = (Date.parse(pending.invitationExpiresAt) - Date.now()) / 86_400_000;
    expect(Math.round(days * 100) / 100).toBe(7);
    expect(codeOf(await accept(await world.linkTo(email)))).toBe('ok');
    expect(await membersOf(email)).toMatchObject([
      { id: memberId, status: 'ACTIVE', invitationExpiresAt: null },
    ]);
  });

  it('keeps control of their account: the inviter can neither unlock it nor remove factors', async () => {
    const { email, memberId, token } = await invited();
    await enrol(world, token);
    await rowsOf(
      world,
      `SET session_replication_role = replica;
       UPDATE "Membership" SET status = 'suspended' WHERE email = '${email}' AND status = 'active';
       SET session_replication_role = origin`,
    );
    for (const name of ['unlockMember', 'disableMemberFactors', 'suspendMember', 'restoreMember']) {
      const answer = await mutate(world, name, { memberId }, '{ id }', await as('company_admin'));
      expect([name, codeOf(answer)]).toEqual([name, 'CONFLICT']);
    }
    const [{ disable_factors: done }] = await rowsOf(
      world,
      `SELECT set_config('app.company_id', $1, true), disable_factors((SELECT id FROM "User" WHERE email = $2))`,
      [globex, email],
    );
    expect(done).toBeNull();
    const factors = await rowsOf(
      world,
      'SELECT 1 FROM "TotpFactor" f JOIN "User" p ON p.id = f."userId" WHERE p.email = $1',
      [email],
    );
    expect(factors).toHaveLength(1);
  });
});

describe('[A3] accepting an invitation', () => {
  it('is accepted with an existing account once under a hundred concurrent requests, audited', async () => {
    const { email, memberId, token } = await invited(['hr_admin']);
    const link = await world.linkTo(email);
    const answers = await Promise.all(Array.from({ length: 100 }, () => accept(link)));
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(new Set(answers.filter(({ errors }) => errors).map(codeOf))).toEqual(new Set(['NOT_FOUND']));
    expect((await companiesOf(token)).sort()).toEqual(['Acme', 'Globex']);
    const events = await joinedEvents(memberId);
    expect(events).toHaveLength(1);
    expect(events[0].body).toMatchObject({
      actor: { kind: 'user', userId: events[0].actor_id },
      before: { status: 'invited' },
      after: { status: 'active', invitedUntil: null },
    });
    expect(JSON.stringify(events)).not.toContain(link);
  });

  it("requires a password by the company's policy of users without one", async () => {
    const email = `${crypto.randomUUID()}@invited.example`;
    await invite(email);
    const link = await world.linkTo(email);
    for (const [password, expected] of [
      [null, 'expected a password'],
      ['short', 'at least 12'],
      ['Globex-in-1742', 'company'],
    ] as const)
      expect((await accept(link, password)).errors?.[0]?.extensions.fields?.['input.password']).toContain(
        expected,
      );
    expect(codeOf(await accept(link, NEW))).toBe('ok');
    expect(await companiesOf(await signInAs(world.ask, email, NEW))).toEqual(['Globex']);
  });

  it('works for a signed-in user from their own list of invitations', async () => {
    const [mine, other] = [await invited(['staff']), await newcomer(world, ['staff'])];
    const list = async (token: string) =>
      nodesOf(
        (await world.ask('{ invitations { edges { node { id companyName roles expiresAt } } } }', {}, token))
          .data.invitations,
      );
    expect(await list(other.token)).toEqual([]);
    expect(await list(mine.token)).toMatchObject([
      { id: globalId('Invitation', globex), companyName: 'Globex', roles: ['staff'] },
    ]);
    expect(codeOf(await joinCompany(other.token))).toBe('NOT_FOUND');
    expect(codeOf(await joinCompany(mine.token, crypto.randomUUID()))).toBe('NOT_FOUND');
    expect(codeOf(await joinCompany(mine.token))).toBe('ok');
    expect(await list(mine.token)).toEqual([]);
    expect(codeOf(await joinCompany(mine.token))).toBe('NOT_FOUND');
    expect(await joinedEvents(mine.memberId)).toHaveLength(1);
    // the link is of no more use
    expect(codeOf(await accept(await world.linkTo(mine.email)))).toBe('NOT_FOUND');
  });

  it('comes too late after seven days, by either way, until it is sent again', async () => {
    const { email, memberId, token } = await invited();
    const link = await world.linkTo(email);
    await expire(email);
    expect(codeOf(await accept(link))).toBe('NOT_FOUND');
    expect(codeOf(await joinCompany(token))).toBe('NOT_FOUND');
    expect(await membersOf(email)).toMatchObject([{ status: 'INVITED' }]);
    const again = () =>
      as('company_admin').then((admin) =>
        mutate(world, 'resendInvitation', { memberId }, '{ status invitationExpiresAt }', admin),
      );
    const renewed = await again();
    expect(Date.parse(renewed.data.resendInvitation.member.invitationExpiresAt)).toBeGreaterThan(Date.now());
    expect(codeOf(await accept(await world.linkTo(email)))).toBe('ok');
    expect(codeOf(await again())).toBe('CONFLICT');
  });

  it('requires a new email token after a change of roles, which is mailed at once [S9]', async () => {
    const { email, memberId, token } = await invited();
    const link = await world.linkTo(email);
    const changed = await mutate(
      world,
      'setMemberRoles',
      { memberId, roles: ['staff'] },
      '{ roles }',
      await as('company_admin'),
    );
    expect(codeOf(changed)).toBe('ok');
    expect(codeOf(await accept(link))).toBe('NOT_FOUND');
    expect(codeOf(await accept(await world.linkTo(email)))).toBe('ok');
    expect((await companiesOf(token)).sort()).toEqual(['Acme', 'Globex']);
  });

  it('comes too late once it was taken back', async () => {
    const { email, memberId, token } = await invited();
    const link = await world.linkTo(email);
    const removed = await mutate(world, 'removeMember', { memberId }, '', await as('company_admin'));
    expect(codeOf(removed)).toBe('ok');
    expect(codeOf(await accept(link))).toBe('NOT_FOUND');
    expect(codeOf(await joinCompany(token))).toBe('NOT_FOUND');
    expect(await membersOf(email)).toEqual([]);
  });

  it('begins the time for a second factor, not the invitation', async () => {
    const { token, memberId } = await invited(['hr_admin']);
    const grace = async () =>
      (
        await rowsOf(world, 'SELECT "mfaGraceFrom" AS at FROM "Membership" WHERE id = $1', [
          Buffer.from(memberId, 'base64').toString().split(':')[1],
        ])
      )[0].at as Date | null;
    expect(await grace()).toBeNull();
    const [{ began }] = await rowsOf(world, 'SELECT now() AS began');
    await joinCompany(token);
    expect((await grace())! >= began).toBe(true);
  });

  it('is named in the mail to an invited user who signs up', async () => {
    const admin = await as('company_admin');
    await mutate(world, 'setSignInPolicy', { signUpMode: 'OPEN' }, '{ signUpMode }', admin);
    const email = `${crypto.randomUUID()}@invited.example`;
    await invite(email);
    await mutate(world, 'signUp', { companyId: globalId('Company', globex), email, name: 'Impatient' });
    // both are sent after their answers, in whichever order
    expect((await world.mailsTo(email)).map(({ subject }) => subject).sort()).toEqual([
      'You are already invited to Globex',
      'You are invited to Globex',
    ]);
    await mutate(world, 'setSignInPolicy', { signUpMode: 'INVITATION' }, '{ signUpMode }', admin);
  });
});
