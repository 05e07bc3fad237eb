import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import { closeServices, openServer, openServices } from '../../../src/app.ts';
import type { Config } from '../../../src/config.ts';
import { migrate } from '../../../src/db/migrations.ts';
import type { ReplicaFigures } from '../../../src/db/replicas/replicas.ts';
import type { Services } from '../../../src/services.ts';
import { configWith, makeDemo, PASSWORD } from '../server/demo.ts';
import { asker, signInAs, type World } from '../server/world.ts';
import { asked, SystemPostgres } from './system-postgres.ts';

/** A primary with the demo in it, and a standby that streams from it. */
export type Replicated = {
  servers: SystemPostgres;
  /** Addresses of the superuser. */
  primary: string;
  standby: string;
  config: Config;
  end: () => Promise<void>;
};

/** The address of the server's role, or of the lister's. */
export const as = (role: 'server' | 'lister', url: string): string => url.replace('postgres@', `${role}@`);

export async function openReplicated(): Promise<Replicated> {
  const servers = new SystemPostgres();
  const key = randomBytes(32);
  const primary = await servers.serve(await servers.create('primary'));
  await migrate(primary, 'prisma/migrations');
  await asked(primary, 'CREATE ROLE server LOGIN IN ROLE bulwark_app');
  await asked(primary, 'CREATE ROLE lister LOGIN IN ROLE bulwark_platform');
  await makeDemo({ app: as('server', primary), platform: as('lister', primary) }, key);
  const standby = await addStandby({ servers, primary }, 'standby');
  return { servers, primary, standby, config: configWith(key), end: () => servers.end() };
}

/** Copies the primary, and lets the copy stream from it. */
export async function addStandby(
  { servers, primary }: Pick<Replicated, 'servers' | 'primary'>,
  name: string,
): Promise<string> {
  const copy = join(servers.folder, name);
  await servers.run('pg_basebackup', '-d', primary, '-D', copy, '-R', '--checkpoint=fast');
  return servers.serve(copy);
}

/** A server on these databases, in this process. */
export type ReplicatedServer = {
  services: Services;
  ask: World['ask'];
  logged: () => string;
  signIn: (role: string, company?: 'acme' | 'globex') => Promise<string>;
  /** What it knows of its only replica. */
  replica: () => ReplicaFigures;
  end: () => Promise<void>;
};

/** Longer than any test: a replica whose replay is paused stays in use. */
const MAX_LAG = 3_600_000;

export async function serveReplicated(
  { config }: Pick<Replicated, 'config'>,
  { app, replica, maxLag = MAX_LAG }: { app: string; replica: string; maxLag?: number },
): Promise<ReplicatedServer> {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const replicas = { urls: [replica], maxLag };
  const services = await openServices({ ...config, replicas }, { app, platform: null }, log);
  const server = openServer(services);
  const ask = asker(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
  return {
    services,
    ask,
    logged: () => lines.join(''),
    signIn: (role, company = 'acme') => signInAs(ask, `${role}@${company}.example`, PASSWORD),
    replica: () => services.replicas?.figures()[0] as ReplicaFigures,
    end: async () => {
      await server.close();
      await closeServices(services);
    },
  };
}
