import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Keyring } from '../crypto/keyring.ts';
import type { Db } from '../db/client.ts';
import type { TenantPool } from '../db/tenant-pool.ts';

/** What lives as long as the server does. `platform` is missing when PLATFORM_DATABASE_URL isn't given. */
export type Services = {
  config: Config;
  pool: TenantPool;
  platform: TenantPool | null;
  db: Db;
  keyring: Keyring;
  log: Logger;
  /** Ends every connection. */
  close: () => Promise<void>;
};
