import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Deliver, Message } from './message.ts';

/** Messages that the mailbox shows, newest first. */
const LIMIT = 50;

export type MailboxMessage = Message & { at: string };

/**
 * Delivers messages to a folder instead of sending them: one file each, readable by its owner only.
 */
export const devMailbox =
  (folder: string): Deliver =>
  async (message) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${uuidv7()}.json`);
    const stored: MailboxMessage = { at: new Date().toISOString(), ...message };
    await writeFile(`${path}.part`, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.part`, path);
  };

/** Returns the folder's messages, newest first; none when the folder does not exist yet. */
export async function mailboxMessages(folder: string): Promise<MailboxMessage[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const newest = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse()
    .slice(0, LIMIT);
  return Promise.all(
    newest.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as MailboxMessage),
  );
}
