import { join } from 'node:path';
import { copyOut } from './copy-out.ts';
import { writeEncrypted } from './encrypted-file.ts';
import { type Manifest, manifestLine } from './manifest.ts';
import { canDump, dump } from './postgres-programs.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';

export type Backup = { path: string; bytes: number; manifest: Manifest };

type Order = {
  /** Names the connection in messages. */
  variable: string;
  url: string;
  recipients: string[];
  folder: string;
  /** Hears bytes of content, and about how many there will be. */
  progress?: (done: number, all: number) => void;
};

/**
 * Backs up a whole database as of one instant: by `pg_dump` where one is installed that is not
 * older than the server, else by COPY of each table.
 */
export async function takeBackup({ variable, url, recipients, folder, progress }: Order): Promise<Backup> {
  const snapshot = await openSnapshot(variable, url);
  try {
    const content = (await canDump(snapshot.manifest.postgres)) ? 'pg_dump' : 'copy';
    const manifest: Manifest = { ...snapshot.manifest, content };
    const path = join(folder, nameOf(manifest));
    const bytes = await writeEncrypted(path, recipients, counted(parts(manifest, url, snapshot)));
    return { path, bytes, manifest };
  } finally {
    await snapshot.db.end();
  }

  async function* counted(source: AsyncIterable<Uint8Array>) {
    let done = 0;
    for await (const part of source) {
      done += part.length;
      progress?.(done, snapshot.bytes);
      yield part;
    }
  }
}

async function* parts(manifest: Manifest, url: string, { db, id }: Snapshot): AsyncGenerator<Uint8Array> {
  yield manifestLine(manifest);
  yield* manifest.content === 'pg_dump' ? dump(url, id) : copyOut(db, Object.keys(manifest.counts));
}

/** Names sort by time. */
const nameOf = ({ database, takenAt }: Manifest): string =>
  `${database.replaceAll(/[^\w-]/g, '_')}-${takenAt.replaceAll(/[-:]/g, '')}.age`;
