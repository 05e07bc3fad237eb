import { connectionsPerProcess } from '../../app.ts';
import { readMaintenance } from '../../config.ts';
import { administrators, demoAccounts } from './accounts.ts';
import { backups } from './backups.ts';
import { certificate } from './certificate.ts';
import type { Deployment } from './deployment.ts';
import { cookies, cors, exposure, ready, securityHeaders } from './edge.ts';
import type { Finding } from './finding.ts';
import { crossCompany, indexes, rowSecurity, serverRole } from './isolation.ts';
import { masterKeyAge, masterKeys } from './keys.ts';
import { configuration, disk, prisma } from './machine.ts';
import { clock, connections, tls, version } from './postgres.ts';
import { replicas } from './replicas.ts';

export type Check = {
  name: string;
  run: (deployment: Deployment) => Promise<Finding>;
  /** What to do about a finding, in one sentence. */
  fix: string;
};

/** Everything that is checked, in this order. A new check is a line here and a function beside. */
export const checks: readonly Check[] = [
  {
    name: 'configuration',
    run: configuration,
    fix: 'Set the variables as the warnings say (docs/operations.md, Environment).',
  },
  {
    name: 'server answers',
    run: ready,
    fix: 'Start the server at PUBLIC_URL, and repair what /health/ready names.',
  },
  {
    name: 'database role',
    run: serverRole,
    fix: 'Give DATABASE_URL a login that is a member of bulwark_app and of nothing else.',
  },
  {
    name: 'row-level security',
    run: rowSecurity,
    fix: 'Run npm run migrate; a table of your own needs ENABLE and FORCE ROW LEVEL SECURITY and its policies.',
  },
  {
    name: 'cross-company probe',
    run: crossCompany,
    fix: 'Stop the server, restore the policies of the named tables, and search the audit log for reads.',
  },
  {
    name: 'PostgreSQL version',
    run: version,
    fix: 'Install the newest minor release of PostgreSQL and restart it (https://www.postgresql.org/support/security/).',
  },
  { name: 'TLS to the database', run: tls, fix: 'Add sslmode=verify-full and sslrootcert to DATABASE_URL.' },
  {
    name: 'database connections',
    run: connections(connectionsPerProcess),
    fix: 'Raise max_connections, or the CONNECTION LIMIT of the role or the database, or put PgBouncer between.',
  },
  {
    name: 'read replicas',
    run: replicas,
    fix: 'Give standbys of the primary in REPLICA_DATABASE_URLS, with the role and database of DATABASE_URL.',
  },
  { name: 'indexes', run: indexes, fix: 'Add a migration with an index that begins with the named columns.' },
  { name: 'clock', run: clock, fix: 'Set the clocks of both machines by NTP.' },
  { name: 'master keys', run: masterKeys, fix: 'Give the MASTER_KEYS that the database was written with.' },
  {
    name: 'master key age',
    run: masterKeyAge,
    fix: 'Put a new key, whose id begins with its year and month, first in MASTER_KEYS.',
  },
  {
    name: 'administrators',
    run: administrators,
    fix: 'Let each administrator of the platform sign in and enrol a second factor.',
  },
  {
    name: 'demo accounts',
    run: demoAccounts,
    fix: 'Remove the demo companies, or start with an empty database.',
  },
  {
    name: 'security headers',
    run: securityHeaders,
    fix: 'Let the proxy pass the headers of the server unchanged.',
  },
  {
    name: 'certificate',
    run: (deployment) => certificate(deployment),
    fix: 'Renew the certificate of PUBLIC_URL, and let ACME renew it from now on.',
  },
  {
    name: 'session cookie',
    run: cookies,
    fix: 'Let the proxy pass Set-Cookie unchanged, and serve PUBLIC_URL by https.',
  },
  { name: 'CORS', run: cors, fix: 'Set CORS_ORIGINS, and let the proxy add no access-control headers.' },
  {
    name: 'exposure',
    run: exposure,
    fix: 'Set APP_ENV=production, and METRICS_TOKEN or a METRICS_PORT inside the network.',
  },
  { name: 'disk', run: disk, fix: 'Free space, or enlarge the disk that the server runs on.' },
  { name: 'Prisma', run: prisma, fix: 'Install the versions of package-lock.json by npm ci.' },
  {
    name: 'backup and drill',
    run: () => backups(readMaintenance().backupDir),
    fix: 'Run npm run backup daily and npm run restore-drill weekly (docs/operations.md, Backup and restore).',
  },
];
