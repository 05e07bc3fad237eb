import { type Extension, type OperationShape, shapeOf } from '../../db/operations/operations.ts';
import { currentTenant } from '../../db/tenant/context.ts';
import { keyIdOf } from '../aead.ts';
import { type Keyring, noKeys } from '../keys/keyring.ts';
import { modelOf } from './columns.ts';
import { changedRow, changedRows, newRow } from './row.ts';
import { type KeySource, Sealed } from './sealed.ts';
import { type Plan, readable } from './selection.ts';
import { type Args, newWork, refuseOpaque, type Work } from './where.ts';

type Run = (args: Args) => Promise<unknown>;

/**
 * Encrypts sealed columns: takes plain values, returns `Sealed` ones, compares equality by blind
 * index, and rejects queries that ciphertext cannot answer. Innermost extension: PostgreSQL sees
 * its output.
 */
export const sealExtension =
  (keyring: Keyring): Extension =>
  ({ model, operation, args, query }) =>
    honour(keyring, model, operation, (args ?? {}) as Args, query as Run);

/**
 * Returns the arguments with the sealed columns of their data encrypted, once the keys are loaded.
 */
function sealedData(
  { rows, created, changed }: OperationShape,
  model: string,
  args: Args,
  companyId: string | null,
  work: Work,
): Args {
  const result: Args = {};
  const row = (data: unknown) => newRow(model, data, companyId, work);
  if (created) {
    const data = args[created];
    result[created] = Array.isArray(data) ? data.map(row) : row(data);
  }
  if (changed)
    result[changed] =
      rows === 'one'
        ? changedRow(model, args[changed], args.where, work)
        : changedRows(model, args[changed], work);
  return result;
}

async function honour(
  keyring: Keyring,
  model: string,
  operation: string,
  args: Args,
  query: Run,
): Promise<unknown> {
  const shape = shapeOf(model, operation);
  const { companyId } = currentTenant();
  const work = newWork();
  const { args: read, plan } = prepared(model, operation, args, work);
  const final = { ...read, ...sealedData(shape, model, args, companyId, work) };
  await finish(keyring, model, companyId, work);
  const result = await query(final);
  if (plan && shape.returns === 'rows' && result) await hide(keyring, companyId, plan, result);
  return result;
}

function prepared(
  model: string,
  operation: string,
  args: Args,
  work: Work,
): { args: Args; plan: Plan | null } {
  if (operation !== 'count') return readable(model, args, work);
  // `select` of a count names columns to count, not columns to return.
  refuseOpaque(model, 'count', args.select);
  const { select, ...rest } = args;
  const { args: read } = readable(model, rest, work);
  return { args: select === undefined ? read : { ...read, select }, plan: null };
}

/** Loads keys and fills in ciphertext and blind indexes. */
async function finish(keyring: Keyring, model: string, companyId: string | null, work: Work): Promise<void> {
  if (work.steps.length === 0) return;
  const keys = await keyring.ensure(inCompany(companyId, model), [...work.needs.values()]);
  for (const step of work.steps) step(keys);
}

function inCompany(companyId: string | null, model: string): string {
  if (companyId) return companyId;
  throw new Error(`${model}: a sealed column outside of any company; run this inside withTenant`);
}

async function hide(keyring: Keyring, companyId: string | null, plan: Plan, result: unknown): Promise<void> {
  if (Array.isArray(result) && result.length === 0) return;
  const source = { keys: companyId ? await keyring.load(companyId) : noKeys };
  // Another instance may have created a key since the last load.
  if (hideRows(source, plan, result) && companyId) source.keys = await keyring.reload(companyId);
}

/** Replaces ciphertext by Sealed values; returns whether any names an unknown key. */
function hideRows(source: KeySource, plan: Plan, result: unknown): boolean {
  if (Array.isArray(result))
    return result.reduce((unknown, row) => hideRows(source, plan, row) || unknown, false);
  if (!result) return false;
  const row = result as Args;
  let unknown = false;
  for (const field of plan.columns) {
    const text = row[field];
    if (text === null || text === undefined) continue;
    const column = modelOf(plan.model).byField.get(field);
    if (!column) continue;
    row[field] = new Sealed(source, column, row.id as string, text as string);
    unknown ||= !source.keys.sealing.has(keyIdOf(text as string) ?? '');
  }
  for (const [name, inner] of plan.relations) unknown = hideRows(source, inner, row[name]) || unknown;
  return unknown;
}
