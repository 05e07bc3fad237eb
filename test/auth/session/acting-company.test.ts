import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken } from '../../../src/crypto/token.ts';
import {
  accept,
  globalId,
  newcomer,
  openWorld,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';
import { issueTokens } from '../../support/sign-in/credentials.ts';
import { codeOf, mutate } from '../../support/sign-in/factors.ts';

let world: World;
let globex: string;
beforeAll(async () => {
  world = await openWorld();
  [{ id: globex }] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
  await asAdmin('setSignInPolicy', { sessionIdleMinutes: 60, sessionAbsoluteHours: 48 }, '{ signUpMode }');
});
afterAll(() => world?.end());

const asAdmin = async (name: string, input: object, selection: string) => {
  const answer = await mutate(world, name, input, selection, await world.signIn('company_admin', 'globex'));
  expect(answer.errors).toBeUndefined();
  return answer.data[name];
};
/** A member of Acme who has joined Globex, signed in to Acme; `memberId` is the one at Globex. */
async function memberOfBoth() {
  const { email, token } = await newcomer(world, ['staff']);
  const { member } = await asAdmin('inviteMember', { email, name: 'Both', roles: ['staff'] }, '{ id }');
  await accept(world, email);
  return { email, token, memberId: member.id as string };
}
const ask = (token: string, company?: string) =>
  world.ask('{ company { name } }', {}, token, company ? { 'x-company-id': company } : {});
const nameIn = async (token: string, company?: string) => {
  const answer = await ask(token, company);
  return answer.errors ? codeOf(answer) : answer.data.company.name;
};
const age = (token: string, column: 'createdAt' | 'lastUsedAt', hours: number) =>
  rowsOf(
    world,
    `SET session_replication_role = replica;
     UPDATE "Session" SET "${column}" = "${column}" - interval '${hours} hours' WHERE id = '${hashToken(token)}'`,
  );
const entriesOf = (token: string) =>
  rowsOf(
    world,
    `SELECT c.name FROM audit_event e JOIN "Company" c ON c.id = e.company_id
     WHERE action = 'session.companyEntered' AND body::jsonb->'actor'->>'session' = $1`,
    [hashToken(token).slice(0, 12)],
  );

const switchTo = async (companyId: string, token: string) =>
  codeOf(
    await mutate(
      world,
      'switchCompany',
      { companyId: globalId('Company', companyId) },
      '{ sessionToken }',
      token,
    ),
  );

describe('a session that acts in another company of its user [S8]', () => {
  it('leaves one event in that company’s audit log, however often and parallel it acts there', async () => {
    const { token } = await memberOfBoth();
    await nameIn(token);
    expect(await entriesOf(token)).toEqual([]);
    const names = await Promise.all(Array.from({ length: 8 }, () => nameIn(token, globex)));
    expect(new Set(names)).toEqual(new Set(['Globex']));
    await nameIn(token, globex.toUpperCase());
    expect(await entriesOf(token)).toEqual([{ name: 'Globex' }]);
  });

  it('leaves no event where its user is no member', async () => {
    const { token } = await newcomer(world, ['staff']);
    expect(await nameIn(token, globex)).toBe('NOT_FOUND');
    expect(await entriesOf(token)).toEqual([]);
  });

  it('is refused once it is older than that company allows', async () => {
    const { token } = await memberOfBoth();
    expect(await nameIn(token, globex)).toBe('Globex');
    await age(token, 'createdAt', 49);
    expect(await nameIn(token, globex)).toBe('UNAUTHENTICATED');
    expect(await nameIn(token)).toBe('Acme');
    expect(await switchTo(globex, token)).toBe('UNAUTHENTICATED');
  });

  it('is refused once it lay unused for longer than that company allows, also after it was used in its own', async () => {
    const { token } = await memberOfBoth();
    await age(token, 'lastUsedAt', 2);
    expect(await nameIn(token, globex)).toBe('UNAUTHENTICATED');
    expect(await nameIn(token)).toBe('Acme');
    expect(await nameIn(token, globex)).toBe('UNAUTHENTICATED');
    expect(await switchTo(globex, token)).toBe('UNAUTHENTICATED');
  });

  it('keeps the least of its absolute limits, into a company that allows more and back [M3]', async () => {
    const [{ id: acme }] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
    const { email } = await memberOfBoth();
    let token = await signInAs(world.ask, email);
    const hoursOf = async (token: string) =>
      (
        await rowsOf(
          world,
          `SELECT round(extract(epoch FROM "absoluteExpiresAt" - "createdAt") / 3600)::int AS hours FROM "Session" WHERE id = $1`,
          [hashToken(token)],
        )
      )[0].hours as number;
    const hours = [await hoursOf(token)];
    for (const companyId of [globex, acme, globex]) {
      const input = { companyId: globalId('Company', companyId) };
      const { data } = await mutate(world, 'switchCompany', input, '{ sessionToken }', token);
      token = data.switchCompany.sessionToken;
      hours.push(await hoursOf(token));
    }
    expect(hours).toEqual([720, 48, 48, 48]);
  });

  it('is held to the same limits by an access token', async () => {
    const { token } = await memberOfBoth();
    const { accessToken } = await issueTokens(world, token);
    expect(await nameIn(accessToken, globex)).toBe('Globex');
    await rowsOf(
      world,
      `SET session_replication_role = replica;
       UPDATE "Session" SET "createdAt" = "createdAt" - interval '49 hours' WHERE '${globex}' = ANY ("enteredCompanies")`,
    );
    expect(await nameIn(accessToken, globex)).toBe('UNAUTHENTICATED');
    expect(await nameIn(accessToken)).toBe('Acme');
  });

  it('ends when that company suspends its user, and no session that never acted there does', async () => {
    const { email, token, memberId } = await memberOfBoth();
    const elsewhere = await signInAs(world.ask, email);
    await nameIn(token, globex);
    await asAdmin('suspendMember', { memberId }, '{ status }');
    expect(await nameIn(token)).toBe('UNAUTHENTICATED');
    expect(await nameIn(elsewhere)).toBe('Acme');
  });

  it('is due for a new token when its user’s roles there change', async () => {
    const { token, memberId } = await memberOfBoth();
    const due = async () =>
      (await rowsOf(world, 'SELECT "rotateDue" FROM "Session" WHERE id = $1', [hashToken(token)]))[0]
        .rotateDue;
    await nameIn(token, globex);
    expect(await due()).toBe(false);
    await asAdmin('setMemberRoles', { memberId, roles: ['client'] }, '{ roles }');
    expect(await due()).toBe(true);
  });

  it('must have the second factor that this company requires', async () => {
    const { email, token } = await memberOfBoth();
    await rowsOf(
      world,
      `SET session_replication_role = replica;
       UPDATE "Membership" SET "mfaRequired" = true, "mfaGraceFrom" = now() - interval '30 days'
       WHERE email = '${email}' AND "companyId" = '${globex}'`,
    );
    expect(await nameIn(token, globex)).toBe('ENROLMENT_REQUIRED');
    expect(await nameIn(token)).toBe('Acme');
  });
});

describe('a session that is switched to another company of its user', () => {
  it('leaves an event there of its user and of the session that goes on [L2]', async () => {
    const { email, token } = await memberOfBoth();
    const { data } = await mutate(
      world,
      'switchCompany',
      { companyId: globalId('Company', globex) },
      '{ sessionToken }',
      token,
    );
    const [event] = await rowsOf(
      world,
      `SELECT body::jsonb->'actor' AS actor FROM audit_event
       WHERE action = 'session.companySwitched' AND company_id = '${globex}' ORDER BY pos DESC LIMIT 1`,
    );
    const [user] = await rowsOf(world, `SELECT id FROM "User" WHERE email = '${email}'`);
    const session = hashToken(data.switchCompany.sessionToken).slice(0, 12);
    expect(event?.actor).toEqual({ kind: 'user', userId: user?.id, session });
  });
});
