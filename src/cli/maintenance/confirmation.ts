import { createInterface } from 'node:readline/promises';
import type { Maintenance } from '../../config/maintenance.ts';
import { StartupError } from '../../config/startup-error.ts';
import { equalSecrets, newCode } from '../../crypto/token.ts';
import { devMailbox } from '../../notifications/dev-mailbox.ts';
import type { Deliver } from '../../notifications/message.ts';
import { now } from '../../notifications/notify.ts';
import { smtp } from '../../notifications/smtp.ts';
import type { Operation } from '../../notifications/template-data.ts';
import { defaultLanguage, renderTemplate } from '../../notifications/templates.ts';

const MINUTES = 10;
const ATTEMPTS = 3;

type Setting = Pick<Maintenance, 'mail' | 'operatorEmail'>;

/**
 * Asks for a code that is mailed to OPERATOR_EMAIL. Without a mail server there is no one to mail
 * it to, and the address and name of the database are asked for.
 * @param database as `host:port/name`
 * @throws {StartupError} without a terminal, for a code that cannot be mailed, and after wrong
 * answers
 */
export async function confirm(setting: Setting, operation: Operation, database: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new StartupError(
      `A ${operation} is confirmed on a terminal, and this is none: nothing was changed.`,
    );
  const { mail, operatorEmail } = setting;
  if (mail.kind === 'none')
    return ask(`SMTP_URL is not set. Type ${database} to confirm the ${operation}: `, database, 1);
  if (!operatorEmail)
    throw new StartupError(
      'OPERATOR_EMAIL: missing; the address that confirms a restore or a reset by mail.',
    );
  const code = newCode();
  const message = renderTemplate({ to: operatorEmail, language: defaultLanguage }, 'confirmOperation', {
    ...{ operation, database, code, minutes: MINUTES, when: now() },
  });
  await send(mail, message);
  const until = performance.now() + MINUTES * 60_000;
  await ask(`Enter the code that was mailed to ${operatorEmail}: `, code, ATTEMPTS);
  if (performance.now() > until) throw new StartupError('The code has expired; nothing was changed.');
}

/** Asks until the answer is the expected one. Throws after the last attempt. */
export async function ask(question: string, expected: string, attempts: number): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    for (let attempt = 0; attempt < attempts; attempt++)
      if (equalSecrets((await terminal.question(question)).trim(), expected)) return;
  } finally {
    terminal.close();
  }
  throw new StartupError('That was not confirmed; nothing was changed.');
}

/** Waits for the delivery: without the mail there is nothing to enter. */
async function send(mail: Setting['mail'], message: Parameters<Deliver>[0]): Promise<void> {
  if (mail.kind === 'folder') return devMailbox(mail.folder)(message);
  if (mail.kind === 'none') return;
  const deliver = smtp(mail);
  try {
    await deliver(message);
  } catch (error) {
    const { code, responseCode } = error as { code?: string; responseCode?: number };
    throw new StartupError(
      `SMTP_URL: the code could not be mailed (${responseCode ?? code ?? 'no answer'}).`,
      {
        cause: error,
      },
    );
  } finally {
    deliver.close();
  }
}
