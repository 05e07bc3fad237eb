import type { Query } from '../../db/sql.ts';
import type { PasswordPreset } from '../authorization/sign-in-policy.ts';
import { ownPolicies } from '../policy/own-policies.ts';
import { verifyPassword } from './hash.ts';
import { passwordWeakness, presets } from './strength.ts';

/** The combined password policy of a user's companies: all presets apply. */
export type PasswordRules = {
  presets: PasswordPreset[];
  companies: string[];
  secondFactor: boolean;
  history: number;
};

const longest = (names: PasswordPreset[]): number => Math.max(...names.map((name) => presets[name].history));

/** Returns the policy for the user of the context; the default for a user without company. */
export async function passwordRules(query: Query): Promise<PasswordRules> {
  const own = await ownPolicies(query);
  const names = [...new Set(own.map(({ policy }) => policy?.passwordPreset ?? 'classic'))];
  const asked: PasswordPreset[] = names.length > 0 ? names : ['classic'];
  return {
    presets: asked,
    companies: own.map(({ companyName }) => companyName),
    secondFactor: await hasSecondFactor(query),
    history: longest(asked),
  };
}

/** Returns the policy of one company, for a new user. */
export const rulesOf = (preset: PasswordPreset, company: string): PasswordRules => ({
  presets: [preset],
  companies: [company],
  secondFactor: false,
  history: presets[preset].history,
});

/**
 * Returns whether the user has a second factor, which every sign-in with a password then requires.
 */
async function hasSecondFactor(query: Query): Promise<boolean> {
  const [row] = await query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM "TotpFactor" WHERE "confirmedAt" IS NOT NULL) OR EXISTS (SELECT FROM "Passkey")
         OR EXISTS (SELECT FROM "ContactFactor" WHERE "confirmedAt" IS NOT NULL) AS found`,
  );
  return row?.found ?? false;
}

/** Returns the rule that a new password of this user breaks; null for none. */
export function weaknessUnder(
  rules: PasswordRules,
  password: string,
  user: { email: string; name: string },
): string | null {
  const { companies, secondFactor } = rules;
  for (const preset of rules.presets) {
    const weakness = passwordWeakness(password, { ...user, companies, secondFactor, preset });
    if (weakness) return weakness;
  }
  return null;
}

/**
 * Returns whether it equals the user's current or a recent password. Each comparison costs a hash.
 */
export async function wasUsed(
  query: Query,
  password: string,
  stored: string | null,
  history: number,
): Promise<boolean> {
  const earlier = await query<{ passwordHash: string }>(
    'SELECT "passwordHash" FROM "PasswordHistory" ORDER BY "replacedAt" DESC, id DESC LIMIT $1',
    [Math.max(0, history - 1)],
  );
  for (const hash of [...(stored ? [stored] : []), ...earlier.map((row) => row.passwordHash)])
    if (await verifyPassword(hash, password)) return true;
  return false;
}
