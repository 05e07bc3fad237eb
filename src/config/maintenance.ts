import { join, resolve } from 'node:path';
import { type MailConfig, mailDelivery } from './delivery.ts';
import type { Environment } from './environment.ts';
import { ConfigError } from './startup-error.ts';
import type { MasterKey } from './values.ts';
import { variables } from './variables.ts';

/** The settings of backup, restore, restore drill and reset. */
export type Maintenance = {
  /** Absolute path. */
  dataDir: string;
  /** Absolute path of the folder that holds the backups. */
  backupDir: string;
  /** age recipients that each backup is encrypted to. */
  recipients: string[];
  /** File with the age identity that opens backups. */
  identityFile?: string;
  /** Reads every row: a superuser, or a role with BYPASSRLS. Else the owner. */
  backupUrl?: string;
  ownerUrl?: string;
  /** Creates the scratch database of a drill. Else the owner. */
  drillUrl?: string;
  masterKeys: MasterKey[];
  /** Receives the code that confirms a restore or a reset. */
  operatorEmail?: string;
  mail: MailConfig;
};

/** Reads the variables that these commands use, and no other. */
export function maintenanceFrom(environment: Environment): Maintenance {
  const parsed = variables.pick(NAMES).safeParse(environment);
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const read = parsed.data;
  const dataDir = resolve(read.DATA_DIR ?? '.data');
  const { BACKUP_IDENTITY_FILE, BACKUP_DATABASE_URL, MIGRATION_DATABASE_URL, DRILL_DATABASE_URL } = read;
  return {
    dataDir,
    backupDir: resolve(read.BACKUP_DIR ?? join(dataDir, 'backups')),
    recipients: read.BACKUP_RECIPIENT ?? [],
    ...(BACKUP_IDENTITY_FILE && { identityFile: resolve(BACKUP_IDENTITY_FILE) }),
    ...(BACKUP_DATABASE_URL && { backupUrl: BACKUP_DATABASE_URL }),
    ...(MIGRATION_DATABASE_URL && { ownerUrl: MIGRATION_DATABASE_URL }),
    ...(DRILL_DATABASE_URL && { drillUrl: DRILL_DATABASE_URL }),
    masterKeys: read.MASTER_KEYS ?? [],
    ...(read.OPERATOR_EMAIL && { operatorEmail: read.OPERATOR_EMAIL }),
    mail: mailDelivery(read, dataDir),
  };
}

const NAMES = {
  APP_ENV: true,
  DATA_DIR: true,
  MIGRATION_DATABASE_URL: true,
  MASTER_KEYS: true,
  SMTP_URL: true,
  MAIL_FROM: true,
  BACKUP_DIR: true,
  BACKUP_RECIPIENT: true,
  BACKUP_IDENTITY_FILE: true,
  BACKUP_DATABASE_URL: true,
  DRILL_DATABASE_URL: true,
  OPERATOR_EMAIL: true,
} as const;
