import { $Enums } from '../generated/client.ts';
import { type FieldGuarantee, guarantees, type ModelName } from '../guarantees.gen.ts';

/** A statement in the making: its bound values, how many tables have a name in it, and whether a NOT stands around what comes next. */
export type Draft = { values: unknown[]; tables: number; negated: boolean };
export const newDraft = (): Draft => ({ values: [], tables: 0, negated: false });

/** Thrown for every shape that is not written here: Prisma answers it then, with its own words for what is wrong with it. */
export const leftToPrisma = new Error('a shape that Prisma answers');
export function leave(): never {
  throw leftToPrisma;
}

export const bind = (draft: Draft, value: unknown): string => `$${draft.values.push(value)}`;
export const nextAlias = (draft: Draft): string => `t${++draft.tables}`;

/** Prisma's arguments as they are iterated here; anything but a plain object is left to Prisma. */
export type Args = Record<string, unknown>;
export function plain(value: unknown): Args {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return leave();
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? (value as Args) : leave();
}

/** The arguments that are given, all of which must be among `known`. */
export function only(args: Args, known: readonly string[]): Args {
  for (const name in plain(args)) if (args[name] !== undefined && !known.includes(name)) leave();
  return args;
}

/** Names get into SQL from the generated table alone. */
export const fieldOf = (model: ModelName, name: string): FieldGuarantee =>
  Object.hasOwn(guarantees[model].fields, name)
    ? (guarantees[model].fields[name] as FieldGuarantee)
    : leave();
export const tableOf = (model: ModelName): string => `"${guarantees[model].table}"`;
export const columnOf = (alias: string, name: string): string => `${alias}."${name}"`;

export const scalarsOf = (model: ModelName): string[] =>
  Object.entries(guarantees[model].fields).flatMap(([name, { relation }]) => (relation ? [] : [name]));

/** A value as PostgreSQL takes it in this column; null is the caller's to handle. */
export function encoded({ sql, type }: FieldGuarantee, value: unknown): unknown {
  switch (sql) {
    case 'uuid':
    case 'text':
      return typeof value === 'string' ? value : leave();
    case 'enum':
      return Object.hasOwn($Enums[type as keyof typeof $Enums], value as string) ? value : leave();
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? value : leave();
    case 'boolean':
      return typeof value === 'boolean' ? value : leave();
    case 'timestamptz':
      return isMoment(value) ? value.toISOString() : leave();
    case 'date':
      return isMoment(value) ? value.toISOString().slice(0, 10) : leave();
    case 'text[]':
      return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : leave();
    default:
      return leave();
  }
}

const isMoment = (value: unknown): value is Date =>
  value instanceof Date && value.getTime() >= FIRST_YEAR && value.getTime() < YEAR_10000;
const FIRST_YEAR = Date.UTC(1, 0, 2);
const YEAR_10000 = Date.UTC(10_000, 0, 1);
