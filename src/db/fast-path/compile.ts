import { $Enums } from '../generated/client.ts';
import { type FieldGuarantee, guarantees, type ModelName } from '../guarantees.gen.ts';
import { unsupported } from './unsupported.ts';

/**
 * The state of one compilation: its bound values, how many tables have an alias, whether all of
 * them are audited, and whether a NOT stands around the next part.
 */
export type State = { values: unknown[]; tables: number; audited: boolean; negated: boolean };
export const newState = (): State => ({ values: [], tables: 0, audited: true, negated: false });

export const bind = (state: State, value: unknown): string => `$${state.values.push(value)}`;
/** Returns an alias for a further table of the statement. */
export function nextAlias(state: State, model: ModelName): string {
  state.audited &&= guarantees[model].audited;
  return `t${++state.tables}`;
}

/** Prisma's arguments as they are iterated here; anything but a plain object is unsupported. */
export type Args = Record<string, unknown>;
export function plain(value: unknown): Args {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unsupported('value');
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? (value as Args) : unsupported('value');
}

/** Returns the arguments, all of which must be among `known`. */
export function only(args: Args, known: readonly string[]): Args {
  for (const name in plain(args))
    if (args[name] !== undefined && !known.includes(name)) unsupported('argument');
  return args;
}

/** Names get into SQL from the generated metadata alone. */
export const fieldOf = (model: ModelName, name: string): FieldGuarantee =>
  Object.hasOwn(guarantees[model].fields, name)
    ? (guarantees[model].fields[name] as FieldGuarantee)
    : unsupported('name');
export const tableOf = (model: ModelName): string => `"${guarantees[model].table}"`;
export const columnOf = (alias: string, name: string): string => `${alias}."${name}"`;

export const scalarsOf = (model: ModelName): string[] =>
  Object.entries(guarantees[model].fields).flatMap(([name, { relation }]) => (relation ? [] : [name]));

/** Returns a value as PostgreSQL takes it in this column; the caller handles null. */
export function encoded({ sql, type }: FieldGuarantee, value: unknown): unknown {
  switch (sql) {
    case 'uuid':
    case 'text':
      return typeof value === 'string' ? value : unsupported('value');
    case 'enum':
      return Object.hasOwn($Enums[type as keyof typeof $Enums], value as string)
        ? value
        : unsupported('value');
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? value : unsupported('value');
    case 'boolean':
      return typeof value === 'boolean' ? value : unsupported('value');
    case 'timestamptz':
      return isMoment(value) ? value.toISOString() : unsupported('value');
    case 'date':
      return isMoment(value) ? value.toISOString().slice(0, 10) : unsupported('value');
    case 'text[]':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
        ? value
        : unsupported('value');
    default:
      return unsupported('value');
  }
}

const isMoment = (value: unknown): value is Date =>
  value instanceof Date && value.getTime() >= FIRST_YEAR && value.getTime() < YEAR_10000;
const FIRST_YEAR = Date.UTC(1, 0, 2);
const YEAR_10000 = Date.UTC(10_000, 0, 1);
