import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/config.ts';
import { type MailboxMessage, mailboxMessages } from '../../../src/notifications/dev-mailbox.ts';
import { openWorld, type World } from './world.ts';

/**
 * A world whose mails go to a folder of its own, and whose clients can each have their own address
 * (`from()`).
 */
export type MailboxWorld = World & {
  /** Every mail delivered to an address, oldest first, after the mailer has settled. */
  mailsTo: (email: string) => Promise<MailboxMessage[]>;
  /** The email token in the latest mail to an address. */
  linkTo: (email: string) => Promise<string>;
};

export async function openMailboxWorld(changes: Partial<Config> = {}): Promise<MailboxWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-mail-'));
  const world = await openWorld({
    mail: { kind: 'folder', folder },
    trustedProxies: ['127.0.0.1'],
    ...changes,
  });
  const mailsTo = async (email: string) => {
    await world.services.mailer.settled();
    return (await mailboxMessages(folder)).filter(({ to }) => to === email).reverse();
  };
  const linkTo = async (email: string) => {
    const mails = await mailsTo(email);
    const token = mails
      .map(({ text }) => /#token=([\w-]+)/.exec(text)?.[1])
      .filter((found) => found !== undefined)
      .at(-1);
    if (!token) throw new Error(`no email token was sent to ${email}: ${JSON.stringify(mails)}`);
    return token;
  };
  const end = async () => {
    await world.end();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...world, mailsTo, linkTo, end };
}

let hosts = 0;
/** Headers of a client with a new address, for limits by address. */
export const from = (): Record<string, string> => {
  hosts += 1;
  return { 'x-forwarded-for': `198.51.${(hosts >> 8) & 255}.${hosts & 255}` };
};
