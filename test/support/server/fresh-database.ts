import { inject } from 'vitest';
import { asOwner, copyDatabase, databaseUrl } from './global-setup.ts';

/**
 * A database of a test file's own, migrated and empty, or with the demo in it. `drop` in afterAll;
 * open connections do not stop it.
 */
export type FreshDatabase = { ownerUrl: string; appUrl: string; platformUrl: string; drop(): Promise<void> };

export async function freshDatabase(content: 'nothing' | 'demo' = 'nothing'): Promise<FreshDatabase> {
  const { ownerUrl, demo, logins, ...shared } = inject('postgres');
  const template = content === 'demo' ? demo.template : shared.template;
  const name = `bulwark_test_${crypto.randomUUID().replaceAll('-', '')}`;
  await copyDatabase(ownerUrl, template, name);
  return {
    ownerUrl: databaseUrl(ownerUrl, name),
    appUrl: databaseUrl(ownerUrl, name, logins.app),
    platformUrl: databaseUrl(ownerUrl, name, logins.platform),
    drop: async () => {
      await asOwner(ownerUrl, (db) => db.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}
