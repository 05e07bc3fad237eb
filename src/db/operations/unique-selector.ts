import { guarantees, type ModelName } from '../guarantees.gen.ts';

type Args = Record<string, unknown>;

/**
 * Returns a unique selector as a filter: `{ key: { companyId, id } }` → `{ companyId, id }`. Throws
 * when a part of the key is missing: a filter would leave that part out and find other rows.
 */
export function uniqueFilter(model: ModelName, where: Args = {}): Args {
  const filter: Args = {};
  for (const [name, value] of Object.entries(where)) {
    const columns = guarantees[model].uniques[name];
    // a sealed column may stand in a key under its own name (crypto/fields/where.ts), so the parts
    // are counted
    if (columns && Object.keys(value ?? {}).length !== columns.length) throw incomplete(model, name);
    Object.assign(filter, columns ? value : { [name]: value });
  }
  const names = Object.keys(filter);
  if (names.length === 0) throw incomplete(model, 'a key');
  for (const name of names) if (filter[name] === undefined) throw incomplete(model, name);
  return filter;
}

const incomplete = (model: ModelName, name: string): Error =>
  new Error(`${model}: expected a complete unique key; ${name} is missing or incomplete`);
