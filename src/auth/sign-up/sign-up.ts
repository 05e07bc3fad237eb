import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { anonymous, type Origin } from '../../audit/record/body.ts';
import { snapshotOf } from '../../audit/record/snapshot.ts';
import { hashToken, isToken, newToken } from '../../crypto/token.ts';
import { type Query, queryAs, type TransactionalQuery, transactionAs } from '../../db/sql.ts';
import { email, id, languageTag, newPassword, text, token } from '../../domain/input.ts';
import { invalidInput, notFound } from '../../errors.ts';
import { languageOf, notify, requireMail } from '../../notifications/notify.ts';
import { defaultLanguage } from '../../notifications/templates.ts';
import type { Services } from '../../services.ts';
import type { PasswordPreset } from '../authorization/sign-in-policy.ts';
import { identityCommand } from '../identity-command.ts';
import { countMailRequest } from '../lockout/attempts.ts';
import { firstPassword } from '../password/first-password.ts';
import { replacePassword } from '../password/replace-password.ts';
import { rulesOf } from '../password/rules.ts';
import { linkTo } from '../tokens/email-token-link.ts';

/** How long the link of a sign-up works: as long as no other may be sent, at the longest. */
const HOURS = 24;

const NOBODY = { companyId: null, userId: null };

type Rules = {
  company: string;
  mode: 'open' | 'domain' | 'approval';
  domains: string[];
  roles: string[];
  preset: PasswordPreset;
};

/** How strangers join a company. Error: NOT_FOUND when they can't, which is the answer for a company that doesn't exist too. */
async function rulesIn({ pool }: Services, companyId: string, address: string): Promise<Rules> {
  const [rules] = await queryAs(pool, NOBODY)<Rules>(
    `SELECT company_name AS company, mode, domains, roles, preset FROM sign_up_rules($1) WHERE mode <> 'invitation'`,
    [companyId],
  );
  if (!rules) throw notFound();
  if (rules.mode === 'domain' && !rules.domains.includes(address.split('@')[1] ?? ''))
    throw invalidInput({ 'input.email': 'expected an address of a domain that this company takes' });
  return rules;
}

const request = z.object({
  companyId: id,
  email,
  name: text(200),
  language: languageTag.nullish(),
});

/**
 * Asks to join a company; what follows goes to the mailbox. The answer and its time are the same for every address, with an account or
 * without: it is looked up afterwards. No password yet: whoever opens the mail chooses it, so nobody can prepare an account for somebody
 * else's address. Errors: UNAVAILABLE, INVALID_INPUT, NOT_FOUND for a company that strangers cannot join, RATE_LIMITED.
 */
export const signUp = identityCommand({
  caller: 'anyone',
  input: request,
  run: async ({ services, origin, input }) => {
    requireMail(services);
    const given = input;
    const { company } = await rulesIn(services, given.companyId, given.email);
    if (await countMailRequest(services, 'signUpMail', given.email, origin.ip))
      services.mailer.defer(() => mailSignUp(services, origin, given, company));
    return { email: given.email };
  },
});

async function mailSignUp(
  services: Services,
  origin: Origin,
  { companyId, email, name, ...given }: z.infer<typeof request>,
  company: string,
): Promise<void> {
  const secret = newToken();
  const language = (await languageOfAccount(services, email)) ?? given.language ?? defaultLanguage;
  const state = await transactionAs(services.pool, { companyId, userId: null }, async (query) => {
    const [member] = await query<{ status: string }>(
      'SELECT status::text FROM "Membership" WHERE "companyId" = $1 AND email = $2',
      [companyId, email],
    );
    if (member) return member.status === 'invited' ? 'alreadyInvited' : 'alreadyMember';
    const [row] = await query<{ id: string }>(
      `INSERT INTO "SignUpRequest" ("companyId", id, email, name, "tokenHash", "expiresAt", language)
       VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 hour', $7)
       ON CONFLICT ("companyId", email) DO UPDATE SET name = $4, "tokenHash" = $5, "expiresAt" = EXCLUDED."expiresAt", language = $7
       WHERE "SignUpRequest".status = 'unverified' RETURNING id`,
      [companyId, uuidv7(), email, name, hashToken(secret), HOURS, language],
    );
    if (!row) return 'waiting';
    await append(query, companyId, [
      { action: 'signUp.requested', data: { request: row.id }, performer: anonymous, origin },
    ]);
    return 'asked';
  });
  const reader = { email, language };
  if (state === 'alreadyMember' || state === 'alreadyInvited') notify(services, reader, state, { company });
  if (state !== 'asked') return;
  notify(services, reader, 'verifySignUp', {
    company,
    link: linkTo(services, 'verifyEmail', secret),
    hours: HOURS,
  });
}

/** Returns the language of the account with this address. */
async function languageOfAccount(services: Services, email: string): Promise<string | null> {
  const [user] = await queryAs(services.pool, NOBODY)<{ id: string }>('SELECT id FROM user_for_sign_in($1)', [
    email,
  ]);
  return user ? languageOf(services, user.id) : null;
}

const verification = z.object({ token, password: newPassword.nullish() });

/** `member`: the user can sign in. `waiting`: a member of the company must approve. */
export type SignUpOutcome = 'member' | 'waiting';

type Request = { companyId: string; id: string; email: string; name: string; language: string };

/**
 * The link of a sign-up. Who has no password yet chooses one; who has one keeps it. Errors: NOT_FOUND for a link that is unknown, used or
 * expired, INVALID_INPUT.
 */
export const verifyEmail = identityCommand({
  caller: 'anyone',
  input: verification,
  run: async ({ services, origin, input }) => {
    const given = input;
    if (!isToken(given.token)) throw notFound();
    const [asked] = await queryAs(services.pool, NOBODY)<Request>(
      'SELECT company_id AS "companyId", id, email, name, language FROM sign_up_of_token($1)',
      [hashToken(given.token)],
    );
    if (!asked) throw notFound();
    const rules = await rulesIn(services, asked.companyId, asked.email);
    const userId = await userFor(services, asked);
    const passwordRules = rulesOf(rules.preset, rules.company);
    const passwordHash = await firstPassword(
      services,
      { ...asked, userId },
      passwordRules,
      given.password ?? null,
    );
    const outcome = await transactionAs(services.pool, { companyId: asked.companyId, userId }, (query) =>
      join(query, origin, { ...asked, userId }, rules, { token: given.token, passwordHash }),
    );
    return { outcome, email: asked.email };
  },
});

async function userFor({ pool }: Services, { email, name, language }: Request): Promise<string> {
  const [row] = await queryAs(pool, NOBODY)<{ id: string }>(
    'SELECT user_for_invitation($1, $2, $3, $4::uuid) AS id',
    [email, name, language, crypto.randomUUID()],
  );
  return (row as { id: string }).id;
}

type Joining = Request & { userId: string };
type Proof = { token: string; passwordHash: string | null };

/** As the user, in the company that they join. Of several requests with the same link, one finds its row. */
async function join(
  query: TransactionalQuery,
  origin: Origin,
  { companyId, id, userId, email, name }: Joining,
  { mode, roles }: Rules,
  { token, passwordHash }: Proof,
): Promise<SignUpOutcome> {
  const used = await query(
    `UPDATE "SignUpRequest" SET status = 'waiting', "tokenHash" = NULL, "verifiedAt" = now(), "expiresAt" = $4
     WHERE "companyId" = $1 AND id = $2 AND "tokenHash" = $3 AND status = 'unverified' RETURNING 1`,
    [companyId, id, hashToken(token), FAR],
  );
  if (used.length === 0) throw notFound();
  await query('UPDATE "User" SET "emailVerifiedAt" = now() WHERE id = $1', [userId]);
  if (passwordHash && !(await replacePassword(query, userId, null, passwordHash))) throw notFound();
  const member = mode === 'approval' ? null : { id: uuidv7(), companyId, userId, email, name, roles };
  const facts = member ? await admitted(query, id, member) : { data: { request: id } };
  const performer = { kind: 'user' as const, userId };
  await append(query, companyId, [{ action: 'signUp.verified', ...facts, performer, origin }]);
  return member ? 'member' : 'waiting';
}
/** A request that waits for approval does not expire. */
const FAR = new Date('9999-01-01T00:00:00Z');

type Member = {
  id: string;
  companyId: string;
  userId: string;
  email: string;
  name: string;
  roles: string[];
};

/** Turns the request into a membership, audited as a new row. */
async function admitted(query: Query, requestId: string, member: Member) {
  await query('DELETE FROM "SignUpRequest" WHERE "companyId" = $1 AND id = $2', [
    member.companyId,
    requestId,
  ]);
  const { companyId, id, userId, email, name, roles } = member;
  const [row] = await query<Record<string, unknown>>(
    `INSERT INTO "Membership" ("companyId", id, "userId", email, name, roles) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *`,
    [companyId, id, userId, email, name, roles],
  );
  return { entity: 'Membership' as const, entityId: id, after: snapshotOf('Membership', row ?? {}) };
}
