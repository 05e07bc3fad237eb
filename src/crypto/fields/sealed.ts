import { isUtf8 } from 'node:buffer';
import { inspect } from 'node:util';
import { currentTrace } from '../../tracing/trace.ts';
import { binding, CannotOpen, keyIdOf, openSeal, seal } from '../aead.ts';
import type { CompanyKeys } from '../keys/keyring.ts';

/**
 * Number of values that this process tried to open, and of those that did not open. Only values
 * whose rule passed may count.
 */
export const openings = { count: 0, failed: 0 };

/** The place that a value is bound to. */
type Place = { model: string; field: string };
/** Shared by all values of a result, so that keys loaded later reach each of them. */
export type KeySource = { keys: CompanyKeys; columnBindings?: Map<Place, string> };

/**
 * A stored value does not open: altered, moved, or its key is missing. Contains its place, never
 * the value.
 */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
  readonly model: string;
  readonly field: string;
  readonly rowId: string;
  readonly reason: string;

  constructor(where: { model: string; field: string; rowId: string }, reason: string) {
    openings.failed += 1;
    super(`${where.model}.${where.field} of row ${where.rowId} does not open: ${reason}`);
    this.model = where.model;
    this.field = where.field;
    this.rowId = where.rowId;
    this.reason = reason;
  }
}

/**
 * A sealed column of a row that was read. It stays ciphertext until `open` is called after the
 * field's rule has passed; logging, printing or serialising it reveals nothing.
 */
export class Sealed {
  readonly #source: KeySource;
  readonly #place: Place;
  readonly #rowId: string;
  readonly #text: string;

  constructor(source: KeySource, place: Place, rowId: string, text: string) {
    this.#source = source;
    this.#place = place;
    this.#rowId = rowId;
    this.#text = text;
  }

  /** The stored ciphertext, for snapshots of the audit log. */
  get ciphertext(): string {
    return this.#text;
  }

  /** Decrypts the value. Throws SealBroken. */
  open(): string {
    openings.count += 1;
    const trace = currentTrace();
    return trace ? trace.decrypting(() => this.#opened()) : this.#opened();
  }

  #opened(): string {
    const { keys } = this.#source;
    const key = keys.sealing.get(keyIdOf(this.#text) ?? '');
    const where = { model: this.#place.model, field: this.#place.field, rowId: this.#rowId };
    if (!key) throw new SealBroken(where, 'no such key');
    try {
      return asText(openSeal(key, this.#text, this.#columnBinding() + rowBinding(where.rowId)));
    } catch (error) {
      throw new SealBroken(where, error instanceof CannotOpen ? error.message : 'unreadable');
    }
  }

  /** Made once for each column of a result, since it is as much work as a tenth of an opening. */
  #columnBinding(): string {
    const source = this.#source;
    source.columnBindings ??= new Map();
    const known = source.columnBindings.get(this.#place);
    if (known) return known;
    const made = columnBinding(source.keys.companyId, this.#place);
    source.columnBindings.set(this.#place, made);
    return made;
  }

  toString(): string {
    return '[sealed]';
  }
  [Symbol.toPrimitive](): string {
    return '[sealed]';
  }
  [inspect.custom](): string {
    return '[sealed]';
  }
}

/**
 * The plain value of a sealed column as Prisma types it (a string or null). Throws SealBroken, and
 * on anything else.
 */
export function open(value: unknown): string | null {
  if (value === null) return null;
  if (value instanceof Sealed) return value.open();
  throw new Error(
    `open: expected a sealed column's value or null, got ${value === undefined ? 'undefined: is it selected?' : typeof value}`,
  );
}

/** Seals a value for its column and row under the newest key of the column's scope. */
export function sealFor(
  keys: CompanyKeys,
  { model, field, scope }: Place & { scope: string },
  rowId: string,
  plain: string,
): string {
  const current = keys.current(scope, 'seal');
  if (!current) throw new Error(`${model}.${field}: the company has no key for scope ${scope}`);
  const bound = columnBinding(keys.companyId, { model, field }) + rowBinding(rowId);
  return seal(current.key, current.id, plain, bound);
}

const columnBinding = (companyId: string, { model, field }: Place): string =>
  binding('row', companyId, model, field);
/** Normalizes a UUID as PostgreSQL does: lower case. */
const rowBinding = (rowId: string): string => binding(rowId.toLowerCase());

function asText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new CannotOpen('not text');
  return bytes.toString('utf8');
}
