import type { Logger } from 'pino';
import type { Sighting } from './auth/api-keys/anomaly.ts';
import type { AttemptStore } from './auth/lockout/limits.ts';
import type { SigningKeys } from './auth/tokens/signing-keys.ts';
import type { Config } from './config.ts';
import type { Keyring } from './crypto/keys/keyring.ts';
import type { Db } from './db/client.ts';
import type { TenantPool } from './db/tenant/pool.ts';
import type { Mailer } from './notifications/mailer.ts';

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
  attempts: AttemptStore;
  mailer: Mailer;
  /** Hears what is unusual about an API key (auth/api-keys/anomaly-notice.ts). */
  watch: (sighting: Sighting) => void;
  log: Logger;
  /** Ends every connection. */
  close: () => Promise<void>;
};
