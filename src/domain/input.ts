import { isValidIBAN } from 'ibantools';
import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { emailAddress } from './email.ts';
import { electronicIban } from './iban.ts';
import { normalizedText, textProblem } from './text.ts';

/** Parses input by its schema. Error: INVALID_INPUT with each path and its rule. */
export function validated<Input>(schema: z.ZodType<Input, unknown>, input: unknown): Input {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalidInput(
    Object.fromEntries(
      result.error.issues.map((issue) => [['input', ...issue.path].join('.'), ruleOf(issue)]),
    ),
  );
}

/** zod's own words for another type speak of the input; the others are those of the schemas. */
const ruleOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')
    ? `expected a value of type ${issue.expected}`
    : issue.message;

/** The input of a use case without input. */
export const nothing = z.unknown();

/** One line of readable text, 1 to `max` characters, in NFC, trimmed. */
export const text = (max: number) =>
  z.string().transform((value, context) => {
    const problem = textProblem(value, max);
    if (problem === null) return normalizedText(value);
    context.addIssue(problem);
    return z.NEVER;
  });

/** An e-mail address in its canonical form (email.ts). */
export const email = z.string().transform((value, context) => {
  const address = emailAddress(value);
  if (address !== null) return address;
  context.addIssue('expected an e-mail address');
  return z.NEVER;
});

/** An IBAN with its check digits (ISO 13616-1, ISO 7064 MOD 97-10), stored without separators. */
export const iban = z
  .string()
  .max(100, 'expected an IBAN')
  .transform(electronicIban)
  .refine(isValidIBAN, 'expected an IBAN with valid length and check digits');

/** A BCP 47 language tag in canonical form. */
export const languageTag = z
  .string()
  .trim()
  .max(35, 'expected a language tag such as en or pt-BR')
  .transform((tag, context) => {
    try {
      return Intl.getCanonicalLocales(tag)[0] as string;
    } catch {
      context.addIssue('expected a language tag such as en or pt-BR');
      return z.NEVER;
    }
  });

/** A global id, already decoded by the schema: its UUID. */
export const id = z.object({ id: z.uuid('expected an id') }).transform((global) => global.id.toLowerCase());

/** An exact amount: up to 12 digits, up to 4 decimals, not negative. Text, never a float. */
export const amount = z
  .string()
  .regex(
    /^(0|[1-9]\d{0,11})(\.\d{1,4})?$/,
    'expected an amount such as 1234.50: not negative, up to 12 digits and 4 decimals',
  );

/** A calendar day, YYYY-MM-DD, as the Date at its midnight in UTC. */
export const day = z.iso
  .date('expected a day such as 2026-01-31')
  .refine((value) => value >= '1900-01-01' && value < '2200-01-01', 'expected a day from 1900 to 2199')
  .transform((value) => new Date(`${value}T00:00:00Z`));

/** A month, YYYY-MM. */
export const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'expected a month such as 2026-01');

export const identifier = (what: string) =>
  z
    .string()
    .trim()
    .transform((value) => value.replaceAll(/\s/g, '').toUpperCase())
    .pipe(z.string().regex(/^[A-Z0-9-]{4,34}$/, `expected ${what}: 4 to 34 letters, digits or dashes`));

/** An email token. Malformed tokens are treated as unknown. */
export const token = z.string().min(1, 'expected a token').max(200, 'expected a token');

/** A new password; auth/password/strength.ts validates it. */
export const newPassword = z
  .string()
  .min(1, 'expected a password')
  .max(1024, 'expected at most 1024 characters')
  .refine((value) => value.isWellFormed(), 'expected well-formed Unicode');
