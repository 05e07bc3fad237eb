import { z } from 'zod';

/** Rows by table, as `public."Employee"`. */
export type Counts = Record<string, number>;

/**
 * The first line of a backup, as JSON. The content follows it: an archive of `pg_dump
 * --format=custom`, or the tables as `copy-out.ts` writes them.
 */
export type Manifest = {
  format: 'bulwark-backup-1';
  content: 'pg_dump' | 'copy';
  /** The instant of the snapshot, by the database's clock. */
  takenAt: string;
  database: string;
  /** The role that owns the tables. */
  owner: string;
  /** `server_version_num`. */
  postgres: number;
  migrations: { name: string; checksum: string }[];
  counts: Counts;
  /** Ids of the master keys that open its values. */
  masterKeys: string[];
};

const manifest = z.object({
  format: z.literal('bulwark-backup-1'),
  content: z.enum(['pg_dump', 'copy']),
  takenAt: z.iso.datetime(),
  database: z.string(),
  owner: z.string(),
  postgres: z.int(),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  counts: z.record(z.string(), z.int()),
  masterKeys: z.array(z.string()),
});

export const manifestLine = (content: Manifest): Buffer => Buffer.from(`${JSON.stringify(content)}\n`);

/** Parses the first line. Throws for a line that no backup of this format has. */
export function parseManifest(line: string): Manifest {
  const parsed = manifest.safeParse(jsonOf(line));
  if (!parsed.success) throw new Error('it is no backup of this version');
  return parsed.data;
}

/** Returns what a line of JSON holds; undefined for another line. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
