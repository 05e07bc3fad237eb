import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { performerOf } from '../../audit/record/body.ts';
import { transactionAs } from '../../db/sql.ts';
import { languageTag } from '../../domain/input.ts';
import { identityCommand } from '../identity-command.ts';

/** Sets the language of the user's mails. Accepts any tag; notifications/templates.ts chooses the nearest. Error: INVALID_INPUT. */
export const setLanguage = identityCommand({
  caller: 'user',
  input: z.object({ language: languageTag }),
  run: async ({ services, origin, actor, input }) => {
    const { pool } = services;
    const { language } = input;
    const { companyId, userId } = actor;
    await transactionAs(pool, { companyId, userId }, async (query) => {
      await query('UPDATE "User" SET language = $2 WHERE id = $1', [userId, language]);
      const facts = { action: 'user.languageSet' as const, data: { language } };
      await append(query, companyId, [{ ...facts, performer: performerOf(actor), origin }]);
    });
    return language;
  },
});
