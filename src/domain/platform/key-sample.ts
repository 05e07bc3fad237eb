import { openSecret, type SecretKind, secrets } from '../../auth/secrets/sealed-secret.ts';
import { modelOf } from '../../crypto/fields/columns.ts';
import { Sealed } from '../../crypto/fields/sealed.ts';
import { type Keyring, type MasterKey, openKeyring } from '../../crypto/keys/keyring.ts';
import { guarantees } from '../../db/guarantees.gen.ts';

/** Runs a statement that sees every company's rows. */
export type Reads = <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;
/** Data keys that were unwrapped and values that were opened, of one key scope. */
export type ScopeSample = { scope: string; keys: number; values: number };
export type KeySample = { scopes: ScopeSample[]; faults: string[] };

type Value = { id: string; companyId: string; text: string };
type Place = { model: string; field: string; scope: string };

/** Secrets of a kind that are opened. */
const SECRETS = 20;

/**
 * Unwraps every data key, and opens one value of each sealed column of each company and some
 * secrets of each kind.
 */
export async function sampleKeys(read: Reads, masterKeys: MasterKey[]): Promise<KeySample> {
  const keyring = openKeyring((_, sql, values) => read(sql, values), masterKeys);
  const scopes = new Map<string, ScopeSample>();
  const faults: string[] = [];
  const count = (scope: string, what: 'keys' | 'values') => {
    const sample = scopes.get(scope) ?? { scope, keys: 0, values: 0 };
    sample[what] += 1;
    scopes.set(scope, sample);
  };
  const attempt = async (scope: string, what: 'keys' | 'values', work: () => Promise<unknown>) => {
    await work().then(
      () => count(scope, what),
      (error: Error) => faults.push(error.message),
    );
  };
  for (const { companyId, scope } of await read<{ companyId: string; scope: string }>(
    'SELECT "companyId", scope FROM "DataKey" ORDER BY 1, 2',
  ))
    await attempt(scope, 'keys', () => keyring.load(companyId));
  for (const place of sealedColumns())
    for (const value of await valuesOf(read, place))
      await attempt(place.scope, 'values', () => openValue(keyring, place, value));
  for (const [kind, { model, field, scope }] of Object.entries(secrets))
    for (const { id, text } of await secretsOf(read, model, field))
      await attempt(scope, 'values', () => openSecret(keyring, kind as SecretKind, id, text));
  return { scopes: [...scopes.values()], faults: [...new Set(faults)] };
}

const sealedColumns = (): Place[] => Object.keys(guarantees).flatMap((model) => modelOf(model).columns);

const valuesOf = (read: Reads, { model, field }: Place): Promise<Value[]> =>
  read(`SELECT DISTINCT ON ("companyId") id, "companyId", "${field}" AS text FROM ${tableOf(model)}
    WHERE "${field}" IS NOT NULL ORDER BY "companyId", id DESC`);

const secretsOf = (read: Reads, model: string, field: string): Promise<Omit<Value, 'companyId'>[]> =>
  read(
    `SELECT id, "${field}" AS text FROM ${tableOf(model)} WHERE "${field}" IS NOT NULL ORDER BY id DESC LIMIT ${SECRETS}`,
  );

const tableOf = (model: string): string => `"${guarantees[model as keyof typeof guarantees].table}"`;

async function openValue(keyring: Keyring, place: Place, { id, companyId, text }: Value): Promise<void> {
  new Sealed({ keys: await keyring.load(companyId) }, place, id, text).open();
}
