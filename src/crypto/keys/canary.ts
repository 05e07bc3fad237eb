import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { StartupError } from '../../config/startup-error.ts';
import { binding, newKeyBytes, openSeal, seal, toKey } from '../aead.ts';
import type { MasterKey, TransactionQuery } from './keyring.ts';

const CHECK_VALUE = 'bulwark master key';
const checkBinding = (id: string): string => binding('master', id);

/**
 * Verifies that encryption works and that the master keys are those that the database was written
 * with (E9). A new master key stores a check value, a known one must open its own, and every key
 * that wraps a data key must be present. Throws StartupError with all problems. `query` needs no
 * company.
 */
export async function verifyMasterKeys(query: TransactionQuery, masterKeys: MasterKey[]): Promise<void> {
  if (masterKeys.length === 0) throw new StartupError('MASTER_KEYS: expected at least one.');
  const problems = [
    ...roundTrip(masterKeys),
    ...(await missing(query, masterKeys)),
    ...(await foreign(query, masterKeys)),
  ];
  if (problems.length > 0)
    throw new StartupError(
      `MASTER_KEYS: ${problems.join('; ')}; give the keys that the database was written with.`,
    );
}

/** Seals and opens with each key, and verifies that another binding does not open. */
function roundTrip(masterKeys: MasterKey[]): string[] {
  return masterKeys.flatMap(({ id, key }) => {
    const bytes = newKeyBytes();
    const text = seal(toKey(key), id, bytes, checkBinding(id));
    const opened = openSeal(toKey(key), text, checkBinding(id));
    const sound = timingSafeEqual(bytes, opened) && !opens(toKey(key), text, binding('other', id));
    return sound ? [] : [`'${id}' does not open what it sealed: this Node's AES-256-GCM is broken`];
  });
}

/**
 * Finds missing master keys by a database function, because the server role sees one company's data
 * keys at a time.
 */
async function missing(query: TransactionQuery, masterKeys: MasterKey[]): Promise<string[]> {
  const given = new Set(masterKeys.map(({ id }) => id));
  const rows = (await query('SELECT master_key AS id, data_keys AS count FROM master_keys_in_use()', [])) as {
    id: string;
    count: string;
  }[];
  return rows
    .filter(({ id }) => !given.has(id))
    .map(({ id, count }) => `'${id}' wraps ${count} data keys and is not given`);
}

/**
 * Finds known ids with other bytes. A new id's check value is written first; of two concurrent
 * starts, one writes it and both verify it.
 */
async function foreign(query: TransactionQuery, masterKeys: MasterKey[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { id, key } of masterKeys) {
    const check = seal(toKey(key), id, CHECK_VALUE, checkBinding(id));
    await query('INSERT INTO "MasterKeyCheck" ("masterKey", proof) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      id,
      check,
    ]);
    const [row] = (await query('SELECT proof FROM "MasterKeyCheck" WHERE "masterKey" = $1', [id])) as {
      proof: string;
    }[];
    if (!row || !opens(toKey(key), row.proof, checkBinding(id))) {
      problems.push(`'${id}' has other bytes than when this database was first written with it`);
    }
  }
  return problems;
}

function opens(key: KeyObject, text: string, associated: string): boolean {
  try {
    openSeal(key, text, associated);
    return true;
  } catch {
    return false;
  }
}
