/** `npm run create-admin -- EMAIL "NAME"`: creates the platform and its first administrator, once for a deployment. */
import { closeServices, openServices } from '../app.ts';
import { PLATFORM_ID } from '../auth/authorization/permissions.ts';
import { hashPassword } from '../auth/password/hash.ts';
import { ConfigError, EXIT_CONFIG } from '../config/startup-error.ts';
import { readConfig } from '../config.ts';
import { foundPlatform } from '../domain/organization/company.ts';
import { asSystem, giveFirstPassword } from '../domain/platform/system.ts';
import { AppError } from '../errors.ts';
import { createLog } from '../http/logger.ts';

const [email, name] = process.argv.slice(2);

async function main(): Promise<void> {
  if (!email || !name) throw new Error('usage: npm run create-admin -- EMAIL "NAME"');
  const config = readConfig();
  if (config.database.kind !== 'external')
    throw new Error('DATABASE_URL is not set; the demo data of development already has an administrator');
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

await main().catch((error: Error & { code?: string }) => {
  const taken = error.code === 'P2002' || /unique constraint/i.test(error.message);
  const fields = error instanceof AppError && error.fields ? ` ${JSON.stringify(error.fields)}` : '';
  console.error(
    taken
      ? 'The platform has been founded already; invite further administrators through the API.'
      : `${error.message}${fields}`,
  );
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
});
