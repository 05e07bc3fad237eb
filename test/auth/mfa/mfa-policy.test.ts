import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSchema } from '../../../src/schema/index.ts';
import { documentOf, examples, operationsOf, type Slot, variablesOf } from '../../support/operations.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import {
  accept,
  globalId,
  newcomer,
  PASSWORD,
  rowsOf,
  signInAs,
  uuidOf,
} from '../../support/server/world.ts';
import { codeOf, complete, enrol, enrolled, mutate, pendingOf, totp } from '../../support/sign-in/factors.ts';

let world: MailboxWorld;
beforeAll(async () => {
  world = await openMailboxWorld();
});
afterAll(() => world?.end());

/** Moves the moment at which a second factor was first required of a member. */
const moveGrace = (email: string, days: number) =>
  rowsOf(
    world,
    `SET session_replication_role = replica;
     UPDATE "Membership" SET "mfaGraceFrom" = now() - ${days} * interval '1 day' WHERE email = '${email}';
     UPDATE "MfaGrace" SET "startedAt" = now() - ${days} * interval '1 day'
     WHERE id = (SELECT id FROM "User" WHERE email = '${email}')`,
  );
const graceOf = async (email: string) =>
  (await rowsOf(world, 'SELECT "mfaGraceFrom" AS since FROM "Membership" WHERE email = $1', [email]))[0]
    .since as Date | null;
const viewer = async (token: string) =>
  (
    await world.ask(
      '{ viewer { secondFactor { methods verifiedAt isRequired graceEndsAt isEnrolmentRequired } permissions } }',
      {},
      token,
    )
  ).data.viewer;
const asAdmin = async (name: string, input: object, selection = '{ id }', role = 'company_admin') =>
  mutate(world, name, input, selection, await world.signIn(role));
const eventsOf = async (memberId: string) =>
  (
    await rowsOf(world, `SELECT action FROM audit_event WHERE entity_id = $1 ORDER BY pos`, [
      uuidOf(memberId),
    ])
  ).map(({ action }) => action);

const idOfNothing = (node: string | null, slot: Slot) =>
  slot.global ? globalId(node ?? 'Employee', crypto.randomUUID()) : crypto.randomUUID();

describe('[M5] a member after the grace period', () => {
  it('gets ENROLMENT_REQUIRED for everything but enrolment', async () => {
    const { email, token } = await newcomer(world, ['hr_admin']);
    await moveGrace(email, 8);
    const ids = examples(idOfNothing);
    const open: string[] = [];
    for (const operation of operationsOf(buildSchema())) {
      if (['signOut', 'finishTotpEnrolment'].includes(operation.name) || operation.kind === 'subscription')
        continue;
      const answer = await world.ask(documentOf(operation), variablesOf(operation, ids), token);
      if (codeOf(answer) !== 'ENROLMENT_REQUIRED') open.push(operation.name);
    }
    expect(open.sort()).toEqual(OPEN_TO_ENROL.sort());
  });

  /** Operations without a session; and what it takes to enrol, to see why, and to leave. */
  const OPEN_TO_ENROL = [
    ...buildPublic(),
    ...[
      'viewer',
      'secondFactors',
      'startTotpEnrolment',
      'switchCompany',
      'addContactFactor',
      'confirmContactFactor',
    ],
    ...['passkeys', 'startPasskeyRegistration', 'finishPasskeyRegistration'],
  ];

  it('is refused subscriptions too, also one that is open already', async () => {
    const { email, token } = await newcomer(world, ['company_admin']);
    const stream = (
      await fetch(world.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ query: 'subscription { auditEvents { action } }' }),
      })
    ).body as ReadableStream<Uint8Array>;
    const reader = stream.getReader();
    const read = async () => {
      let text = '';
      for (let next = await reader.read(); !next.done; next = await reader.read())
        text += new TextDecoder().decode(next.value);
      return text;
    };
    const all = read();
    await moveGrace(email, 8);
    // it ends without an event: an open subscription's permission is checked several times a second
    expect(await all).not.toContain('"action"');
  });

  it('is unrestricted after enrolment, in the same session under its new token', async () => {
    const { email, token } = await newcomer(world, ['hr_admin']);
    await moveGrace(email, 8);
    expect(codeOf(await world.ask('{ members(first: 100) { edges { node { id } } } }', {}, token))).toBe(
      'ENROLMENT_REQUIRED',
    );
    expect(await viewer(token)).toMatchObject({
      secondFactor: { isRequired: true, isEnrolmentRequired: true, methods: [] },
      permissions: [],
    });
    const next = await enrol(world, token);
    expect(codeOf(await world.ask('{ members(first: 100) { edges { node { id } } } }', {}, next.token))).toBe(
      'ok',
    );
    expect(await viewer(next.token)).toMatchObject({
      secondFactor: { isEnrolmentRequired: false, methods: ['TOTP'], verifiedAt: expect.any(String) },
    });
  });

  it('is restricted on the platform too, where the requirement cannot be disabled', async () => {
    const off = await asAdmin(
      'setSignInPolicy',
      { isMfaRequired: false, mfaRoles: [] },
      '{ mfaRoles }',
      'super_admin',
    );
    expect(codeOf(off)).toBe('ok');
    const token = await signInAs(world.ask, 'platform@bulwark.example');
    expect(await viewer(token)).toMatchObject({
      secondFactor: { isRequired: true, isEnrolmentRequired: false },
    });
    await moveGrace('platform@bulwark.example', 8);
    expect(codeOf(await world.ask('{ companies { edges { node { id } } } }', {}, token))).toBe(
      'ENROLMENT_REQUIRED',
    );
    await moveGrace('platform@bulwark.example', 0);
    expect(codeOf(await world.ask('{ companies { edges { node { id } } } }', {}, token))).toBe('ok');
  });

  it('is restricted in that company only', async () => {
    const { email, token } = await newcomer(world, ['hr_admin']);
    await mutate(
      world,
      'inviteMember',
      { email, name: 'Both', roles: ['company_member'] },
      '{ id }',
      await world.signIn('company_admin', 'globex'),
    );
    await accept(world, email);
    await moveGrace(email, 8);
    const [globex] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
    expect(codeOf(await world.ask('{ company { name } }', {}, token))).toBe('ENROLMENT_REQUIRED');
    expect(
      (await world.ask('{ company { name } }', {}, token, { 'x-company-id': globex.id })).data.company.name,
    ).toBe('Globex');
  });
});

function buildPublic(): string[] {
  const fields = buildSchema().getMutationType()?.getFields() ?? {};
  return Object.values(fields).flatMap(({ name, extensions }) =>
    (extensions as { pothosOptions?: { authScopes?: { public?: boolean } } }).pothosOptions?.authScopes
      ?.public
      ? [name]
      : [],
  );
}

describe('[M5] the grace period begins', () => {
  it('with a role that requires a factor, and is void without that role; both are audited', async () => {
    const { id, email } = await newcomer(world, ['client']);
    expect(await graceOf(email)).toBeNull();
    const [{ began }] = await rowsOf(world, 'SELECT now() AS began');
    await asAdmin('setMemberRoles', { memberId: id, roles: ['finance_admin'] });
    expect(((await graceOf(email)) as Date) >= began).toBe(true);
    await moveGrace(email, 3);
    await asAdmin('setMemberRoles', { memberId: id, roles: ['finance_admin', 'client'] });
    expect(Date.now() - ((await graceOf(email)) as Date).getTime()).toBeGreaterThan(2 * 24 * 3600_000);
    await asAdmin('setMemberRoles', { memberId: id, roles: ['client'] });
    expect(await graceOf(email)).toBeNull();
    await asAdmin('setMemberRoles', { memberId: id, roles: ['finance_admin'] });
    expect(Date.now() - ((await graceOf(email)) as Date).getTime()).toBeGreaterThan(2 * 24 * 3600_000);
    expect((await eventsOf(id)).filter((action) => action.startsWith('mfa.'))).toEqual([
      'mfa.graceStarted',
      'mfa.noLongerRequired',
      'mfa.graceStarted',
    ]);
  });

  it('with a team’s role, with the company’s policy, and with a demand on one member', async () => {
    const [byTeam, byPolicy, byName] = [
      await newcomer(world, ['client']),
      await newcomer(world, ['reviewer']),
      await newcomer(world, ['client']),
    ];
    const { data } = await world.ask(
      '{ departments(first: 20) { edges { node { id } } } }',
      {},
      await world.signIn('company_admin'),
    );
    const team = await asAdmin('createTeam', {
      departmentId: data.departments.edges[0].node.id,
      name: crypto.randomUUID(),
      roles: ['hr_admin'],
    });
    await asAdmin('addTeamMember', { teamId: team.data.createTeam.team.id, memberId: byTeam.id }, '{ id }');
    expect(await graceOf(byTeam.email)).toEqual(expect.any(Date));
    expect(await graceOf(byPolicy.email)).toBeNull();
    await asAdmin('setSignInPolicy', { mfaRoles: ['reviewer', 'hr_admin'] }, '{ mfaRoles }');
    expect(await graceOf(byPolicy.email)).toEqual(expect.any(Date));
    await asAdmin(
      'setSignInPolicy',
      { mfaRoles: ['admin', 'staff', 'company_admin', 'hr_admin', 'finance_admin'] },
      '{ mfaRoles }',
    );
    expect(await graceOf(byPolicy.email)).toBeNull();
    await asAdmin('requireMemberFactor', { memberId: byName.id, isRequired: true });
    expect(await graceOf(byName.email)).toEqual(expect.any(Date));
  });

  it('with the next request of a member older than the policy, once under two concurrent requests', async () => {
    const { id, email, token } = await newcomer(world, ['staff']);
    await rowsOf(
      world,
      `SET session_replication_role = replica; UPDATE "Membership" SET "mfaGraceFrom" = NULL WHERE email = '${email}'`,
    );
    await Promise.all([viewer(token), viewer(token)]);
    expect(await graceOf(email)).toEqual(expect.any(Date));
    expect((await eventsOf(id)).filter((action) => action === 'mfa.graceStarted').length).toBe(2);
  });
});

describe('[M5] a grace period that is over stays over', () => {
  /**
   * A member whose grace period ended a day ago, by `require`, after the requirement was lifted and
   * applied again.
   */
  async function afterRepeating(
    member: { email: string; token: string },
    require: () => Promise<unknown>,
    lift: () => Promise<unknown>,
  ) {
    await require();
    await moveGrace(member.email, 8);
    const before = await graceOf(member.email);
    expect(codeOf(await world.ask('{ company { name } }', {}, member.token))).toBe('ENROLMENT_REQUIRED');
    await lift();
    expect(await graceOf(member.email)).toBeNull();
    expect(codeOf(await world.ask('{ company { name } }', {}, member.token))).toBe('ok');
    await require();
    const answer = await world.ask('{ company { name } }', {}, member.token);
    return { code: codeOf(answer), before, after: await graceOf(member.email) };
  }
  const setRoles = (memberId: string, roles: string[]) => asAdmin('setMemberRoles', { memberId, roles });

  it('for a member who lost the role that requires a factor and got it back [S13]', async () => {
    const { id, ...member } = await newcomer(world, ['client']);
    const { code, before, after } = await afterRepeating(
      member,
      () => setRoles(id, ['finance_admin']),
      () => setRoles(id, ['client']),
    );
    expect(code).toBe('ENROLMENT_REQUIRED');
    expect(after).toEqual(before);
  });

  it('for a member who left the team that requires a factor and joined it again [S13]', async () => {
    const { id: memberId, ...member } = await newcomer(world, ['client']);
    const place = await world.ask(
      '{ departments(first: 20) { edges { node { id } } } }',
      {},
      await world.signIn('company_admin'),
    );
    const made = await asAdmin('createTeam', {
      departmentId: place.data.departments.edges[0].node.id,
      name: crypto.randomUUID(),
      roles: ['hr_admin'],
    });
    const input = { teamId: made.data.createTeam.team.id, memberId };
    const { code, before, after } = await afterRepeating(
      member,
      () => asAdmin('addTeamMember', input),
      () => asAdmin('removeTeamMember', input),
    );
    expect(code).toBe('ENROLMENT_REQUIRED');
    expect(after).toEqual(before);
  });

  it('when the policy stopped requiring a factor of the role and requires it again [S13]', async () => {
    const usual = ['admin', 'staff', 'company_admin', 'hr_admin', 'finance_admin'];
    const { id: _, ...member } = await newcomer(world, ['reviewer']);
    const require = (mfaRoles: string[]) => asAdmin('setSignInPolicy', { mfaRoles }, '{ mfaRoles }');
    const { code, before, after } = await afterRepeating(
      member,
      () => require(['reviewer', ...usual]),
      () => require(usual),
    );
    await require(usual);
    expect(code).toBe('ENROLMENT_REQUIRED');
    expect(after).toEqual(before);
  });

  it('for a member who was removed and invited again [S13]', async () => {
    const { id, email } = await newcomer(world, ['staff']);
    await moveGrace(email, 8);
    const before = await graceOf(email);
    expect(codeOf(await asAdmin('removeMember', { memberId: id }))).toBe('ok');
    const invited = await asAdmin('inviteMember', { email, name: 'Back again', roles: ['staff'] });
    expect(codeOf(invited)).toBe('ok');
    await accept(world, email);
    const token = await signInAs(world.ask, email);
    expect(codeOf(await world.ask('{ company { name } }', {}, token))).toBe('ENROLMENT_REQUIRED');
    expect(await graceOf(email)).toEqual(before);
  });

  it('begins apart from another company’s, which requires a factor for the first time [S13]', async () => {
    const { email } = await newcomer(world, ['staff']);
    await moveGrace(email, 8);
    const admin = await world.signIn('company_admin', 'globex');
    const input = { email, name: 'Of two companies', roles: ['staff'] };
    expect(codeOf(await mutate(world, 'inviteMember', input, '{ id }', admin))).toBe('ok');
    await accept(world, email);
    const rows = await rowsOf(
      world,
      `SELECT "startedAt" > now() - interval '1 day' AS fresh FROM "MfaGrace"
       WHERE id = (SELECT id FROM "User" WHERE email = $1) ORDER BY 1`,
      [email],
    );
    expect(rows).toEqual([{ fresh: false }, { fresh: true }]);
  });

  it('unless an administrator restarts it: the restarted one then counts [S13]', async () => {
    const { id, ...member } = await newcomer(world, ['staff']);
    await moveGrace(member.email, 8);
    expect(codeOf(await asAdmin('resetMemberGrace', { memberId: id }, '{ id }'))).toBe('ok');
    const restarted = await graceOf(member.email);
    await setRoles(id, ['client']);
    await setRoles(id, ['staff']);
    expect(await graceOf(member.email)).toEqual(restarted);
    expect(codeOf(await world.ask('{ company { name } }', {}, member.token))).toBe('ok');
  });
});

describe('[M8] step-up', () => {
  const late = (email: string, minutes: number) =>
    rowsOf(
      world,
      `UPDATE "Session" SET "mfaAt" = now() - $2 * interval '1 minute' WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
      [email, minutes],
    );
  const setEmployeeSalary = async (token: string) => {
    const { data } = await world.ask('{ employees(first: 3) { edges { node { id email } } } }', {}, token);
    // the first administrator's record is linked to no member: four eyes refuse it
    const linked = data.employees.edges.find(
      ({ node }: { node: { email: string } }) => !node.email.startsWith('company_admin@'),
    );
    return mutate(
      world,
      'setEmployeeSalary',
      { employeeId: linked.node.id, salary: '4000.00' },
      '{ id }',
      token,
    );
  };

  it('requires a recent factor of users with one, lists their methods, and accepts a code for the following minutes', async () => {
    const { email, secret, token } = await enrolled(world, ['hr_admin']);
    expect(codeOf(await setEmployeeSalary(token))).toBe('ok');
    await late(email, 9);
    expect(codeOf(await setEmployeeSalary(token))).toBe('ok');
    await late(email, 11);
    const refused = await setEmployeeSalary(token);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: ['TOTP'] });
    expect(codeOf(await world.ask('{ employees(first: 1) { edges { node { salary } } } }', {}, token))).toBe(
      'ok',
    );
    const stepped = await mutate(
      world,
      'stepUp',
      { method: 'TOTP', code: totp(secret) },
      '{ sessionToken viewer { secondFactor { verifiedAt } } }',
      token,
    );
    const next = stepped.data.stepUp.sessionToken;
    expect(codeOf(await world.ask('{ viewer { roles } }', {}, token))).toBe('UNAUTHENTICATED');
    expect(codeOf(await setEmployeeSalary(next))).toBe('ok');
  });

  it('follows the company’s minutes', async () => {
    const { email, token } = await enrolled(world, ['hr_admin']);
    await asAdmin('setSignInPolicy', { stepUpMinutes: 30 }, '{ stepUpMinutes }');
    await late(email, 29);
    expect(codeOf(await setEmployeeSalary(token))).toBe('ok');
    await asAdmin('setSignInPolicy', { stepUpMinutes: 10 }, '{ stepUpMinutes }');
    expect(codeOf(await setEmployeeSalary(token))).toBe('STEP_UP_REQUIRED');
  });

  it('requires nothing of users without a factor in the grace period', async () => {
    const { token } = await newcomer(world, ['hr_admin']);
    expect(codeOf(await setEmployeeSalary(token))).toBe('ok');
  });

  it('takes no wrong, used or foreign code, and no method that the user does not have', async () => {
    const [mine, other] = [await enrolled(world, ['hr_admin']), await enrolled(world)];
    const step = (method: string, code: string) =>
      mutate(world, 'stepUp', { method, code }, '{ sessionToken }', mine.token);
    const used = totp(mine.secret, 1);
    await complete(world, { challengeToken: await pendingOf(world, mine.email), method: 'TOTP', code: used });
    for (const code of ['000000', totp(other.secret), used])
      expect([code, codeOf(await step('TOTP', code))]).toEqual([code, 'INVALID_INPUT']);
    for (const method of ['EMAIL', 'SMS', 'BACKUP_CODE', 'PASSKEY'])
      expect(codeOf(await step(method, '123456'))).toBe('INVALID_INPUT');
  });

  it('is required by exactly the operations that the policy export lists', async () => {
    const { lines } = (
      await world.ask(
        '{ policies { lines { type field isStepUpRequired roles } } }',
        {},
        await world.signIn('company_admin'),
      )
    ).data.policies;
    // who may not do a thing at all is told so first
    const said = lines
      .filter(
        (line: { isStepUpRequired: boolean; roles: string[] }) =>
          line.isStepUpRequired && line.roles.includes('company_admin'),
      )
      .map((line: { field: string }) => line.field)
      .sort();
    const { email, token } = await enrolled(world, ['company_admin']);
    await late(email, 11);
    const ids = examples(idOfNothing);
    const asked: string[] = [];
    for (const operation of operationsOf(buildSchema())) {
      if (
        operation.kind === 'subscription' ||
        ['signOut', 'switchCompany', 'revokeAllSessions', 'issueTokens'].includes(operation.name)
      )
        continue;
      const answer = await world.ask(documentOf(operation), variablesOf(operation, ids), token);
      if (codeOf(answer) === 'STEP_UP_REQUIRED') asked.push(operation.name);
    }
    expect(asked.sort()).toEqual(said);
    expect(said).toEqual(
      expect.arrayContaining([
        'setEmployeeSalary',
        'payPayrollRun',
        'setMemberRoles',
        'inviteMember',
        'regenerateBackupCodes',
      ]),
    );
  });
});

describe('[M7] administrators', () => {
  it('remove all of a member’s factors and sessions, audited and mailed; the password alone signs in', async () => {
    const { id, email, token } = await enrolled(world, ['company_member']);
    expect(codeOf(await asAdmin('disableMemberFactors', { memberId: id }, '{ id }'))).toBe('ok');
    expect(codeOf(await world.ask('{ viewer { roles } }', {}, token))).toBe('UNAUTHENTICATED');
    expect(
      await rowsOf(
        world,
        'SELECT 1 FROM "TotpFactor" f JOIN "User" p ON p.id = f."userId" WHERE p.email = $1',
        [email],
      ),
    ).toEqual([]);
    expect(
      codeOf(await world.ask('{ viewer { roles } }', {}, await signInAs(world.ask, email, PASSWORD))),
    ).toBe('ok');
    expect((await world.mailsTo(email)).map(({ subject }) => subject)).toContain(
      'Your second factors were disabled',
    );
    expect(
      (await rowsOf(world, `SELECT severity FROM audit_event WHERE action = 'factor.disabled'`)).length,
    ).toBe(1);
  });

  it('cannot remove factors of a higher level, of another company, or of a member of several companies', async () => {
    const boss = await enrolled(world, ['company_admin']);
    const hr = await newcomer(world, ['hr_admin']);
    const off = (memberId: string, token: string) =>
      mutate(world, 'disableMemberFactors', { memberId }, '{ id }', token);
    expect(codeOf(await off(boss.id, hr.token))).toBe('FORBIDDEN');
    expect(codeOf(await off(boss.id, await world.signIn('company_admin', 'globex')))).toBe('NOT_FOUND');
    await mutate(
      world,
      'inviteMember',
      { email: boss.email, name: 'Both', roles: ['client'] },
      '{ id }',
      await world.signIn('company_admin', 'globex'),
    );
    await accept(world, boss.email);
    expect(codeOf(await off(boss.id, await world.signIn('company_admin')))).toBe('CONFLICT');
    expect(
      codeOf(
        await complete(world, {
          challengeToken: await pendingOf(world, boss.email),
          method: 'TOTP',
          code: totp(boss.secret),
        }),
      ),
    ).toBe('ok');
  });

  it('restart the grace period only where a factor is required', async () => {
    const { id, email, token } = await newcomer(world, ['staff']);
    await moveGrace(email, 8);
    expect(codeOf(await world.ask('{ company { name } }', {}, token))).toBe('ENROLMENT_REQUIRED');
    expect(codeOf(await asAdmin('resetMemberGrace', { memberId: id }, '{ id }'))).toBe('ok');
    expect(codeOf(await world.ask('{ company { name } }', {}, token))).toBe('ok');
    expect(await eventsOf(id)).toContain('mfa.graceReset');
    const none = await newcomer(world, ['client']);
    expect(codeOf(await asAdmin('resetMemberGrace', { memberId: none.id }, '{ id }'))).toBe('CONFLICT');
  });

  it.each([
    ['resetMemberGrace', {}],
    ['requireMemberFactor', { isRequired: false }],
    ['unlockMember', {}],
  ])('[M7][S6] cannot %s themselves', async (name, input) => {
    const { id, token } = await newcomer(world, ['company_admin']);
    expect(codeOf(await mutate(world, name, { memberId: id, ...input }, '{ id }', token))).toBe('FORBIDDEN');
    const other = await newcomer(world, ['hr_admin']);
    const answer = await mutate(world, name, { memberId: other.id, ...input }, '{ id }', token);
    expect(codeOf(answer)).toBe('ok');
  });

  it('see how many members have a factor, in all and by role; the platform sees it by company', async () => {
    const read = async (company: 'acme' | 'globex') =>
      (
        await world.ask(
          '{ factorAdoption { role memberCount protectedMemberCount } }',
          {},
          await world.signIn('company_admin', company),
        )
      ).data.factorAdoption as { role: string | null; memberCount: number; protectedMemberCount: number }[];
    const [before, elsewhere] = [await read('acme'), await read('globex')];
    await enrolled(world, ['client', 'operator']);
    const after = await read('acme');
    const of = (rows: typeof before, role: string | null) =>
      rows.find((row) => row.role === role) as (typeof before)[number];
    for (const role of [null, 'client', 'operator'])
      expect([
        role,
        of(after, role).protectedMemberCount - of(before, role).protectedMemberCount,
        of(after, role).memberCount - of(before, role).memberCount,
      ]).toEqual([role, 1, 1]);
    expect(await read('globex')).toEqual(elsewhere);
    const companies = (
      await world.ask(
        '{ companies { edges { node { name factorAdoption { memberCount protectedMemberCount } } } } }',
        {},
        await world.signIn('super_admin'),
      )
    ).data.companies;
    const { memberCount, protectedMemberCount } = of(after, null);
    expect(companies.edges).toContainEqual({
      node: { name: 'Acme', factorAdoption: { memberCount, protectedMemberCount } },
    });
    expect(
      codeOf(
        await world.ask('{ companies { edges { node { name } } } }', {}, await world.signIn('company_admin')),
      ),
    ).toBe('FORBIDDEN');
  });
});
