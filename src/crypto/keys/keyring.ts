import type { KeyObject } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { binding, CannotOpen, deriveKey, keyIdOf, newKeyBytes, openSeal, seal, toKey } from '../aead.ts';

/** A key from the environment, a file or a KMS: wraps data keys and nothing else. 32 bytes. */
export type MasterKey = { id: string; key: Uint8Array };

/** `seal` keys protect columns, `index` keys make blind indexes: no key does both. */
export type Purpose = 'seal' | 'index';

/** Statements in this company's context, each committed by itself. */
export type KeyQuery = (companyId: string, sql: string, values: unknown[]) => Promise<object[]>;
/** Statements of a transaction that is already in its company's context. */
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
  /** Every version of every scope's sealing key by id: old ones open what they sealed. */
  sealing: ReadonlyMap<string, KeyObject>;
  /** The newest version; undefined when the scope has none yet. */
  current(scope: string, purpose: Purpose): DataKey | undefined;
  /** A key of its own for one use of the scope's index key, derived at the first call. */
  indexing(scope: string, use: string): KeyObject | undefined;
};

export type Keyring = {
  /** From the cache, or by one statement, which calls of the same time share. */
  load(companyId: string): Promise<CompanyKeys>;
  /** Past the cache: another instance may have made a key since. */
  reload(companyId: string): Promise<CompanyKeys>;
  /** The company's keys, with these there: whichever is missing is made, once, however many ask at once. */
  ensure(companyId: string, wanted: [scope: string, purpose: Purpose][]): Promise<CompanyKeys>;
  /** The keys of a company that is being created, in its own transaction. If that rolls back, `forget` it. */
  create(query: TransactionQuery, companyId: string, scopes: string[]): Promise<CompanyKeys>;
  forget(companyId: string): void;
};

/** Outside of any company nothing opens. */
export const noKeys: CompanyKeys = {
  companyId: '',
  sealing: new Map(),
  current: () => undefined,
  indexing: () => undefined,
};

/** A key that cannot be had. Names ids, never bytes. */
export class KeyUnavailable extends Error {
  override readonly name = 'KeyUnavailable';
}

const CACHED_COMPANIES = 2_000;
const SELECT =
  'SELECT id, scope, purpose, version, "masterKey", wrapped FROM "DataKey" WHERE "companyId" = $1 ORDER BY version';
const INSERT = `INSERT INTO "DataKey" ("companyId", id, scope, purpose, version, "masterKey", wrapped)
  VALUES ($1, $2, $3, $4, 1, $5, $6) ON CONFLICT ("companyId", scope, purpose, version) DO NOTHING`;

/**
 * `query` must not be the connection of a caller's transaction: a key that rolls back would stay in the cache and seal values
 * that nobody can open again. `masterKeys`: the first wraps new keys, all unwrap theirs.
 */
export function openKeyring(query: KeyQuery, masterKeys: MasterKey[], limit = CACHED_COMPANIES): Keyring {
  const masters = asMasters(masterKeys);
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
    const started = read(companyId, (sql, values) => query(companyId, sql, values)).finally(() =>
      pending.delete(companyId),
    );
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

/** Values for INSERT: a random key, wrapped by the current master key and bound to its place. */
function newRow({ current }: Masters, companyId: string, scope: string, purpose: Purpose): unknown[] {
  const where = { id: uuidv7(), scope, purpose, version: 1 };
  const bytes = newKeyBytes();
  const wrapped = seal(current.key, current.id, bytes, wrapBinding(companyId, where));
  bytes.fill(0);
  return [companyId, where.id, scope, purpose, current.id, wrapped];
}

function unwrapAll(masters: Masters, companyId: string, rows: KeyRow[]): CompanyKeys {
  const opened = rows.map((row) => ({ ...row, key: unwrap(masters, companyId, row) }));
  const newest = new Map(opened.map((row) => [binding(row.scope, row.purpose), row])); // rows come in order of version
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
