import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const read = (name: string) => readFileSync(`deploy/${name}`, 'utf8');

/**
 * Replaces what differs on this machine, addresses and paths, and nothing else. Throws where a file
 * of deploy/ no longer has it.
 */
export function replaced(text: string, changes: Record<string, string>): string {
  return Object.entries(changes).reduce((changed, [before, after]) => {
    if (!changed.includes(before)) throw new Error(`deploy/: ${before} is no longer there`);
    return changed.replaceAll(before, after);
  }, text);
}

/** `servers` are addresses; the file's two lines give the form of each line. */
export function haproxyConfiguration(at: {
  https: number;
  http: number;
  certificate: string;
  servers: string[];
}): string {
  const line = '    server one server-1:4000\n';
  const servers = at.servers.map((address, index) => `    server number-${index + 1} ${address}\n`);
  return replaced(read('haproxy.cfg'), {
    'bind :443': `bind 127.0.0.1:${at.https}`,
    'bind :80': `bind 127.0.0.1:${at.http}`,
    '/run/secrets/certificate': at.certificate,
    [line]: servers.join(''),
    '    server two server-2:4000\n': '',
  });
}

export const pgbouncerConfiguration = (at: { postgres: number; port: number; users: string }): string =>
  replaced(read('pgbouncer/pgbouncer.ini'), {
    'host=postgres port=5432': `host=127.0.0.1 port=${at.postgres}`,
    'listen_addr = 0.0.0.0': 'listen_addr = 127.0.0.1',
    'listen_port = 6432': `listen_port = ${at.port}`,
    '/run/secrets/pgbouncer_users': at.users,
  });

/** The script that creates the roles; `secrets` is the folder of the passwords. */
export const rolesScript = (secrets: string): string =>
  replaced(read('postgres/roles.sh'), { '/run/secrets': secrets });

type Compose = {
  services: Record<string, { command?: string[]; environment?: Record<string, string> }>;
};
const compose = (): Compose['services'] => (parse(read('compose.yaml'), { merge: true }) as Compose).services;

/** Program and arguments of a service of the Compose file. */
export const commandOf = (service: string): string[] => compose()[service]?.command ?? [];

export type Addresses = { pgbouncer: number; postgres: number; redis: number };

/** Environment of a server: of the Compose file and of the example that its operator completes. */
export function serverEnvironment(
  ports: Addresses,
  { password, masterKey }: { password: string; masterKey: string },
): Record<string, string> {
  const { SMTP_URL: _, MAIL_FROM: __, ...example } = variablesOf('server.env.example'); // no mail server here
  const { environment = {} } = compose()['server-1'] ?? {};
  const text = replaced(JSON.stringify({ ...example, ...environment }), {
    'pgbouncer:6432': `127.0.0.1:${ports.pgbouncer}`,
    'postgres:5432': `127.0.0.1:${ports.postgres}`,
    'redis:6379': `127.0.0.1:${ports.redis}`,
    ':PASSWORD@': `:${password}@`,
    REPLACE_WITH_32_RANDOM_BYTES_IN_BASE64: masterKey,
    '10.89.0.0/24': '127.0.0.1',
  });
  return JSON.parse(text);
}

/** Environment of the migration. */
export const ownerUrl = (postgres: number, password: string): string =>
  replaced(variablesOf('owner.env.example').MIGRATION_DATABASE_URL ?? '', {
    'postgres:5432': `127.0.0.1:${postgres}`,
    PASSWORD: password,
  });

const variablesOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    [...read(name).matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
  );
