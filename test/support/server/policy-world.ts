import { roles as catalogue } from '../../../src/auth/authorization/permissions.ts';
import type { PolicyLine } from '../../../src/schema/policy/policy-map.ts';
import { issueTokens, newKey } from '../sign-in/credentials.ts';
import { type Enrolled, enrolled } from '../sign-in/factors.ts';
import { rowsOfWaysIn } from '../sign-in/identity-rows.ts';
import { type MailboxWorld, openMailboxWorld } from './dev-mailbox.ts';
import { type Answer, admit, rowsOf, signInAs } from './world.ts';

/** The demo with a row of each kind that it has none of, and what its server says its policy is. */
export type PolicedWorld = {
  world: MailboxWorld;
  lines: Map<string, PolicyLine>;
  /** A member of Acme with an authenticator app and a passkey. */
  withFactor: Enrolled;
  /** A service account of Acme. */
  accountId: string;
};

export const roles = Object.keys(catalogue) as (keyof typeof catalogue)[];
export const companyRoles = roles.filter((role) => catalogue[role].level < 5);
export const emailOf = (role: string) =>
  role === 'super_admin' ? 'platform@bulwark.example' : `${role}@acme.example`;
export const rootOf = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };
export const codes = (answer: Pick<Answer, 'errors'>): string[] =>
  (answer.errors ?? []).map(({ extensions }) => extensions.code);

export async function openPolicedWorld(): Promise<PolicedWorld> {
  const world = await openMailboxWorld();
  await addPlatformAdmin(world);
  const rows = await addRows(world);
  const { policies } = must(
    await world.ask(
      '{ policies { lines { type field access self: ownerColumn inherited: isInherited visibility roles event mfa: isMfaRequired stepUp: isStepUpRequired } } }',
      {},
      await world.signIn('company_admin'),
    ),
  );
  const lines = policies.lines.map((line: PolicyLine) => [`${line.type}.${line.field}`, line]);
  return { world, ...rows, lines: new Map(lines) };
}

export const must = ({ errors, data }: Answer) => {
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
};

export function lineOf({ lines }: Pick<PolicedWorld, 'lines'>, name: string): PolicyLine {
  const line = lines.get(name);
  if (!line) throw new Error(`the policy map has no line ${name}`);
  return line;
}

/** What the policy says of a role. */
export function allows(policed: Pick<PolicedWorld, 'lines'>, name: string, role: string): boolean {
  const { access, roles: holders } = lineOf(policed, name);
  return ['public', 'authenticated', 'signedIn'].includes(access) || holders.includes(role);
}

async function addPlatformAdmin(world: MailboxWorld): Promise<void> {
  const input = { email: emailOf('platform_admin'), name: 'Platform Admin', roles: ['platform_admin'] };
  must(
    await world.ask(
      'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
      { input },
      await world.signIn('super_admin'),
    ),
  );
  await admit(world, input.email);
}

/** So that nothing is true of an empty list. */
async function addRows(world: MailboxWorld): Promise<Pick<PolicedWorld, 'withFactor' | 'accountId'>> {
  const as = async (role: string, document: string, input: object) =>
    must(await world.ask(document, { input }, await world.signIn(role)));
  const nothing = { slug: 'nothing', name: 'Nothing', level: 1, accessScope: 'SELF', permissions: [] };
  for (const role of ['super_admin', 'company_admin'])
    await as(
      role,
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }',
      nothing,
    );
  await as(
    'finance_admin',
    'mutation ($input: CreatePayrollRunInput!) { createPayrollRun(input: $input) { payrollRun { id } } }',
    { period: '2026-01' },
  );
  await rowsOfWaysIn(world);
  // everybody is invited by a company that is not theirs
  await rowsOf(
    world,
    `SET session_replication_role = replica;
     INSERT INTO "Membership" ("companyId", id, "userId", email, name, status, "invitedUntil", roles)
     SELECT c.id, gen_random_uuid(), p.id, p.email, p.name, 'invited', now() + interval '1 day', '{client}' FROM "User" p, "Company" c
     WHERE c.name = 'Globex' ON CONFLICT DO NOTHING;
     SET session_replication_role = origin`,
  );
  const withFactor = await enrolled(world);
  await rowsOf(
    world,
    `INSERT INTO "Passkey" (id, "userId", "credentialId", "publicKey", counter, "deviceType", "backedUp", name)
     SELECT gen_random_uuid(), id, 'walk', '', 0, 'singleDevice', false, 'Walk' FROM "User" WHERE email = $1`,
    [withFactor.email],
  );
  // of each member a second factor is required or not by what a test says of them
  await as(
    'company_admin',
    'mutation ($input: SetSignInPolicyInput!) { setSignInPolicy(input: $input) { signInPolicy { signUpMode } } }',
    { signUpMode: 'OPEN', mfaRoles: [] },
  );
  const { accountId } = await newKey(world, await world.signIn('company_admin'), ['client']);
  await issueTokens(world, await signInAs(world.ask, emailOf('client')));
  return { withFactor, accountId };
}
