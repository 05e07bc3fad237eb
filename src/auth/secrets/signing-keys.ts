import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { append } from '../../audit/record/append.ts';
import { type EventFacts, system } from '../../audit/record/body.ts';
import type { Keyring } from '../../crypto/keys/keyring.ts';
import { databaseNow, databaseTime } from '../../db/clock.ts';
import { type Query, queryAs, type TransactionalQuery, transactionAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { withoutDeadline } from '../../deadline.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';
import { unknownKeys } from './unknown-keys.ts';

/** Ed25519 (RFC 8037): the only algorithm that signs and that is accepted. */
export const ALGORITHM = 'EdDSA';

/**
 * Seconds that a new key is published before it signs, so that cached key sets contain it
 * (http/jwks.ts).
 */
const AHEAD = 10 * 60;
/** Seconds that an old key still verifies, until the last token that it signed has expired. */
const OVERLAP = AHEAD + 16 * 60;
/** Seconds that this process caches the key set. */
const KEPT = 30;

type Row = { id: string; privateKey: string; createdAt: Date; retiredAt: Date | null };
type Opened = {
  id: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  publicJwk: JWK;
  createdAt: Date;
  retiredAt: Date | null;
};

/**
 * The keys that sign access tokens, of all instances. A retired key verifies nothing
 * (authenticate_access_token checks it too).
 */
export type SigningKeys = {
  /**
   * Returns the key that signs. Creates the first key on first use, and a successor once the newest
   * is too old.
   */
  current(): Promise<{ id: string; privateKey: CryptoKey }>;
  /**
   * Returns the public key of this id, which another instance may just have made; null for an
   * unknown or retired one.
   */
  verifying(id: string): Promise<CryptoKey | null>;
  /** The key set (RFC 7517, 5): public keys only. */
  published(): Promise<{ keys: JWK[] }>;
  /** Reloads the keys past the cache. */
  reload(): Promise<void>;
};

/**
 * @param days the age at which the newest key gets a successor. A failed rotation is passed to
 * `failed` and fails no token.
 */
export function openSigningKeys(
  pool: TenantPool,
  keyring: Keyring,
  days: number,
  failed: (error: unknown) => void,
): SigningKeys {
  const platform = { companyId: PLATFORM_ID, userId: null };
  let kept: { keys: Promise<Opened[]>; at: number } | undefined;
  const reload = (): Promise<Opened[]> => {
    // requests share what one of them loads
    const keys = withoutDeadline(() => queryAs(pool, platform)<Row>(SELECT)).then((rows) =>
      Promise.all(rows.map((row) => opened(keyring, row))),
    );
    const started = { keys, at: performance.now() };
    kept = started;
    keys.catch(() => {
      if (kept === started) kept = undefined;
    });
    return keys;
  };
  const load = async (olderThan = KEPT * 1000): Promise<Opened[]> => {
    const keys = await (kept && performance.now() - kept.at < olderThan ? kept.keys : reload());
    return keys.filter(({ retiredAt }) => retiredAt === null || retiredAt > databaseTime());
  };
  const isNew = unknownKeys(
    async (id) => (await queryAs(pool, platform)(`${LIVE} AND id = $1`, [id])).length > 0,
  );
  let succeeding: Promise<void> | undefined;
  const succeed = (): Promise<void> => {
    succeeding ??= withoutDeadline(() => rotateOld(pool, keyring, days))
      .then(async () => void (await reload()))
      .catch(failed)
      .finally(() => {
        succeeding = undefined;
      });
    return succeeding;
  };
  return {
    async current() {
      const keys = await load();
      if (keys.length > 0 && keys.every((key) => isOld(key, days))) await succeed();
      const known = signing(keys);
      if (known) return known;
      await transactionAs(pool, platform, (query) => makeFirst(query, keyring));
      await reload();
      return signing(await load()) as Opened;
    },
    async verifying(id) {
      const of = (keys: Opened[]) => keys.find((key) => key.id === id)?.publicKey;
      const key = of(await load());
      if (key || !(await isNew(id))) return key ?? null;
      return of(await load(0)) ?? null;
    },
    published: async () => ({ keys: (await load()).map(({ publicJwk }) => publicJwk) }),
    reload: async () => void (await reload()),
  };
}

const COLUMNS = 'id, "privateKey", "createdAt", "retiredAt"';
const LIVE = `SELECT ${COLUMNS} FROM "SigningKey" WHERE ("retiredAt" IS NULL OR "retiredAt" > now())`;
const SELECT = `${LIVE} ORDER BY "createdAt", id`;

/** Returns the newest key that was published long enough ago, else the oldest. */
function signing(keys: Opened[]): Opened | undefined {
  const since = databaseNow() - AHEAD * 1000;
  return keys.findLast(({ createdAt }) => createdAt.getTime() <= since) ?? keys[0];
}

const isOld = ({ createdAt }: Pick<Row, 'createdAt'>, days: number): boolean =>
  databaseNow() - createdAt.getTime() >= days * 24 * 3600_000;

/**
 * The public key is derived from the sealed private one, so that a forged row neither signs nor
 * verifies.
 */
async function opened(keyring: Keyring, { id, privateKey, createdAt, retiredAt }: Row): Promise<Opened> {
  const { kty, crv, x, d } = JSON.parse(await openSecret(keyring, 'signingKey', id, privateKey)) as JWK;
  const publicJwk = { kty, crv, x } as JWK;
  const [secret, open] = await Promise.all([
    importJWK({ kty, crv, x, d } as JWK, ALGORITHM),
    importJWK(publicJwk, ALGORITHM),
  ]);
  return {
    id,
    privateKey: secret as CryptoKey,
    publicKey: open as CryptoKey,
    publicJwk: { ...publicJwk, kid: id, alg: ALGORITHM, use: 'sig' },
    createdAt,
    retiredAt,
  };
}

/** Appends an event to the platform's audit log, in the transaction of the change. */
type Append = (facts: EventFacts) => Promise<void>;

const asSystem = (query: TransactionalQuery): Append => {
  const origin = { requestId: crypto.randomUUID(), ip: null, userAgent: 'system' };
  return (facts) => append(query, PLATFORM_ID, [{ ...facts, performer: system, origin }]);
};

/** Creates the first key, once under concurrent starts. */
async function makeFirst(query: TransactionalQuery, keyring: Keyring): Promise<void> {
  await query(LOCK);
  const [existing] = await query(`${SELECT} LIMIT 1`);
  if (!existing) await make(query, keyring, asSystem(query));
}

const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('signing keys', 0))`;

/** Creates a key; its id is its thumbprint (RFC 7638). */
async function make(query: Query, keyring: Keyring, append: Append): Promise<void> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  const id = await calculateJwkThumbprint(jwk);
  const sealed = await sealSecret(keyring, 'signingKey', id, JSON.stringify(jwk));
  await query('INSERT INTO "SigningKey" (id, "privateKey") VALUES ($1, $2)', [id, sealed]);
  await append({ action: 'signingKey.made', data: { key: id } });
}

/**
 * Rotates the signing key, in a transaction of the platform. The others retire once the new one
 * signs and their last tokens have expired; `immediately`, after a leak, their tokens are invalid
 * at once and clients refresh them.
 */
export async function rotate(
  query: Query,
  keyring: Keyring,
  append: Append,
  immediately: boolean,
): Promise<void> {
  await query(LOCK);
  await replace(query, keyring, append, immediately);
}

/**
 * Rotates the signing key at this age, once under concurrent instances: the others find a newer
 * one.
 */
async function rotateOld(pool: TenantPool, keyring: Keyring, days: number): Promise<void> {
  await transactionAs(pool, { companyId: PLATFORM_ID, userId: null }, async (query) => {
    await query(LOCK);
    const [recent] = await query(
      `SELECT FROM "SigningKey" WHERE "retiredAt" IS NULL AND "createdAt" > now() - $1 * interval '1 day' LIMIT 1`,
      [days],
    );
    if (!recent) await replace(query, keyring, asSystem(query), false);
  });
}

async function replace(query: Query, keyring: Keyring, append: Append, immediately: boolean): Promise<void> {
  const retired = await query<{ id: string }>(
    `UPDATE "SigningKey" SET "retiredAt" = now() + $1 * interval '1 second'
     WHERE "retiredAt" IS NULL OR "retiredAt" > now() + $1 * interval '1 second' RETURNING id`,
    [immediately ? 0 : OVERLAP],
  );
  await make(query, keyring, append);
  for (const { id } of retired)
    await append({ action: 'signingKey.retired', data: { key: id, immediately } });
}

export type SigningKeyListed = { id: string; createdAt: Date; retiredAt: Date | null };

/** Returns all stored keys, newest first, retired ones included. */
export const listSigningKeys = (pool: TenantPool): Promise<SigningKeyListed[]> =>
  queryAs(pool, { companyId: PLATFORM_ID, userId: null })(
    'SELECT id, "createdAt", "retiredAt" FROM "SigningKey" ORDER BY "createdAt" DESC, id LIMIT 100',
  );
