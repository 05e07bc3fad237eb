import type pg from 'pg';
import { expect } from 'vitest';
import { UnsafeDatabase, verifyDatabase } from '../../../src/db/startup/checks.ts';
import { freshDatabase } from '../server/fresh-database.ts';
import { connect } from './companies.ts';

/** A migrated database, and what start-up says of it. */
export type StartupDatabase = {
  owner: pg.Client;
  ownerUrl: string;
  /**
   * The message that stops the start for this client's role, by default the server's; '' when it
   * starts.
   */
  problems(client?: pg.Client): Promise<string>;
  /** The message while `change` is in force. Expects that the server starts again after `undo`. */
  problemsDuring(change: string, undo: string): Promise<string>;
  end(): Promise<void>;
};

export async function openStartupDatabase(): Promise<StartupDatabase> {
  const database = await freshDatabase();
  const owner = await connect(database.ownerUrl);
  const app = await connect(database.appUrl);
  const problems = (client = app) => problemsFor(client);
  return {
    owner,
    ownerUrl: database.ownerUrl,
    problems,
    async problemsDuring(change, undo) {
      await owner.query(change);
      try {
        return await problems();
      } finally {
        await owner.query(undo);
        expect(await problems()).toBe('');
      }
    },
    async end() {
      await Promise.all([app.end(), owner.end()]);
      await database.drop();
    },
  };
}

async function problemsFor(client: pg.Client): Promise<string> {
  try {
    await verifyDatabase(async (sql, values) => (await client.query(sql, values)).rows);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(UnsafeDatabase);
    return (error as Error).message;
  }
}
