import type { Query } from '../../db/sql.ts';
import { ownPolicies } from '../account/own-policies.ts';
import { verifyPassword } from './hash.ts';
import { type PasswordPreset, passwordWeakness, presets } from './strength.ts';

/** What a user's companies together ask of their password: every one's preset holds. */
export type PasswordRules = {
  presets: PasswordPreset[];
  companies: string[];
  secondFactor: boolean;
  history: number;
};

const longest = (names: PasswordPreset[]): number => Math.max(...names.map((name) => presets[name].history));

/** For the user of the context. Nobody's member is held to the default. */
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

/** The rules of one company, for somebody who has none yet. */
export const rulesOf = (preset: PasswordPreset, company: string): PasswordRules => ({
  presets: [preset],
  companies: [company],
  secondFactor: false,
  history: presets[preset].history,
});

/** Once there is one, every sign-in by password asks for it. The tables show the context's own rows only. */
async function hasSecondFactor(query: Query): Promise<boolean> {
  const [row] = await query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM "TotpFactor" WHERE "confirmedAt" IS NOT NULL) OR EXISTS (SELECT FROM "Passkey")
         OR EXISTS (SELECT FROM "ContactFactor" WHERE "confirmedAt" IS NOT NULL) AS found`,
  );
  return row?.found ?? false;
}

/** What is wrong with a new password for this user, as what is expected; `null` when nothing is. */
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

/** Whether it is the user's present password or one of their last. Each one costs a hash. */
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
