import { currentTenant } from '../../db/tenant/context.ts';
import { keyIdOf } from '../aead.ts';
import { type Keyring, noKeys } from '../keys/keyring.ts';
import { modelOf } from './columns.ts';
import { changedRow, changedRows, newRow } from './row.ts';
import { type KeySource, Sealed } from './sealed.ts';
import { type Plan, readable } from './selection.ts';
import { type Args, newWork, refuseOpaque, type Work } from './where.ts';

type Operation = {
  model: string;
  operation: string;
  args: unknown;
  query: (args: never) => Promise<unknown>;
};
type Run = (args: Args) => Promise<unknown>;

/**
 * Seals and hides protected columns: plain values go in, `Sealed` ones come out, equality is asked of the blind index, and what
 * ciphertext cannot answer is refused. Innermost extension: what it hands on is what PostgreSQL sees.
 */
export const sealExtension = (keyring: Keyring) => ({
  name: 'seal',
  query: {
    $allModels: {
      $allOperations: ({ model, operation, args, query }: Operation): Promise<unknown> =>
        honour(keyring, model, operation, (args ?? {}) as Args, query as Run),
    },
  },
});

type Data = (model: string, args: Args, companyId: string | null, work: Work) => Args;
const nothing: Data = () => ({});
const rows: Data = (model, { data }, companyId, work) => ({
  data: Array.isArray(data)
    ? data.map((row) => newRow(model, row, companyId, work))
    : newRow(model, data, companyId, work),
});
const oneChange: Data = (model, { data, where }, _, work) => ({ data: changedRow(model, data, where, work) });
const manyChanges: Data = (model, { data }, _, work) => ({ data: changedRows(model, data, work) });
const either: Data = (model, { create, update, where }, companyId, work) => ({
  create: newRow(model, create, companyId, work),
  update: changedRow(model, update, where, work),
});

/** What each operation writes, and whether rows come back. What isn't named is refused. */
const OPERATIONS: Record<string, { data: Data; rows: boolean }> = {
  findFirst: { data: nothing, rows: true },
  findFirstOrThrow: { data: nothing, rows: true },
  findMany: { data: nothing, rows: true },
  count: { data: nothing, rows: false },
  aggregate: { data: nothing, rows: false },
  groupBy: { data: nothing, rows: false },
  create: { data: rows, rows: true },
  createMany: { data: rows, rows: false },
  createManyAndReturn: { data: rows, rows: true },
  update: { data: oneChange, rows: true },
  updateMany: { data: manyChanges, rows: false },
  updateManyAndReturn: { data: manyChanges, rows: true },
  upsert: { data: either, rows: true },
  delete: { data: nothing, rows: true },
  deleteMany: { data: nothing, rows: false },
};

async function honour(
  keyring: Keyring,
  model: string,
  operation: string,
  args: Args,
  query: Run,
): Promise<unknown> {
  const known = OPERATIONS[operation];
  if (!known)
    throw new Error(`${model}.${operation} is refused: nothing says what it does to sealed columns`);
  const { companyId } = currentTenant();
  const work = newWork();
  const { args: read, plan } = prepared(model, operation, args, work);
  const final = { ...read, ...known.data(model, args, companyId, work) };
  await finish(keyring, model, companyId, work);
  const result = await query(final);
  if (plan && known.rows && result) await hide(keyring, companyId, plan, result);
  return result;
}

function prepared(
  model: string,
  operation: string,
  args: Args,
  work: Work,
): { args: Args; plan: Plan | null } {
  if (operation !== 'count') return readable(model, args, work);
  // A count's `select` names columns to count, not columns to return.
  refuseOpaque(model, 'count', args.select);
  const { select, ...rest } = args;
  const { args: read } = readable(model, rest, work);
  return { args: select === undefined ? read : { ...read, select }, plan: null };
}

/** Fills in what needs keys: ciphertext, blind indexes. */
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
  // Another instance may have made a key since this one last looked.
  if (hideRows(source, plan, result) && companyId) source.keys = await keyring.reload(companyId);
}

/** Puts Sealed values in place of ciphertext; says whether any names a key that isn't known here. */
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
