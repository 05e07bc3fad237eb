import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { DemoAccount } from '../domain/demo/demo.ts';

const packageFile = join(import.meta.dirname, '../../package.json');

/** What this start runs with, for the log; hosts only, no secret. */
export function summaryOf(config: Config): Record<string, string> {
  const { mail, redisUrl, trustedProxies } = config;
  return {
    version: JSON.parse(readFileSync(packageFile, 'utf8')).version,
    environment: config.env,
    address: `${config.tls ? 'https' : 'http'}://${config.host}:${config.port}`,
    publicUrl: config.publicUrl,
    database: databaseOf(config),
    attempts: redisUrl ? `Redis at ${new URL(redisUrl).host}` : 'PostgreSQL',
    mail: { smtp: 'SMTP', folder: `${config.publicUrl}/dev/mail`, none: 'none' }[mail.kind],
    proxies: trustedProxies.join(', ') || 'none',
  };
}

function databaseOf({ database, dataDir }: Config): string {
  if (database.kind === 'embedded') return `embedded PostgreSQL in ${dataDir}`;
  const { username, host, pathname } = new URL(database.url);
  return `PostgreSQL at ${host}${pathname} as ${decodeURIComponent(username)}`;
}

/** Prints where to go next, and the demo accounts: in development only. */
export function welcome(config: Config, accounts: DemoAccount[]): void {
  if (config.env !== 'development') return;
  const { publicUrl } = config;
  console.log(`\nBulwark listens on ${publicUrl}/graphql${accountTable(accounts)}`);
  console.log(
    `\nNext: open ${publicUrl} in a browser, or see every guarantee with its evidence: ${tourCommand(config)}\n`,
  );
}

function accountTable(accounts: DemoAccount[]): string {
  const [first] = accounts;
  if (!first) return '';
  const lines = accounts.map(
    ({ email, company, roles }) => `  ${email.padEnd(36)} ${company.padEnd(10)} ${roles.join(', ')}`,
  );
  return `\n\nDemo accounts, all with the password ${first.password}:\n${lines.join('\n')}`;
}

function tourCommand({ publicUrl, dataDir }: Config): string {
  const isUsual = publicUrl === 'http://127.0.0.1:4000' && dataDir === resolve('.data');
  return `npm run tour${isUsual ? '' : ` -- --url ${publicUrl}/graphql --data "${dataDir}"`}`;
}
