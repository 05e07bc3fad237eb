import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/config.ts';
import { type MailboxMessage, mailboxMessages } from '../../../src/notifications/dev-mailbox.ts';
import { openWorld, type World } from './world.ts';

/** A world whose mails go to a folder of its own, and whose clients may each have an address: `from()` is the header of a new one. */
export type PostedWorld = World & {
  /** What was sent to an address so far, oldest first, once nothing is on its way. */
  mailsTo: (email: string) => Promise<MailboxMessage[]>;
  /** The token of the link in the latest mail to an address. */
  linkTo: (email: string) => Promise<string>;
};

export async function openPostedWorld(changes: Partial<Config> = {}): Promise<PostedWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-mail-'));
  const world = await openWorld({ mail: { kind: 'folder', folder }, trustProxy: ['127.0.0.1'], ...changes });
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
    if (!token) throw new Error(`no link was mailed to ${email}: ${JSON.stringify(mails)}`);
    return token;
  };
  const end = async () => {
    await world.end();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...world, mailsTo, linkTo, end };
}

let hosts = 0;
/** A client of its own, for what is limited by address. */
export const from = (): Record<string, string> => {
  hosts += 1;
  return { 'x-forwarded-for': `198.51.${(hosts >> 8) & 255}.${hosts & 255}` };
};
