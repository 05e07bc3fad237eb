import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { type Origin, performerOf } from '../../audit/record/body.ts';
import { transactionAs } from '../../db/sql.ts';
import { languageTag, validated } from '../../domain/input.ts';
import type { Services } from '../../services.ts';
import type { Actor } from '../authorization/actor.ts';

/** What one's own mails are written in from now on. Any language may be named; see notifications/templates.ts for those that mails have. Error: INVALID_INPUT. */
export async function setLanguage(
  { pool }: Services,
  origin: Origin,
  actor: Actor,
  input: unknown,
): Promise<string> {
  const { language } = validated(z.object({ language: languageTag }), input);
  const { companyId, userId } = actor;
  await transactionAs(pool, { companyId, userId }, async (query) => {
    await query('UPDATE "User" SET language = $2 WHERE id = $1', [userId, language]);
    const facts = { action: 'user.languageSet' as const, data: { language } };
    await append(query, companyId, [{ ...facts, performer: performerOf(actor), origin }]);
  });
  return language;
}
