import { setLanguage } from '../../auth/account/language.ts';
import { languages } from '../../notifications/templates.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';

const SetLanguageInput = builder.inputType('SetLanguageInput', {
  fields: (t) => ({
    language: t.string({ required: true, description: 'As browsers name it, `de` or `pt-BR`.' }),
  }),
});

builder.mutationField('setLanguage', (t) =>
  t.string({
    description: `What your mails and texts are written in. Those that there are: ${Object.keys(languages).join(', ')}; for others it is the nearest, or English.`,
    args: { input: t.arg({ type: SetLanguageInput, required: true }) },
    ...allowedBy(setLanguage),
    resolve: (_root, { input }, context) => context.execute(setLanguage, input),
  }),
);
