import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutationOf, nodesOf } from '../../support/documents.ts';
import { from, type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { type Answer, globalId, newcomer, rowsOf, signInAs } from '../../support/server/world.ts';

let world: MailboxWorld;
let acme: string;
let globex: string;
beforeAll(async () => {
  world = await openMailboxWorld();
  const companies = await rowsOf(world, 'SELECT id, name FROM "Company"');
  acme = companies.find(({ name }) => name === 'Acme').id;
  globex = companies.find(({ name }) => name === 'Globex').id;
});
afterAll(() => world?.end());

const NEW = 'a-New-Lantern-in-1742';
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? 'ok';
const fieldsOf = ({ errors }: Answer) => errors?.[0]?.extensions.fields;
const run = (name: string, input: object, token?: string, selection = '') =>
  world.ask(mutationOf(name, selection), { input }, token, from());
const set = async (policy: object, role = 'company_admin') =>
  run('setSignInPolicy', policy, await world.signIn(role), '{ signUpMode signUpDomains passwordPreset }');
const signUp = (email: string, companyId = acme) =>
  run('signUp', { companyId: globalId('Company', companyId), email, name: 'Sam Sparrow' });
const verify = (token: string, password: string | null = NEW) => run('verifyEmail', { token, password });
const fresh = (domain = 'somewhere.example') => `${crypto.randomUUID()}@${domain}`;
const roles = async (token: string) =>
  (await world.ask('{ viewer { roles company { name } } }', {}, token)).data.viewer;
const signsIn = (email: string) =>
  signInAs(world.ask, email, NEW).then(
    () => true,
    () => false,
  );
const waiting = async (role = 'company_admin') =>
  nodesOf(
    (await world.ask('{ signUpRequests { edges { node { id email } } } }', {}, await world.signIn(role))).data
      .signUpRequests,
  ) as {
    id: string;
    email: string;
  }[];

describe('[A3] a company that invites', () => {
  it('is the default, and to a stranger looks like one that does not exist', async () => {
    const [invited, missing] = [await signUp(fresh(), globex), await signUp(fresh(), crypto.randomUUID())];
    expect(codeOf(invited)).toBe('NOT_FOUND');
    expect(invited.errors).toEqual(missing.errors);
  });
});

describe('[A3] an open company', () => {
  beforeAll(async () => {
    expect((await set({ signUpMode: 'OPEN', signUpRoles: ['client'] })).errors).toBeUndefined();
  });

  it('adds a user who verifies their address, with the sign-up roles and a new password', async () => {
    const email = fresh();
    expect((await signUp(email)).data).toEqual({ signUp: { email } });
    const link = await world.linkTo(email);
    expect(await signsIn(email)).toBe(false);
    expect((await verify(link)).data).toEqual({ verifyEmail: { outcome: 'MEMBER', email } });
    const token = await signInAs(world.ask, email, NEW);
    expect(await roles(token)).toEqual({ roles: ['client'], company: { name: 'Acme' } });
    const [user] = await rowsOf(world, 'SELECT * FROM "User" WHERE email = $1', [email]);
    expect(user).toMatchObject({ name: 'Sam Sparrow', emailVerifiedAt: expect.any(Date) });
    const events = await rowsOf(
      world,
      `SELECT action FROM audit_event WHERE company_id = $1 AND action LIKE 'signUp.%' ORDER BY pos DESC LIMIT 2`,
      [acme],
    );
    expect(events.map(({ action }) => action)).toEqual(['signUp.verified', 'signUp.requested']);
  });

  it('creates neither user nor member for an unverified address', async () => {
    const email = fresh();
    await signUp(email);
    await world.mailsTo(email);
    expect(await rowsOf(world, 'SELECT 1 FROM "User" WHERE email = $1', [email])).toEqual([]);
    expect(await rowsOf(world, 'SELECT 1 FROM "Membership" WHERE email = $1', [email])).toEqual([]);
  });

  it('answers the same for every address, and mails no name that a stranger chose', async () => {
    const member = await newcomer(world, ['staff']);
    const stranger = fresh();
    const answers = [await signUp(stranger), await signUp(member.email)];
    expect(answers.map(({ data }) => data)).toEqual(
      [stranger, member.email].map((email) => ({ signUp: { email } })),
    );
    const mail = (await world.mailsTo(member.email)).at(-1);
    expect(mail).toMatchObject({ subject: 'You are already a member of Acme' });
    expect(mail?.text).not.toContain('#token=');
    const email = fresh();
    await run('signUp', {
      companyId: globalId('Company', acme),
      email,
      name: 'Buy at https://spam.example now',
    });
    for (const { subject, text } of await world.mailsTo(email)) expect(subject + text).not.toContain('spam');
  });

  it('takes a link once, however many bring it at the same time', async () => {
    const email = fresh();
    await signUp(email);
    const link = await world.linkTo(email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(link)));
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    for (const answer of answers) if (answer.errors) expect(codeOf(answer)).toBe('NOT_FOUND');
    expect(await rowsOf(world, 'SELECT 1 FROM "Membership" WHERE email = $1', [email])).toHaveLength(1);
    expect(codeOf(await verify(link))).toBe('NOT_FOUND');
  });

  it('rejects an unsuitable password without using the link up', async () => {
    const email = fresh();
    await signUp(email);
    const link = await world.linkTo(email);
    for (const password of [null, 'short', 'sam-Sparrow-and-co-7', 'welcome-to-ACME-2026']) {
      const answer = await verify(link, password);
      expect([password, Object.keys(fieldsOf(answer) ?? {})]).toEqual([password, ['input.password']]);
    }
    expect(codeOf(await verify(link))).toBe('ok');
  });

  it('adds a user with an account, who keeps their password', async () => {
    const { email } = await newcomer(world, ['client'], 'globex');
    await signUp(email);
    expect((await verify(await world.linkTo(email), 'Attackers-lantern-1')).data).toEqual({
      verifyEmail: { outcome: 'MEMBER', email },
    });
    const token = await signInAs(world.ask, email);
    const { data } = await world.ask('{ viewer { memberships { company { name } } } }', {}, token);
    expect(data.viewer.memberships.map(({ company }: { company: { name: string } }) => company.name)).toEqual(
      ['Globex', 'Acme'],
    );
    await expect(signInAs(world.ask, email, 'Attackers-lantern-1')).rejects.toThrow('UNAUTHENTICATED');
  });

  it.each([
    [
      'expired',
      async (email: string, link: string) => {
        await rowsOf(world, `UPDATE "SignUpRequest" SET "expiresAt" = now() WHERE email = $1`, [email]);
        return link;
      },
    ],
    [
      'followed by another',
      async (email: string, link: string) => {
        await signUp(email);
        await world.linkTo(email);
        return link;
      },
    ],
    ['malformed', async () => 'x'],
    ['unknown', async () => 'A'.repeat(43)],
  ])('takes no link that is %s', async (_what, make) => {
    const email = fresh();
    await signUp(email);
    expect(codeOf(await verify(await make(email, await world.linkTo(email))))).toBe('NOT_FOUND');
    expect(await rowsOf(world, 'SELECT 1 FROM "Membership" WHERE email = $1', [email])).toEqual([]);
  });

  it('rejects an older link after it was closed', async () => {
    const email = fresh();
    await signUp(email);
    const link = await world.linkTo(email);
    await set({ signUpMode: 'INVITATION' });
    expect(codeOf(await verify(link))).toBe('NOT_FOUND');
    await set({ signUpMode: 'OPEN' });
    expect(codeOf(await verify(link))).toBe('ok');
  });

  it('keeps links as hashes', async () => {
    const email = fresh();
    await signUp(email);
    const link = await world.linkTo(email);
    expect(
      await rowsOf(world, `SELECT 1 FROM "SignUpRequest" r WHERE r::text LIKE '%' || $1 || '%'`, [link]),
    ).toEqual([]);
  });

  it('accepts 15 characters of any class that are not on the blocklist, with the preset nist', async () => {
    await set({ passwordPreset: 'NIST' });
    const email = fresh();
    await signUp(email);
    const link = await world.linkTo(email);
    for (const password of ['fourteen chars', 'abcabcabcabcabcabc', 'aaaaaaaaaaaaaaaa', 'password12345678'])
      expect([password, codeOf(await verify(link, password))]).toEqual([password, 'INVALID_INPUT']);
    expect(codeOf(await verify(link, 'just some small words'))).toBe('ok');
    await set({ passwordPreset: 'CLASSIC' });
  });
});

describe('[A3] a company of some domains', () => {
  beforeAll(async () => {
    await set({ signUpMode: 'DOMAIN', signUpDomains: ['acme.example', 'ACME.test'] });
  });

  it('takes addresses of its domains, in any case, and no other', async () => {
    for (const domain of ['acme.example', 'acme.test', 'ACME.example'])
      expect([domain, codeOf(await signUp(fresh(domain)))]).toEqual([domain, 'ok']);
    for (const domain of ['evil.example', 'sub.acme.example', 'acme.example.evil.example', 'notacme.example'])
      expect([domain, Object.keys(fieldsOf(await signUp(fresh(domain))) ?? {})]).toEqual([
        domain,
        ['input.email'],
      ]);
  });

  it('rejects a user of a domain that was removed meanwhile', async () => {
    const email = fresh('acme.test');
    await signUp(email);
    const link = await world.linkTo(email);
    await set({ signUpDomains: ['acme.example'] });
    expect(codeOf(await verify(link))).toBe('INVALID_INPUT');
    expect(await rowsOf(world, 'SELECT 1 FROM "Membership" WHERE email = $1', [email])).toEqual([]);
  });

  it('must have one', async () => {
    expect(fieldsOf(await set({ signUpDomains: [] }))).toHaveProperty(['input.signUpDomains']);
    for (const wrong of ['*', 'localhost', '.example', 'a b.example'])
      expect([wrong, codeOf(await set({ signUpDomains: [wrong] }))]).toEqual([wrong, 'INVALID_INPUT']);
  });
});

describe('[A3] a company that approves', () => {
  beforeAll(async () => {
    await set({ signUpMode: 'APPROVAL' });
  });
  const asked = async () => {
    const email = fresh();
    await signUp(email);
    expect((await verify(await world.linkTo(email))).data).toEqual({
      verifyEmail: { outcome: 'WAITING', email },
    });
    const request = (await waiting()).find((one) => one.email === email);
    return { email, id: request?.id as string };
  };
  const approve = async (
    requestId: string,
    given: string[],
    role = 'company_admin',
    company: 'acme' | 'globex' = 'acme',
  ) =>
    run(
      'approveSignUp',
      { signUpRequestId: requestId, roles: given },
      await world.signIn(role, company),
      '{ id }',
    );

  it('adds a user only after approval, and notifies them', async () => {
    const { email, id } = await asked();
    expect(await signsIn(email)).toBe(false);
    expect(codeOf(await approve(id, ['staff']))).toBe('ok');
    expect((await world.mailsTo(email)).at(-1)?.subject).toBe('Welcome to Acme');
    expect((await roles(await signInAs(world.ask, email, NEW))).roles).toEqual(['staff']);
    expect(codeOf(await approve(id, ['staff']))).toBe('NOT_FOUND');
  });

  it('cannot grant by approval more than the approver has', async () => {
    const { email, id } = await asked();
    expect(codeOf(await approve(id, ['company_admin'], 'hr_admin'))).toBe('FORBIDDEN');
    expect(codeOf(await approve(id, ['staff'], 'staff'))).toBe('FORBIDDEN');
    expect(await signsIn(email)).toBe(false);
  });

  it('knows no request of another company', async () => {
    const { email, id } = await asked();
    expect(codeOf(await approve(id, ['client'], 'company_admin', 'globex'))).toBe('NOT_FOUND');
    const { data } = await world.ask(
      '{ signUpRequests { edges { node { email } } } }',
      {},
      await world.signIn('company_admin', 'globex'),
    );
    expect(data.signUpRequests.edges).toEqual([]);
    expect(await signsIn(email)).toBe(false);
  });

  it('allows another request after a rejection', async () => {
    const { email, id } = await asked();
    const refusal = await run('refuseSignUp', { signUpRequestId: id }, await world.signIn('hr_admin'));
    expect(refusal.errors).toBeUndefined();
    expect((await world.mailsTo(email)).at(-1)?.subject).toBe('Your request to join Acme');
    expect(await signsIn(email)).toBe(false);
    await signUp(email);
    expect((await verify(await world.linkTo(email), null)).data).toEqual({
      verifyEmail: { outcome: 'WAITING', email },
    });
  });

  it('approves once, of several at the same time', async () => {
    const { email, id } = await asked();
    const answers = await Promise.all(Array.from({ length: 8 }, () => approve(id, ['client'])));
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(await rowsOf(world, 'SELECT 1 FROM "Membership" WHERE email = $1', [email])).toHaveLength(1);
  });

  it('does not list unverified requests', async () => {
    const email = fresh();
    await signUp(email);
    await world.linkTo(email);
    expect((await waiting()).map((one) => one.email)).not.toContain(email);
  });
});

describe('[A3] the policy of signing up and in', () => {
  it('is set and read by administrators, and audited', async () => {
    for (const role of ['hr_admin', 'staff', 'external_auditor', 'finance_admin'])
      expect([role, codeOf(await set({ signUpMode: 'OPEN' }, role))]).toEqual([role, 'FORBIDDEN']);
    const answer = await set({ signUpMode: 'OPEN' });
    expect(answer.data.setSignInPolicy.signInPolicy.signUpMode).toBe('OPEN');
    const events = await rowsOf(
      world,
      `SELECT action FROM audit_event WHERE body::jsonb->>'requestId' = $1`,
      [answer.headers.get('x-request-id')],
    );
    expect(events.map(({ action }) => action)).toEqual(['signInPolicy.changed']);
  });

  it.each([
    ['company_admin', 'INVALID_INPUT'],
    ['hr_admin', 'INVALID_INPUT'],
    ['super_admin', 'INVALID_INPUT'],
    ['no_such_role', 'INVALID_INPUT'],
  ])('gives no stranger the role %s', async (role, code) => {
    expect(codeOf(await set({ signUpRoles: [role] }))).toBe(code);
  });

  it.each([
    [{ sessionIdleMinutes: 1 }],
    [{ sessionAbsoluteHours: 0 }],
    [{ mfaGraceDays: -1 }],
    [{ stepUpMinutes: 1000 }],
    [{ signUpRoles: [] }],
  ])('refuses %j', async (policy) => {
    expect(codeOf(await set(policy))).toBe('INVALID_INPUT');
  });

  it('of a company without settings is the default', async () => {
    const { data } = await world.ask(
      '{ signInPolicy { signUpMode passwordPreset sessionIdleMinutes mfaRoles } }',
      {},
      await world.signIn('company_admin', 'globex'),
    );
    expect(data.signInPolicy).toEqual({
      signUpMode: 'INVITATION',
      passwordPreset: 'CLASSIC',
      sessionIdleMinutes: 1440,
      mfaRoles: ['admin', 'staff', 'company_admin', 'hr_admin', 'finance_admin'],
    });
  });
});
