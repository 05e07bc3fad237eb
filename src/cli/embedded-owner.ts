import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the owner's connection of the embedded database, which runs as long as its server does.
 * @param otherwise what to do instead of starting the server
 */
export function embeddedOwner(dataDir: string, otherwise: string): string {
  const path = join(dataDir, 'connections.json');
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { owner: string }).owner;
  } catch (cause) {
    throw new Error(`${path} not found. Start the server once, or ${otherwise}`, { cause });
  }
}
