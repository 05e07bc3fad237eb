import type { Logger } from 'pino';
import type { Sighting } from '../auth/key-anomaly.ts';
import type { Tries } from '../auth/lockout.ts';
import type { SigningKeys } from '../auth/signing-key.ts';
import type { Config } from '../config.ts';
import type { Keyring } from '../crypto/keyring.ts';
import type { Db } from '../db/client.ts';
import type { TenantPool } from '../db/tenant-pool.ts';
import type { Post } from '../mail/post.ts';

/** What lives as long as the server does. `platform` is missing when PLATFORM_DATABASE_URL isn't given. */
export type Services = {
  config: Config;
  pool: TenantPool;
  platform: TenantPool | null;
  db: Db;
  keyring: Keyring;
  /** What signs and verifies access tokens. */
  signingKeys: SigningKeys;
  /** Counts failed tries, over all instances. */
  tries: Tries;
  post: Post;
  /** Hears what is unusual about an API key (domain/key-watch.ts). */
  watch: (sighting: Sighting) => void;
  log: Logger;
  /** Ends every connection. */
  close: () => Promise<void>;
};
