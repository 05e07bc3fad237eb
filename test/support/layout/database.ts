import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SystemPostgres } from '../db/system-postgres.ts';
import { makeDemo } from '../server/demo.ts';
import { runProgram } from '../server/program.ts';
import { ownerUrl, rolesScript } from './deployment-files.ts';

const execute = promisify(execFile);

// a crash loses nothing that a test needs
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

export type LayoutDatabase = {
  port: number;
  /** The superuser's connection, which tests read rows with. */
  superuser: string;
  stop(): Promise<void>;
};

/**
 * PostgreSQL as the image starts it: roles by deploy/postgres/roles.sh, logins by password, then
 * the migration with the owner's connection.
 */
export async function startDatabase(secrets: string, password: string): Promise<LayoutDatabase> {
  const servers = new SystemPostgres();
  const data = await servers.create('data');
  const rules = join(data, 'pg_hba.conf');
  writeFileSync(rules, `host bulwark all all scram-sha-256\n${readFileSync(rules, 'utf8')}`);
  const postgres = new URL(await servers.serve(data, ...SETTINGS));
  const port = Number(postgres.port);
  await createRoles(secrets, port);
  const migration = { MIGRATION_DATABASE_URL: ownerUrl(port, password) };
  const { code, error } = await runProgram('migrate', { environment: migration });
  if (code !== 0) throw new Error(`the migration ended with ${code}: ${error}`);
  const superuser = Object.assign(new URL(postgres), { pathname: '/bulwark', password }).href;
  return { port, superuser, stop: () => servers.end() };
}

async function createRoles(secrets: string, port: number): Promise<void> {
  const script = join(secrets, 'roles.sh');
  writeFileSync(script, rolesScript(secrets));
  const connection = { PGHOST: '127.0.0.1', PGPORT: String(port) };
  const env = { ...process.env, ...connection, POSTGRES_USER: 'postgres' };
  await execute('bash', [script], { env });
  const password = readFileSync(join(secrets, 'server_password'), 'utf8');
  const words = ['--username=postgres', `--command=ALTER ROLE postgres PASSWORD '${password}'`];
  await execute('psql', words, { env });
}

/** The demo's two companies, with which a production server never starts; past PgBouncer. */
export function addDemo(server: Record<string, string>, port: number): Promise<void> {
  const direct = (name: string) => Object.assign(new URL(server[name] ?? ''), { port: String(port) }).href;
  const [id = '', key = ''] = (server.MASTER_KEYS ?? '').split(':');
  const connections = { app: direct('DATABASE_URL'), platform: direct('PLATFORM_DATABASE_URL') };
  return makeDemo(connections, Buffer.from(key, 'base64'), id);
}
