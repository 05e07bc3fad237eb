/**
 * `npm run create-admin -- EMAIL "NAME"`: creates the platform and its first administrator, once
 * for a deployment.
 */
import { closeServices, openServices } from '../app.ts';
import { PLATFORM_ID } from '../auth/authorization/permissions.ts';
import { hashPassword } from '../auth/password/hash.ts';
import { StartupError } from '../config/startup-error.ts';
import { readConfig } from '../config.ts';
import { foundPlatform } from '../domain/organization/company.ts';
import { asSystem, giveFirstPassword } from '../domain/platform/system.ts';
import { AppError } from '../errors.ts';
import { createLog } from '../http/logger.ts';
import { report } from './failure.ts';
import { wordsOf } from './words.ts';

async function main(): Promise<void> {
  const [email = '', name = ''] = wordsOf('npm run create-admin -- EMAIL "NAME"', 2);
  const config = readConfig();
  if (config.database.kind !== 'external')
    throw new StartupError(
      'DATABASE_URL: missing; the demo data of development already has an administrator.',
    );
  const { url, platformUrl } = config.database;
  const services = await openServices(config, { app: url, platform: platformUrl ?? null }, createLog(config));
  try {
    await asSystem(services, PLATFORM_ID)(foundPlatform, {
      name: 'Platform',
      administrator: { email, name },
    });
    const password = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url');
    await giveFirstPassword(services, PLATFORM_ID, email.trim().toLowerCase(), await hashPassword(password));
    console.log(`${email} administers the platform. The password, shown this once: ${password}`);
  } finally {
    await closeServices(services);
  }
}

await main().catch((error: Error) => {
  process.exitCode = report(inWords(error));
});

function inWords(error: Error & { code?: string }): Error {
  if (error.code === 'P2002' || /unique constraint/i.test(error.message))
    return new Error('The platform exists already; invite further administrators through the API.');
  if (!(error instanceof AppError)) return error;
  return new Error([error.message, error.fields && JSON.stringify(error.fields)].filter(Boolean).join(' '));
}
