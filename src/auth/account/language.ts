import { z } from 'zod';
import { languageTag } from '../../domain/input.ts';
import { identityCommand } from '../identity-command.ts';

/**
 * Sets the language of the user's mails. Accepts any tag; notifications/templates.ts chooses the
 * nearest. Error: INVALID_INPUT.
 */
export const setLanguage = identityCommand({
  caller: 'user',
  input: z.object({ language: languageTag }),
  run: ({ actor: { companyId, userId }, input: { language }, transaction }) =>
    transaction({ companyId, userId }, async (tx) => {
      const sql = 'UPDATE "User" SET language = $2 WHERE id = $1 AND language <> $2 RETURNING id';
      const changed = await tx(sql, [userId, language]);
      if (changed.length > 0) await tx.append({ action: 'user.languageSet', data: { language } });
      return language;
    }),
});
