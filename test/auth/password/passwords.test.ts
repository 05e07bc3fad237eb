import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutationOf } from '../../support/documents.ts';
import { from, type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { type Answer, globalId, newcomer, PASSWORD, rowsOf, signInAs } from '../../support/server/world.ts';

let world: MailboxWorld;
beforeAll(async () => {
  world = await openMailboxWorld();
});
afterAll(() => world?.end());

const NEW = 'a-New-Lantern-in-1742';
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? 'ok';
const fieldsOf = ({ errors }: Answer) => errors?.[0]?.extensions.fields;
const viewer = (token: string) => world.ask('{ viewer { user { email } } }', {}, token);
const actionsFor = async (answer: Answer) =>
  (
    await rowsOf(
      world,
      `SELECT action, body::jsonb AS body FROM audit_event WHERE body::jsonb->>'requestId' = $1`,
      [answer.headers.get('x-request-id')],
    )
  ).map(({ action }) => action);

const run = (name: string, input: object, token?: string, selection = '') =>
  world.ask(mutationOf(name, selection), { input }, token, from());
const change = (token: string, currentPassword: string, newPassword: string) =>
  run(
    'changePassword',
    { currentPassword, newPassword },
    token,
    '{ sessionToken viewer { user { email } } }',
  );
const ask = (email: string) => run('requestPasswordReset', { email });
const reset = (token: string, password: string) => run('resetPassword', { token, password });
const signsIn = (email: string, password: string) =>
  signInAs(world.ask, email, password).then(
    () => true,
    () => false,
  );

describe('[A4] changing the password', () => {
  it("requires the current password, revokes all other sessions and rotates this one's token", async () => {
    const { email, token } = await newcomer(world, ['staff']);
    const other = await signInAs(world.ask, email);
    const answer = await change(token, PASSWORD, NEW);
    expect(answer.errors).toBeUndefined();
    const fresh = answer.data.changePassword.sessionToken;
    expect([codeOf(await viewer(token)), codeOf(await viewer(other)), codeOf(await viewer(fresh))]).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'ok',
    ]);
    expect([await signsIn(email, PASSWORD), await signsIn(email, NEW)]).toEqual([false, true]);
    expect(await actionsFor(answer)).toEqual(['password.changed']);
    expect((await world.mailsTo(email)).map(({ subject }) => subject)).toContain('Your password was changed');
  });

  it('with a wrong current password changes nothing, and names that field', async () => {
    const { email, token } = await newcomer(world, ['staff']);
    const answer = await change(token, 'wrong-Password-1', NEW);
    expect(fieldsOf(answer)).toEqual({ 'input.currentPassword': 'expected your present password' });
    expect(await signsIn(email, PASSWORD)).toBe(true);
  });

  it('is locked together with sign-in after five wrong attempts', async () => {
    const { email, token } = await newcomer(world, ['staff']);
    for (let i = 0; i < 5; i++)
      expect(codeOf(await change(token, `wrong-Password-${i}`, NEW))).toBe('INVALID_INPUT');
    expect(codeOf(await change(token, PASSWORD, NEW))).toBe('RATE_LIMITED');
    expect(await signsIn(email, PASSWORD)).toBe(false);
    expect(codeOf(await viewer(token))).toBe('ok');
  });

  it.each([
    ['short', 'Short-1-pas', 'at least 12'],
    ['common', 'P@ssw0rd2026!', 'common'],
    ["of the company's name", 'my-ACME-hammer-4', "company's name"],
    ['the present one', PASSWORD, 'not had lately'],
  ])('refuses one that is %s', async (_what, password, expected) => {
    const { token } = await newcomer(world, ['staff']);
    expect(fieldsOf(await change(token, PASSWORD, password))?.['input.newPassword']).toContain(expected);
  });

  it('refuses the last five, and takes the sixth again', async () => {
    const { email, token: first } = await newcomer(world, ['staff']);
    const passwords = [PASSWORD, ...[1, 2, 3, 4, 5].map((n) => `Lantern-number-${n}-in-harbour`)];
    let token = first;
    for (const [index, next] of passwords.slice(1).entries()) {
      const answer = await change(token, passwords[index] as string, next);
      expect(answer.errors).toBeUndefined();
      token = answer.data.changePassword.sessionToken;
    }
    for (const earlier of passwords.slice(1))
      expect(fieldsOf(await change(token, passwords[5] as string, earlier))?.['input.newPassword']).toContain(
        'lately',
      );
    expect(codeOf(await change(token, passwords[5] as string, PASSWORD))).toBe('ok');
    expect(await signsIn(email, PASSWORD)).toBe(true);
  });

  it('succeeds once under concurrent requests', async () => {
    const { email, token } = await newcomer(world, ['staff']);
    const wanted = Array.from({ length: 6 }, (_, n) => `Parallel-lantern-${n}-x`);
    const answers = await Promise.all(wanted.map((password) => change(token, PASSWORD, password)));
    const won = answers.flatMap((answer, index) => (answer.errors ? [] : [wanted[index] as string]));
    expect(won).toHaveLength(1);
    expect(await signsIn(email, won[0] as string)).toBe(true);
  });

  it("stores earlier passwords as hashes that only their user's context can read", async () => {
    const rows = await rowsOf(world, 'SELECT * FROM "PasswordHistory"');
    expect(rows.length).toBeGreaterThan(5);
    for (const { passwordHash } of rows) expect(passwordHash).toMatch(/^\$argon2id\$/);
  });
});

describe('[A4] a password that was forgotten', () => {
  it('is reset by a mailed link, which revokes all sessions and trusted devices and signs no one in', async () => {
    const { email, token } = await newcomer(world, ['staff']);
    await rowsOf(
      world,
      `INSERT INTO "TrustedDevice" (id, "userId", hash, name, "expiresAt")
       SELECT gen_random_uuid(), id, id::text, 'Laptop', now() + interval '1 day' FROM "User" WHERE email = $1`,
      [email],
    );
    const asked = await ask(email);
    expect(asked.data).toEqual({ requestPasswordReset: { email } });
    const link = await world.linkTo(email);
    expect(await actionsFor(asked)).toEqual(['password.resetRequested']);
    const answer = await reset(link, NEW);
    expect(answer.data).toEqual({ resetPassword: { email } });
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(codeOf(await viewer(token))).toBe('UNAUTHENTICATED');
    expect([await signsIn(email, PASSWORD), await signsIn(email, NEW)]).toEqual([false, true]);
    expect(await actionsFor(answer)).toEqual(['password.reset']);
    const [devices] = await rowsOf(
      world,
      'SELECT count(*)::int AS n FROM "TrustedDevice" d JOIN "User" p ON p.id = d."userId" WHERE p.email = $1',
      [email],
    );
    expect(devices.n).toBe(0);
  });

  it('lifts the lock that wrong passwords brought', async () => {
    const { email } = await newcomer(world, ['staff']);
    for (let i = 0; i < 5; i++) await signsIn(email, 'wrong-Password-1');
    expect(await signsIn(email, PASSWORD)).toBe(false);
    await ask(email);
    const link = (await world.mailsTo(email)).find(({ subject }) => subject === 'Reset your password')?.text;
    await reset(/#token=([\w-]+)/.exec(link ?? '')?.[1] ?? '', NEW);
    expect(await signsIn(email, NEW)).toBe(true);
  });

  it('stores the link as a hash, and puts it behind the # of an address of the front end', async () => {
    const { email } = await newcomer(world, ['staff']);
    await ask(email);
    const link = await world.linkTo(email);
    const stored = await rowsOf(world, `SELECT * FROM "EmailToken" t WHERE t::text LIKE '%' || $1 || '%'`, [
      link,
    ]);
    expect(stored).toEqual([]);
    const mail = (await world.mailsTo(email)).at(-1);
    expect(mail?.text).toContain(`${world.config.appUrl}/reset-password#token=${link}`);
    expect(world.logged()).not.toContain(link);
  });

  it('takes a link once, however many bring it at the same time', async () => {
    const { email } = await newcomer(world, ['staff']);
    await ask(email);
    const link = await world.linkTo(email);
    const wanted = Array.from({ length: 20 }, (_, n) => `Racing-lantern-${n}-x`);
    const answers = await Promise.all(wanted.map((password) => reset(link, password)));
    expect(answers.filter((answer) => !answer.errors)).toHaveLength(1);
    expect(new Set(answers.filter(({ errors }) => errors).map(codeOf))).toEqual(new Set(['NOT_FOUND']));
    expect(codeOf(await reset(link, NEW))).toBe('NOT_FOUND');
  });

  it('refuses a weak password without using the link up', async () => {
    const { email } = await newcomer(world, ['staff']);
    await ask(email);
    const link = await world.linkTo(email);
    expect(fieldsOf(await reset(link, 'short'))?.['input.password']).toContain('at least 12');
    expect(fieldsOf(await reset(link, PASSWORD))?.['input.password']).toContain('lately');
    expect(codeOf(await reset(link, NEW))).toBe('ok');
  });

  const links: [string, (email: string, link: string) => Promise<string>][] = [
    [
      'expired',
      async (email, link) => {
        await rowsOf(
          world,
          `UPDATE "EmailToken" SET "expiresAt" = now() - interval '1 second' WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
          [email],
        );
        return link;
      },
    ],
    ['malformed', async () => 'not-a-token'],
    ['cut', async (_email, link) => link.slice(1)],
    ['unknown', async () => 'A'.repeat(43)],
    [
      'followed by another',
      async (email, link) => {
        await ask(email);
        await world.linkTo(email);
        return link;
      },
    ],
    [
      'of another kind',
      async (email) => {
        const other = 'B'.repeat(43);
        await rowsOf(
          world,
          `INSERT INTO "EmailToken" (hash, "userId", kind, "expiresAt")
         SELECT encode(sha256($2::bytea), 'hex'), id, 'unlock', now() + interval '1 hour' FROM "User" WHERE email = $1`,
          [email, other],
        );
        return other;
      },
    ],
    [
      'from before the password was changed',
      async (email, link) => {
        await change(await signInAs(world.ask, email), PASSWORD, 'Meanwhile-a-lantern-9');
        return link;
      },
    ],
  ];
  it.each(links)('rejects a link that is %s, with the same answer', async (_what, make) => {
    const { email } = await newcomer(world, ['staff']);
    await ask(email);
    const answer = await reset(await make(email, await world.linkTo(email)), NEW);
    expect([codeOf(answer), answer.errors?.[0]?.message]).toEqual(['NOT_FOUND', 'Not found.']);
    expect(await signsIn(email, NEW)).toBe(false);
  });

  it('mails nothing to unknown addresses and to invited users without a password', async () => {
    const stranger = `${crypto.randomUUID()}@unknown.example`;
    expect((await ask(stranger)).data).toEqual({ requestPasswordReset: { email: stranger } });
    expect(await world.mailsTo(stranger)).toEqual([]);
    const invited = `${crypto.randomUUID()}@invited.example`;
    await run(
      'inviteMember',
      { email: invited, name: 'Invited', roles: ['client'] },
      await world.signIn('company_admin'),
      '{ id }',
    );
    const before = (await world.mailsTo(invited)).length;
    await ask(invited);
    expect(await world.mailsTo(invited)).toHaveLength(before);
  });

  const askFrom = (email: string, network: Record<string, string>) =>
    world.ask(
      'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { email } }',
      { input: { email } },
      undefined,
      network,
    );
  const resetsTo = async (email: string) =>
    (await world.mailsTo(email)).filter(({ subject }) => subject === 'Reset your password').length;
  /** As if so many seconds had gone by, for links and for counts. */
  const later = (seconds: number) =>
    rowsOf(
      world,
      `WITH links AS (UPDATE "EmailToken" SET "expiresAt" = "expiresAt" - $1 * interval '1 second')
       UPDATE "Throttle" SET "failedAt" = "failedAt" - $1 * interval '1 second', "lockedUntil" = "lockedUntil" - $1 * interval '1 second'`,
      [seconds],
    );

  /** Of the link that works. */
  const secondsLeft = async (email: string) => {
    const [link, ...others] = await rowsOf(
      world,
      `SELECT extract(epoch FROM t."expiresAt" - now())::int AS seconds FROM "EmailToken" t JOIN "User" p ON p.id = t."userId"
       WHERE p.email = $1 AND t.kind = 'resetPassword' AND t."usedAt" IS NULL`,
      [email],
    );
    expect(others).toEqual([]);
    return link.seconds as number;
  };

  it('is mailed three times for one network and ten times in all, then no more for a while, with the same answer', async () => {
    const { email } = await newcomer(world, ['staff']);
    const one = from();
    for (let i = 0; i < 5; i++)
      expect((await askFrom(email, one)).data).toEqual({ requestPasswordReset: { email } });
    expect(await resetsTo(email)).toBe(3);
    for (let i = 0; i < 12; i++) expect((await ask(email)).data).toEqual({ requestPasswordReset: { email } });
    expect(await resetsTo(email)).toBe(10);
  });

  it('is mailed to its owner despite repeated requests from another network', async () => {
    const { email } = await newcomer(world, ['staff']);
    const other = from();
    for (let i = 0; i < 12; i++) await askFrom(email, other);
    const before = await resetsTo(email);
    await ask(email);
    expect(await resetsTo(email)).toBe(before + 1);
    expect(codeOf(await reset(await world.linkTo(email), NEW))).toBe('ok');
  });

  it('locks no one out under requests of many networks: the last link works until another can be requested', async () => {
    const { email } = await newcomer(world, ['staff']);
    for (const lock of [15, 30, 60]) {
      const before = await resetsTo(email);
      for (let i = 0; i < 14; i++) await ask(email);
      expect(await resetsTo(email)).toBe(before + 10);
      await later(lock * 60 - 30);
      await ask(email);
      expect(await resetsTo(email)).toBe(before + 10);
      expect(await secondsLeft(email)).toBeGreaterThan(30 * 60);
      await later(31);
    }
    for (let i = 0; i < 10; i++) await ask(email);
    await world.services.mailer.settled();
    await later(2 * 3600 - 30);
    expect(codeOf(await reset(await world.linkTo(email), NEW))).toBe('ok');
    expect(await signsIn(email, NEW)).toBe(true);
  });

  it('is one mail under concurrent requests', async () => {
    const { email } = await newcomer(world, ['staff']);
    await Promise.all(Array.from({ length: 8 }, () => ask(email)));
    expect(await resetsTo(email)).toBe(8);
    expect(await secondsLeft(email)).toBeGreaterThan(29 * 60);
  });

  it('lasts at least as long as the link that it replaces', async () => {
    const { email } = await newcomer(world, ['staff']);
    const one = from();
    for (let i = 0; i < 3; i++) await askFrom(email, one);
    await world.services.mailer.settled();
    expect(await secondsLeft(email)).toBeGreaterThan(44 * 60);
    await ask(email);
    await world.services.mailer.settled();
    expect(await secondsLeft(email)).toBeGreaterThan(44 * 60);
  });

  it('is not used up by asking to sign up with the address', async () => {
    const { email } = await newcomer(world, ['staff']);
    await run(
      'setSignInPolicy',
      { signUpMode: 'OPEN' },
      await world.signIn('company_admin'),
      '{ signUpMode }',
    );
    const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
    for (let i = 0; i < 14; i++)
      await run('signUp', { companyId: globalId('Company', acme.id), email, name: 'Stranger' });
    const told = (await world.mailsTo(email)).filter(({ subject }) =>
      subject.includes('already a member of Acme'),
    );
    expect(told).toHaveLength(10);
    await ask(email);
    expect(await resetsTo(email)).toBe(1);
  });

  it('counts and answers equally for an unknown address', async () => {
    const { email } = await newcomer(world, ['staff']);
    const unknown = `${crypto.randomUUID()}@unknown.example`;
    const [one, two] = [from(), from()];
    const counted = async (address: string, network: Record<string, string>) => {
      const answers: object[] = [];
      for (let i = 0; i < 4; i++) {
        const { status, data, errors } = await askFrom(address, network);
        expect(data).toEqual({ requestPasswordReset: { email: address } });
        answers.push({ status, errors });
      }
      const rows = await rowsOf(
        world,
        `SELECT failures, lockouts, "lockedUntil" IS NULL AS open FROM "Throttle" WHERE kind = 'resetMail' ORDER BY "failedAt" DESC, subject LIMIT 3`,
      );
      return { answers, rows: rows.map((row) => JSON.stringify(row)).sort() };
    };
    expect(await counted(email, one)).toEqual(await counted(unknown, two));
  });

  it('is limited for a client address', async () => {
    const one = from();
    const codes: string[] = [];
    for (let i = 0; i < 22; i++) {
      const input = { email: `${crypto.randomUUID()}@unknown.example` };
      codes.push(
        codeOf(
          await world.ask(
            'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { email } }',
            { input },
            undefined,
            one,
          ),
        ),
      );
    }
    expect(codes.filter((code) => code === 'ok')).toHaveLength(20);
    expect(codes.at(-1)).toBe('RATE_LIMITED');
  });

  it('is answered without a look at accounts, so that its time does not tell whether one exists', async () => {
    const { email } = await newcomer(world, ['staff']);
    const other = new pg.Client({ connectionString: world.database.ownerUrl });
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query('LOCK TABLE "User", "Credential", "Membership", "EmailToken", audit_event');
      for (const address of [email, `${crypto.randomUUID()}@unknown.example`])
        expect((await ask(address)).errors).toBeUndefined();
    } finally {
      await other.end();
    }
    expect(await world.linkTo(email)).toBeTruthy();
  });
});

describe('[A3] an invitation', () => {
  const invite = async (
    email = `${crypto.randomUUID()}@invited.example`,
    company: 'acme' | 'globex' = 'acme',
  ) => {
    const answer = await run(
      'inviteMember',
      { email, name: 'Invited', roles: ['client'] },
      await world.signIn('company_admin', company),
      '{ id }',
    );
    expect(answer.errors).toBeUndefined();
    return { email, id: answer.data.inviteMember.member.id as string };
  };
  const accept = (token: string, password = NEW) => run('acceptInvitation', { token, password });

  it('allows its user to choose a password, once', async () => {
    const { email } = await invite();
    const link = await world.linkTo(email);
    expect(await signsIn(email, NEW)).toBe(false);
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(link)));
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(await signsIn(email, NEW)).toBe(true);
    expect(codeOf(await accept(link, 'Another-lantern-77'))).toBe('NOT_FOUND');
    const [user] = await rowsOf(world, 'SELECT "emailVerifiedAt" FROM "User" WHERE email = $1', [email]);
    expect(user.emailVerifiedAt).not.toBeNull();
  });

  it('expires after seven days, and is resent by members who may invite', async () => {
    const { email, id } = await invite();
    const link = await world.linkTo(email);
    const [row] = await rowsOf(
      world,
      `SELECT round(extract(epoch FROM t."expiresAt" - t."createdAt") / 86400)::int AS days FROM "EmailToken" t JOIN "User" p ON p.id = t."userId" WHERE p.email = $1`,
      [email],
    );
    expect(row.days).toBe(7);
    await rowsOf(
      world,
      `UPDATE "EmailToken" SET "expiresAt" = now() WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
      [email],
    );
    expect(codeOf(await accept(link))).toBe('NOT_FOUND');
    const again = (role: string) =>
      world
        .signIn(role)
        .then((token) =>
          world.ask(
            'mutation ($input: ResendInvitationInput!) { resendInvitation(input: $input) { member { id } } }',
            { input: { memberId: id } },
            token,
          ),
        );
    expect(codeOf(await again('staff'))).toBe('FORBIDDEN');
    expect(codeOf(await again('hr_admin'))).toBe('ok');
    expect(codeOf(await accept(await world.linkTo(email)))).toBe('ok');
    expect(await signsIn(email, NEW)).toBe(true);
  });

  it('to a user with a password keeps that password', async () => {
    const { email } = await newcomer(world, ['staff']);
    await invite(email, 'globex');
    expect((await world.mailsTo(email)).at(-1)?.text).toContain(
      'Accept the invitation here, then sign in as usual',
    );
    expect(codeOf(await accept(await world.linkTo(email), 'Stolen-lantern-55'))).toBe('ok');
    expect(await signsIn(email, 'Stolen-lantern-55')).toBe(false);
    expect(await signsIn(email, PASSWORD)).toBe(true);
  });

  it('of a second company chooses no password once the first was accepted', async () => {
    const { email } = await invite();
    const first = await world.linkTo(email);
    await invite(email, 'globex');
    const second = await world.linkTo(email);
    expect(second).not.toBe(first);
    expect(codeOf(await accept(first))).toBe('ok');
    expect(codeOf(await accept(second, 'Stolen-lantern-55'))).toBe('ok');
    expect(await signsIn(email, 'Stolen-lantern-55')).toBe(false);
    expect(await signsIn(email, NEW)).toBe(true);
  });

  it('is mailed to the first administrator of a new company', async () => {
    const administrator = { email: `${crypto.randomUUID()}@initech.example`, name: 'First' };
    await world.ask(
      'mutation ($input: CreateCompanyInput!) { createCompany(input: $input) { company { id } } }',
      { input: { name: 'Initech', currency: 'GBP', administrator } },
      await world.signIn('super_admin'),
    );
    expect(codeOf(await accept(await world.linkTo(administrator.email)))).toBe('ok');
  });
});

describe('[A1] without a mail server', () => {
  it('operations that need a mail are UNAVAILABLE for known and unknown users, and others work', async () => {
    const { openWorld } = await import('../../support/server/world.ts');
    const silent = await openWorld();
    try {
      for (const email of ['staff@acme.example', 'unknown@acme.example']) {
        const answer = await silent.ask(
          'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { email } }',
          { input: { email } },
        );
        expect([email, codeOf(answer)]).toEqual([email, 'UNAVAILABLE']);
      }
      expect((await newcomer(silent, ['client'])).token).toMatch(/./);
    } finally {
      await silent.end();
    }
  });
});
