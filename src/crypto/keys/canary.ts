import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { binding, newKeyBytes, openSeal, seal, toKey } from '../aead.ts';
import { KeyUnavailable, type MasterKey, type TransactionQuery } from './keyring.ts';

const PROOF = 'bulwark master key';
const proofBinding = (id: string): string => binding('master', id);

/**
 * Start-up's proof that encryption works and that these are the keys that the database was written with (E9). A new master key
 * leaves a proof behind; a known one must open its own; every one that wraps a data key must be given. Throws KeyUnavailable,
 * naming all that is wrong at once; the server must not start then. `query` needs no company.
 */
export async function proveKeys(query: TransactionQuery, masterKeys: MasterKey[]): Promise<void> {
  if (masterKeys.length === 0) throw new KeyUnavailable('master keys: expected at least one');
  const problems = [
    ...roundTrip(masterKeys),
    ...(await missing(query, masterKeys)),
    ...(await foreign(query, masterKeys)),
  ];
  if (problems.length > 0) throw new KeyUnavailable(`master keys: ${problems.join('; ')}`);
}

/** Seals and opens with each key, and sees that a changed binding doesn't open. */
function roundTrip(masterKeys: MasterKey[]): string[] {
  return masterKeys.flatMap(({ id, key }) => {
    const bytes = newKeyBytes();
    const text = seal(toKey(key), id, bytes, proofBinding(id));
    const opened = openSeal(toKey(key), text, proofBinding(id));
    const sound = timingSafeEqual(bytes, opened) && !opens(toKey(key), text, binding('other', id));
    return sound ? [] : [`'${id}' does not open what it sealed: this Node's AES-256-GCM is broken`];
  });
}

/** Data keys of all companies are counted by a function of the database: the server's role sees one company's at a time. */
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

/** Known ids with other bytes. A new id's proof is written first; of two servers that start at once, one writes it and both check it. */
async function foreign(query: TransactionQuery, masterKeys: MasterKey[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { id, key } of masterKeys) {
    const proof = seal(toKey(key), id, PROOF, proofBinding(id));
    await query('INSERT INTO "MasterKeyCheck" ("masterKey", proof) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      id,
      proof,
    ]);
    const [row] = (await query('SELECT proof FROM "MasterKeyCheck" WHERE "masterKey" = $1', [id])) as {
      proof: string;
    }[];
    if (!row || !opens(toKey(key), row.proof, proofBinding(id))) {
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
