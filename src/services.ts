import type { Logger } from 'pino';
import type { Identities } from './auth/identity-version/identities.ts';
import type { AttemptStore } from './auth/lockout/limits.ts';
import type { Alerts } from './auth/rate-limit/alerts.ts';
import type { RateLimiter } from './auth/rate-limit/limit.ts';
import type { SigningKeys } from './auth/secrets/signing-keys.ts';
import type { Config } from './config.ts';
import type { Keyring } from './crypto/keys/keyring.ts';
import type { Db } from './db/client.ts';
import type { ClockWatch } from './db/clock.ts';
import type { Replicas } from './db/replicas/replicas.ts';
import type { TenantPool } from './db/tenant/pool.ts';
import type { HealthMonitor } from './health/monitor.ts';
import type { JobQueue } from './jobs/queue/queue.ts';
import type { Mailer } from './notifications/mailer.ts';
import type { OutageWatch } from './outage.ts';
import type { Uses } from './shortcuts.ts';

/** Objects that live as long as the server. `platform` is null without PLATFORM_DATABASE_URL. */
export type Services = {
  config: Config;
  pool: TenantPool;
  platform: TenantPool | null;
  /** Every pool by name, for figures. */
  pools: Readonly<Record<string, TenantPool>>;
  db: Db;
  /** Answer reads of queries; null without REPLICA_DATABASE_URLS. */
  replicas: Replicas | null;
  keyring: Keyring;
  /** Authenticates sessions and access tokens. */
  identities: Identities;
  /** How often each performance shortcut answered. */
  uses: Uses;
  /** Signs and verifies access tokens. */
  signingKeys: SigningKeys;
  /** Counts attempts over all instances. */
  attempts: AttemptStore;
  /** Which callers had alerts recently. */
  alerts: Alerts;
  /** Counts requests and operations of each caller. */
  rates: RateLimiter;
  mailer: Mailer;
  /** Takes jobs; `startJobs` runs them. */
  jobs: JobQueue;
  /** Leads to PostgreSQL itself, for locks that last as long as a session. */
  jobsUrl: string;
  /** What a row opens to the user whose own it is, by model (schema/policy/self-rights.ts). */
  selfRights: () => ReadonlyMap<string, readonly string[]>;
  log: Logger;
  /** Compares this machine's clock with the database's, which decides. */
  clock: ClockWatch;
  /** Tells whether the database is lost. */
  watchDatabase: OutageWatch;
  /** Measures this instance and its database. */
  health: HealthMonitor;
  /** Closes every connection. */
  close: () => Promise<void>;
};
