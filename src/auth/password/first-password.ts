import { queryAs } from '../../db/sql.ts';
import { invalidInput } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { hashPassword } from './hash.ts';
import { storedHash } from './replace-password.ts';
import { type PasswordRules, weaknessUnder } from './rules.ts';

type Chooser = { userId: string; email: string; name: string };

/**
 * Returns the hash of a password chosen with an email token; null for users with a password, who
 * keep it. Error: INVALID_INPUT.
 */
export async function firstPassword(
  { pool }: Services,
  user: Chooser,
  rules: PasswordRules,
  password: string | null,
): Promise<string | null> {
  const { userId } = user;
  if ((await storedHash(queryAs(pool, { companyId: null, userId }))) !== null) return null;
  const weakness = password === null ? 'expected a password' : weaknessUnder(rules, password, user);
  if (weakness || password === null)
    throw invalidInput({ 'input.password': weakness ?? 'expected a password' });
  return hashPassword(password);
}
