import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.ts';
import type { CompanyKeys } from '../keys/keyring.ts';
import { blindIndex, lastFour, normal } from './blind-index.ts';
import { type Column, modelOf } from './columns.ts';
import { Sealed, sealFor } from './sealed.ts';
import { type Args, isRecord, need, refused, type Work } from './where.ts';

/** Canonical decimals: no exponent, no signed zero, no leading zeros. Floats are never involved. */
const DECIMAL = /^(?!-0(\.0*)?$)-?(0|[1-9]\d{0,29})(\.\d{1,20})?$/;

/** Seals the columns of a new row, and adds its id when missing, since seals are bound to it. */
export function newRow(model: string, row: unknown, companyId: string | null, work: Work): Args {
  const data = checked(model, row);
  const columns = modelOf(model).columns;
  if (columns.length === 0) return data;
  // A value sealed for one company and written to another would never open.
  if (data.companyId !== undefined && data.companyId !== companyId)
    throw new Error(`${model}: companyId is not the company of this context`);
  const id = data.id ?? uuidv7();
  if (typeof id !== 'string') throw new Error(`${model}.id: expected a UUID as text, got ${typeof id}`);
  const result: Args = { ...data, id };
  for (const column of columns) write(column, result, id, work);
  return result;
}

/** Seals changes of one row, whose id the unique selector must name. */
export function changedRow(model: string, data: unknown, where: unknown, work: Work): Args {
  const result = { ...checked(model, data) };
  refuseMove(model, result);
  for (const column of modelOf(model).columns) write(column, result, idIn(where), work);
  return result;
}

/** Rejects sealed columns in changes of many rows: a ciphertext is bound to one row. */
export function changedRows(model: string, data: unknown, work: Work): Args {
  const result = { ...checked(model, data) };
  refuseMove(model, result);
  for (const column of modelOf(model).columns) {
    const { field } = column;
    const value = plainValue(column, result[field]);
    if (value !== undefined && value !== null)
      throw refused(model, field, 'updateMany', 'write such rows one by one, or set it to null');
    write(column, result, null, work);
  }
  return result;
}

function checked(model: string, data: unknown): Args {
  if (!isRecord(data)) throw new Error(`${model}: expected a row's data, got ${typeof data}`);
  const { columns, companions, relations } = modelOf(model);
  for (const name of Object.keys(data)) {
    if (data[name] === undefined) continue;
    if (companions.has(name))
      throw refused(model, name, 'writing a companion', 'write the sealed column, its companions follow');
    if (relations.has(name) && (columns.length > 0 || isRecord(data[name]))) {
      throw new Error(
        `${model}.${name}: nested writes are refused; write ${relations.get(name)} by a call of its own`,
      );
    }
  }
  return data;
}

function refuseMove(model: string, data: Args): void {
  if (modelOf(model).columns.length === 0) return;
  const moved = ['id', 'companyId'].find((name) => data[name] !== undefined);
  if (moved) throw new Error(`${model}.${moved} cannot change: the row's sealed columns are bound to it`);
}

/** Returns the id of a unique selector; null when it selects by other columns. */
function idIn(where: unknown): string | null {
  if (!isRecord(where)) return null;
  const id = isRecord(where.key) ? where.key.id : where.id;
  return typeof id === 'string' ? id : null;
}

/** Replaces a column's plain value in `row` and fills its companions, once the keys are loaded. */
function write(column: Column, row: Args, rowId: string | null, work: Work): void {
  const value = plainValue(column, row[column.field]);
  if (value === undefined) return;
  if (value === null) {
    fill(column, row, null, null, null);
    return;
  }
  if (rowId === null)
    throw refused(
      column.model,
      column.field,
      'a write without the row’s id',
      'select the row by its key: { key: { companyId, id } }',
    );
  const text = validText(column, value);
  need(work, column.scope, 'seal', (keys) =>
    fill(column, row, sealFor(keys, column, rowId, text), indexText(column, keys, text), lastFour(text)),
  );
  if (column.index) need(work, column.scope, 'index', () => {});
}

function fill(
  column: Column,
  row: Args,
  sealed: string | null,
  index: string | null,
  shown: string | null,
): void {
  row[column.field] = sealed;
  if (column.index) row[column.index] = index;
  if (column.lastFour) row[column.lastFour] = shown;
}

const indexText = ({ index, scope, model, field }: Column, keys: CompanyKeys, text: string) =>
  index ? blindIndex(keys, scope, model, field, text) : null;

/** Returns the value, also of `{ set: value }`. */
function plainValue({ model, field }: Column, given: unknown): unknown {
  const refuse = (what: string) => refused(model, field, what, 'give the plain value, or { set: value }');
  // it is bound to its own row and column; Prisma turns it into an empty object
  if (given instanceof Sealed) throw refuse('writing a sealed value');
  if (!isRecord(given)) return given;
  const operators = Object.keys(given).join(', ');
  if (operators !== 'set') throw refuse(operators || 'writing a sealed value');
  return given.set;
}

function validText({ model, field, decimal, index }: Column, value: unknown): string {
  if (typeof value !== 'string')
    throw refused(
      model,
      field,
      `writing a ${typeof value}`,
      decimal ? 'give a decimal as text' : 'give text',
    );
  const expected = decimal
    ? 'a decimal such as 1234.50'
    : index
      ? 'text that is not blank'
      : 'well-formed text';
  const valid = value.isWellFormed() && (!decimal || DECIMAL.test(value)) && (!index || normal(value) !== '');
  if (valid) return value;
  throw new AppError('INVALID_INPUT', `${field}: expected ${expected}.`, {
    fields: { [`input.${field}`]: `expected ${expected}` },
  });
}
