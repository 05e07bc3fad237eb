import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { anonymous, type Performer } from '../../audit/record/body.ts';
import { hashToken, isToken, newToken } from '../../crypto/token.ts';
import { queryAs } from '../../db/sql.ts';
import { email, id, languageTag, newPassword, text, token } from '../../domain/input.ts';
import { invalidInput, notFound } from '../../errors.ts';
import { languageOf, notify, requireMail } from '../../notifications/notify.ts';
import { defaultLanguage } from '../../notifications/templates.ts';
import type { Services } from '../../services.ts';
import type { PasswordPreset } from '../authorization/sign-in-policy.ts';
import { type IdentityTransaction, type IdentityWork, identityCommand } from '../identity-command.ts';
import { countMailRequest } from '../lockout/attempts.ts';
import { firstPassword } from '../password/first-password.ts';
import { replacePassword } from '../password/replace-password.ts';
import { rulesOf } from '../password/rules.ts';
import { linkTo } from '../tokens/email-token-link.ts';

/** Lifetime of a sign-up's token: the longest time in which no other mail is sent. */
const HOURS = 24;

const NO_TENANT = { companyId: null, userId: null };

type Rules = {
  company: string;
  mode: 'open' | 'domain' | 'approval';
  domains: string[];
  roles: string[];
  preset: PasswordPreset;
};

/**
 * Returns the sign-up rules of a company. Error: NOT_FOUND for one that admits by invitation only,
 * and for an unknown one.
 */
async function rulesIn({ pool }: Services, companyId: string, address: string): Promise<Rules> {
  const [rules] = await queryAs(pool, NO_TENANT)<Rules>(
    `SELECT company_name AS company, mode, domains, roles, preset FROM sign_up_rules($1) WHERE mode <> 'invitation'`,
    [companyId],
  );
  if (!rules) throw notFound();
  if (rules.mode === 'domain' && !rules.domains.includes(address.split('@')[1] ?? ''))
    throw invalidInput({ 'input.email': 'expected an address of a domain that this company takes' });
  return rules;
}

const signUpInput = z.object({
  companyId: id,
  email,
  name: text(200),
  language: languageTag.nullish(),
});

/**
 * Requests to join a company, which continues by mail. Answer and time are equal with and without
 * an account, which is looked up after the answer. The password is chosen with the mailed token, so
 * that the address's owner chooses it. Errors: UNAVAILABLE, INVALID_INPUT, NOT_FOUND for a company
 * that admits by invitation only, RATE_LIMITED.
 */
export const signUp = identityCommand({
  caller: 'anyone',
  input: signUpInput,
  run: async (work) => {
    const { services, origin, input } = work;
    requireMail(services);
    const { company } = await rulesIn(services, input.companyId, input.email);
    if (await countMailRequest(services, 'signUpMail', input.email, origin.ip))
      services.mailer.defer(() => mailSignUp(work, input, company));
    return { email: input.email };
  },
});

async function mailSignUp(
  { services, transaction }: IdentityWork,
  { companyId, email, name, ...given }: z.infer<typeof signUpInput>,
  company: string,
): Promise<void> {
  const secret = newToken();
  const language = (await languageOfAccount(services, email)) ?? given.language ?? defaultLanguage;
  const state = await transaction({ companyId, userId: null }, async (tx) => {
    const [member] = await tx<{ status: string }>(
      'SELECT status::text FROM "Membership" WHERE "companyId" = $1 AND email = $2',
      [companyId, email],
    );
    if (member) return member.status === 'invited' ? 'alreadyInvited' : 'alreadyMember';
    const [row] = await tx<{ id: string }>(
      `INSERT INTO "SignUpRequest" ("companyId", id, email, name, "tokenHash", "expiresAt", language)
       VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 hour', $7)
       ON CONFLICT ("companyId", email) DO UPDATE SET name = $4, "tokenHash" = $5, "expiresAt" = EXCLUDED."expiresAt", language = $7
       WHERE "SignUpRequest".status = 'unverified' RETURNING id`,
      [companyId, uuidv7(), email, name, hashToken(secret), HOURS, language],
    );
    if (!row) return 'waiting';
    await tx.append({ action: 'signUp.requested', data: { request: row.id } }, anonymous);
    return 'requested';
  });
  const reader = { email, language };
  if (state === 'alreadyMember' || state === 'alreadyInvited') notify(services, reader, state, { company });
  if (state !== 'requested') return;
  notify(services, reader, 'verifySignUp', {
    company,
    link: linkTo(services, 'verifyEmail', secret),
    hours: HOURS,
  });
}

/** Returns the language of the account with this address. */
async function languageOfAccount(services: Services, email: string): Promise<string | null> {
  const [user] = await queryAs(services.pool, NO_TENANT)<{ id: string }>(
    'SELECT id FROM user_for_sign_in($1)',
    [email],
  );
  return user ? languageOf(services, user.id) : null;
}

const verification = z.object({ token, password: newPassword.nullish() });

/** `member`: the user can sign in. `waiting`: a member of the company must approve. */
export type SignUpOutcome = 'member' | 'waiting';

type Request = { companyId: string; id: string; email: string; name: string; language: string };

/**
 * Verifies the address of a sign-up by its token. A user without a password chooses one; an
 * existing password stays. Errors: NOT_FOUND for a token that is unknown, used or expired,
 * INVALID_INPUT.
 */
export const verifyEmail = identityCommand({
  caller: 'anyone',
  input: verification,
  run: async ({ services, input, transaction }) => {
    const given = input;
    if (!isToken(given.token)) throw notFound();
    const [request] = await queryAs(services.pool, NO_TENANT)<Request>(
      'SELECT company_id AS "companyId", id, email, name, language FROM sign_up_of_token($1)',
      [hashToken(given.token)],
    );
    if (!request) throw notFound();
    const rules = await rulesIn(services, request.companyId, request.email);
    const userId = await userFor(services, request);
    const passwordRules = rulesOf(rules.preset, rules.company);
    const passwordHash = await firstPassword(
      services,
      { ...request, userId },
      passwordRules,
      given.password ?? null,
    );
    const outcome = await transaction({ companyId: request.companyId, userId }, (tx) =>
      join(tx, { ...request, userId }, rules, { token: given.token, passwordHash }),
    );
    return { outcome, email: request.email };
  },
});

async function userFor({ pool }: Services, { email, name, language }: Request): Promise<string> {
  const [row] = await queryAs(pool, NO_TENANT)<{ id: string }>(
    'SELECT user_for_invitation($1, $2, $3, $4::uuid) AS id',
    [email, name, language, crypto.randomUUID()],
  );
  return (row as { id: string }).id;
}

type Joining = Request & { userId: string };
type Proof = { token: string; passwordHash: string | null };

/**
 * Consumes the token, as the user in the company that they join: of concurrent requests with one
 * token, one passes.
 */
async function join(
  tx: IdentityTransaction,
  { companyId, id, userId, email, name }: Joining,
  { mode, roles }: Rules,
  { token, passwordHash }: Proof,
): Promise<SignUpOutcome> {
  const used = await tx(
    `UPDATE "SignUpRequest" SET status = 'waiting', "tokenHash" = NULL, "verifiedAt" = now(), "expiresAt" = $4
     WHERE "companyId" = $1 AND id = $2 AND "tokenHash" = $3 AND status = 'unverified' RETURNING 1`,
    [companyId, id, hashToken(token), FAR],
  );
  if (used.length === 0) throw notFound();
  await tx('UPDATE "User" SET "emailVerifiedAt" = now() WHERE id = $1', [userId]);
  if (passwordHash && !(await replacePassword(tx, userId, null, passwordHash))) throw notFound();
  const member = mode === 'approval' ? null : { id: uuidv7(), companyId, userId, email, name, roles };
  const performer = { kind: 'user' as const, userId };
  if (member) await admit(tx, id, member, performer);
  else await tx.append({ action: 'signUp.verified', data: { request: id } }, performer);
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
async function admit(tx: IdentityTransaction, requestId: string, member: Member, performer: Performer) {
  const { companyId, id, userId, email, name, roles } = member;
  await tx('DELETE FROM "SignUpRequest" WHERE "companyId" = $1 AND id = $2', [companyId, requestId]);
  await tx(
    `INSERT INTO "Membership" ("companyId", id, "userId", email, name, roles) VALUES ($1, $2, $3, $4, $5, $6)`,
    [companyId, id, userId, email, name, roles],
  );
  await tx.record([{ action: 'signUp.verified', entity: 'Membership', entityId: id }], performer);
}
