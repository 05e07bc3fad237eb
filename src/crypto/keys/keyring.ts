import { AsyncLocalStorage } from 'node:async_hooks';
import type { KeyObject } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { binding, CannotOpen, deriveKey, keyIdOf, newKeyBytes, openSeal, seal, toKey } from '../aead.ts';

/** A key that only wraps data keys. 32 bytes. */
export type MasterKey = { id: string; key: Uint8Array };

/** `seal` keys encrypt columns, `index` keys compute blind indexes; no key does both. */
export type Purpose = 'seal' | 'index';

/** Runs statements in this company's context, each in its own transaction. */
export type KeyQuery = (companyId: string, sql: string, values: unknown[]) => Promise<object[]>;
/** Runs statements in a transaction that has its company's context. */
export type TransactionQuery = (sql: string, values: unknown[]) => Promise<object[]>;

type DataKey = { id: string; key: KeyObject };
type KeyRow = {
  id: string;
  scope: string;
  purpose: Purpose;
  version: number;
  masterKey: string;
  wrapped: string;
};

/** A company's data keys, unwrapped. */
export type CompanyKeys = {
  companyId: string;
  /** All versions of all scopes' sealing keys by id; old versions open existing values. */
  sealing: ReadonlyMap<string, KeyObject>;
  /** Returns the newest version; undefined for a scope without a key. */
  current(scope: string, purpose: Purpose): DataKey | undefined;
  /** Returns a key for one use, derived from the scope's index key at the first call. */
  indexing(scope: string, use: string): KeyObject | undefined;
};

export type Keyring = {
  /** Loads from the cache, or by one statement that concurrent calls share. */
  load(companyId: string): Promise<CompanyKeys>;
  /** Loads without the cache: another instance may have created a key. */
  reload(companyId: string): Promise<CompanyKeys>;
  /** Loads the company's keys and creates missing ones, once under concurrent calls. */
  ensure(companyId: string, wanted: [scope: string, purpose: Purpose][]): Promise<CompanyKeys>;
  /** Creates the keys of a new company in its transaction. Call `forget` if that rolls back. */
  create(query: TransactionQuery, companyId: string, scopes: string[]): Promise<CompanyKeys>;
  forget(companyId: string): void;
};

/** The keys without a company: none. */
export const noKeys: CompanyKeys = {
  companyId: '',
  sealing: new Map(),
  current: () => undefined,
  indexing: () => undefined,
};

/** A key is not available. Names ids, never bytes. */
export class KeyUnavailable extends Error {
  override readonly name = 'KeyUnavailable';
}

const CACHED_COMPANIES = 2_000;
const SELECT =
  'SELECT id, scope, purpose, version, "masterKey", wrapped FROM "DataKey" WHERE "companyId" = $1 ORDER BY version';
const INSERT = `INSERT INTO "DataKey" ("companyId", id, scope, purpose, version, "masterKey", wrapped)
  VALUES ($1, $2, $3, $4, 1, $5, $6) ON CONFLICT ("companyId", scope, purpose, version) DO NOTHING`;

/**
 * Opens the keyring. `query` must not use the connection of a caller's transaction: a key that
 * rolls back would stay in the cache and seal values that can never be opened. The first of
 * `masterKeys` wraps new keys.
 */
export function openKeyring(query: KeyQuery, masterKeys: MasterKey[], limit = CACHED_COMPANIES): Keyring {
  const masters = asMasters(masterKeys);
  // requests share what one of them loads, whatever becomes of that one
  const inNoRequest = AsyncLocalStorage.snapshot();
  const cache = new Map<string, Promise<CompanyKeys>>();
  const pending = new Map<string, Promise<CompanyKeys>>();

  const read = async (companyId: string, run: TransactionQuery): Promise<CompanyKeys> =>
    unwrapAll(masters, companyId, (await run(SELECT, [companyId])) as KeyRow[]);

  const keep = (companyId: string, keys: Promise<CompanyKeys>): Promise<CompanyKeys> => {
    cache.delete(companyId);
    cache.set(companyId, keys);
    if (cache.size > limit) cache.delete(cache.keys().next().value as string);
    keys.catch(() => cache.get(companyId) === keys && cache.delete(companyId));
    return keys;
  };

  const reload = (companyId: string): Promise<CompanyKeys> => {
    const running = pending.get(companyId);
    if (running) return running;
    const run: TransactionQuery = (sql, values) => inNoRequest(() => query(companyId, sql, values));
    const started = read(companyId, run).finally(() => pending.delete(companyId));
    pending.set(companyId, started);
    return keep(companyId, started);
  };

  const load = (companyId: string): Promise<CompanyKeys> => {
    const cached = cache.get(companyId);
    return cached ? keep(companyId, cached) : reload(companyId);
  };

  const ensure: Keyring['ensure'] = async (companyId, wanted) => {
    const keys = await load(companyId);
    const missing = wanted.filter(([scope, purpose]) => !keys.current(scope, purpose));
    if (missing.length === 0) return keys;
    const run: TransactionQuery = (sql, values) => query(companyId, sql, values);
    for (const [scope, purpose] of missing) await run(INSERT, newRow(masters, companyId, scope, purpose));
    return keep(companyId, read(companyId, run));
  };

  const create: Keyring['create'] = async (run, companyId, scopes) => {
    for (const scope of scopes) {
      for (const purpose of ['seal', 'index'] as const)
        await run(INSERT, newRow(masters, companyId, scope, purpose));
    }
    return keep(companyId, Promise.resolve(await read(companyId, run)));
  };

  return { load, reload, ensure, create, forget: (companyId) => void cache.delete(companyId) };
}

type Masters = { current: DataKey; byId: Map<string, KeyObject> };

function asMasters(masterKeys: MasterKey[]): Masters {
  const byId = new Map(masterKeys.map(({ id, key }) => [id, toKey(key)]));
  const first = masterKeys[0];
  if (!first) throw new KeyUnavailable('master keys: expected at least one');
  if (byId.size !== masterKeys.length) throw new KeyUnavailable('master keys: an id is given twice');
  return { current: { id: first.id, key: byId.get(first.id) as KeyObject }, byId };
}

type Where = Pick<KeyRow, 'id' | 'scope' | 'purpose' | 'version'>;
const wrapBinding = (companyId: string, { scope, purpose, version, id }: Where): string =>
  binding('key', companyId, scope, purpose, String(version), id);

/**
 * Returns values for INSERT: a random key, wrapped by the current master key and bound to its row.
 */
function newRow({ current }: Masters, companyId: string, scope: string, purpose: Purpose): unknown[] {
  const where = { id: uuidv7(), scope, purpose, version: 1 };
  const bytes = newKeyBytes();
  const wrapped = seal(current.key, current.id, bytes, wrapBinding(companyId, where));
  bytes.fill(0);
  return [companyId, where.id, scope, purpose, current.id, wrapped];
}

function unwrapAll(masters: Masters, companyId: string, rows: KeyRow[]): CompanyKeys {
  const opened = rows.map((row) => ({ ...row, key: unwrap(masters, companyId, row) }));
  const newest = new Map(opened.map((row) => [binding(row.scope, row.purpose), row])); // rows are sorted by version
  const derived = new Map<string, KeyObject>();
  const current = (scope: string, purpose: Purpose) => newest.get(binding(scope, purpose));
  return {
    companyId,
    sealing: new Map(opened.filter((row) => row.purpose === 'seal').map((row) => [row.id, row.key])),
    current,
    indexing(scope, use) {
      const secret = current(scope, 'index');
      if (!secret) return undefined;
      const name = binding(secret.id, use);
      const key = derived.get(name) ?? deriveKey(secret.key, name);
      derived.set(name, key);
      return key;
    },
  };
}

function unwrap({ byId }: Masters, companyId: string, row: KeyRow): KeyObject {
  const master = byId.get(row.masterKey);
  const what = `data key ${row.id} of company ${companyId}`;
  if (!master)
    throw new KeyUnavailable(`${what} is wrapped by master key '${row.masterKey}', which is not given`);
  if (keyIdOf(row.wrapped) !== row.masterKey)
    throw new KeyUnavailable(`${what}: masterKey and wrapped name different keys`);
  try {
    return toKey(openSeal(master, row.wrapped, wrapBinding(companyId, row)));
  } catch (error) {
    if (error instanceof CannotOpen)
      throw new KeyUnavailable(
        `${what} does not unwrap: changed, moved, or master key '${row.masterKey}' has other bytes`,
      );
    throw error;
  }
}
