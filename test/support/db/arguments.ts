import fc from 'fast-check';
import { guarantees, type ModelName } from '../../../src/db/guarantees.gen.ts';
import { type Any, type Field, relations, STRANGE, scalars, target, text, total } from './values.ts';

/** Rows that are there, for values that are found and cursors that point at something. */
export type Rows = Record<ModelName, Record<string, unknown>[]>;
type Args = Record<string, unknown>;

/** Prisma's arguments for these rows: what is asked is often there, and often nearly. */
export function argumentsFor(rows: Rows) {
  const known = (model: ModelName, { name }: Field): unknown[] =>
    rows[model].map((row) => row[name]).filter((value) => value !== null && value !== undefined);
  const value = (model: ModelName, field: Field): Any => {
    const there = known(model, field);
    const strange = (STRANGE[field.sql as string] as (field: Field) => Any)(field);
    return there.length === 0
      ? strange
      : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...there) }, strange);
  };

  const operator = (model: ModelName, field: Field): Any => {
    const one = value(model, field);
    const orNull = fc.option(one, { freq: field.required ? 15 : 4 });
    const keys: Record<string, Any> = {
      equals: orNull,
      not: orNull,
      in: fc.array(one, { maxLength: 4 }),
      notIn: fc.array(one, { maxLength: 4 }),
    };
    if (field.sql !== 'boolean' && field.sql !== 'enum')
      Object.assign(keys, { lt: one, lte: one, gt: one, gte: one });
    return fc.oneof(
      ...Object.entries(keys).map(([key, operand]) => fc.record({ [key]: operand })),
      fc.record({ gte: keys.gte ?? one, not: orNull }, { requiredKeys: ['not'] }),
      ...(field.sql === 'text' ? [{ weight: 4, arbitrary: pattern(model, field) }] : []),
    );
  };
  const pattern = (model: ModelName, field: Field): Any => {
    const spelled = fc.constantFrom(
      (part: string) => part,
      (part: string) => part.toUpperCase(),
      (part: string) => part.toLowerCase(),
    );
    const part = fc
      .tuple(value(model, field), fc.nat(3), fc.integer({ min: 1, max: 6 }), spelled)
      .map(([whole, from, length, spell]) =>
        spell([...(whole as string)].slice(from, from + length).join('')),
      );
    return fc
      .tuple(
        fc.constantFrom('contains', 'startsWith', 'endsWith'),
        part,
        fc.constantFrom(undefined, 'default', 'insensitive'),
      )
      .map(([name, operand, mode]) => ({ [name]: operand, ...(mode && { mode }) }));
  };

  const compared = (model: ModelName, field: Field): Any => {
    if (field.list) return fc.record({ has: text });
    const direct = fc.option(value(model, field), { freq: field.required ? 15 : 3 }); // null is Prisma's to refuse
    return fc.oneof(direct, operator(model, field), { weight: 2, arbitrary: operator(model, field) });
  };

  const where = memoized((model: ModelName, depth: number): fc.Arbitrary<Args> => {
    const parts: Any[] = scalars(model).map((field) =>
      compared(model, field).map((condition) => ({ [field.name]: condition })),
    );
    const scalar = fc.oneof(...(parts as [Any]), fc.constant({ [total(model)]: undefined }));
    if (depth === 0) return merged(scalar, 2);
    const inner = where(model, depth - 1);
    const many = fc.array(inner, { maxLength: 3 });
    const through = relations(model).map((field) => related(field, depth - 1));
    return merged(
      fc.oneof(
        { weight: 4, arbitrary: scalar },
        { weight: 3, arbitrary: fc.oneof(...(through as [Any])) },
        fc.record({ AND: fc.oneof(inner, many) }),
        fc.record({ OR: many }),
        fc.record({ NOT: fc.oneof(inner, many) }),
      ),
      3,
    );
  });
  const related = (field: Field, depth: number): Any => {
    const inner = where(target(field), depth);
    const condition = field.list
      ? fc.oneof(
          { weight: 4, arbitrary: fc.record({ some: inner }) as Any },
          { weight: 4, arbitrary: fc.record({ none: inner }) },
          fc.record({ every: inner }),
        )
      : fc.oneof(
          { weight: 5, arbitrary: inner as Any },
          { weight: 5, arbitrary: fc.record({ is: inner }) },
          fc.record({ isNot: inner }),
          ...(field.required ? [] : [fc.constantFrom(null, { is: null }, { isNot: null })]),
        );
    return condition.map((filter) => ({ [field.name]: filter }));
  };

  /** Total, so that both ways must agree on every place. */
  const orderBy = (model: ModelName): Any => {
    const direction = fc.constantFrom('asc', 'desc');
    const columns = scalars(model).filter(({ list }) => !list);
    const entry = fc
      .tuple(fc.constantFrom(...columns), direction)
      .map(([{ name }, way]) => ({ [name]: way }));
    const last = direction.map((way) => ({ [total(model)]: way }));
    return fc
      .tuple(fc.array(entry, { maxLength: 2 }), last)
      .map(([entries, end]) => (entries.length === 0 && end.id === 'asc' ? end : [...entries, end]));
  };
  const unique = (model: ModelName): fc.Arbitrary<Args> => {
    const selectors = Object.entries(guarantees[model].uniques);
    const of = (columns: string[]) =>
      fc
        .constantFrom(...rows[model])
        .map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));
    const usable = selectors.filter(([, columns]) =>
      rows[model].every((row) => columns.every((name) => row[name])),
    );
    if (usable.length === 0) return of([total(model)]);
    return fc.oneof(...usable.map(([name, columns]) => of(columns).map((key) => ({ [name]: key }))));
  };
  const page = (model: ModelName): fc.Arbitrary<Args> =>
    fc
      .tuple(
        fc.option(fc.constantFrom(0, 1, 1, 2, 2, 3, 5, 8, 50, 200, -2), { freq: 2, nil: undefined }),
        fc.option(fc.constantFrom(0, 1, 2), { freq: 2, nil: undefined }),
        rows[model].length > 0
          ? fc.option(unique(model), { freq: 1, nil: undefined })
          : fc.constant(undefined),
      )
      .map(([take, skip, cursor]) => ({
        ...(take !== undefined && { take }),
        ...(skip !== undefined && { skip }),
        ...(cursor !== undefined && { cursor }),
      }));

  const selection = memoized((model: ModelName, depth: number): fc.Arbitrary<Args> => {
    const column = fc
      .constantFrom(...scalars(model).map(({ name }) => name))
      .map((name) => ({ [name]: true }));
    if (depth === 0) return fc.oneof(fc.constant({}), fc.record({ select: merged(column, 4, 1) }));
    const through = relations(model).map((field) =>
      reached(field, depth - 1).map((args) => ({ [field.name]: args })),
    );
    const relation = fc.oneof(...(through as [Any]));
    return fc.oneof(
      fc.constant({}),
      fc.record({ select: merged(fc.oneof(column, relation), 5, 1) }),
      fc.record({ include: merged(relation, 3, 1) }),
    );
  });
  const reached = (field: Field, depth: number): Any => {
    const model = target(field);
    const chosen = selection(model, depth);
    if (!field.list) return fc.oneof(fc.constant(true as unknown), chosen);
    return fc
      .tuple(chosen, fc.option(where(model, 1), { nil: undefined }), orderBy(model), page(model))
      .map(([selected, filter, order, paged]) => ({
        ...selected,
        ...(filter && { where: filter }),
        orderBy: order,
        ...paged,
      }));
  };

  /**
   * New columns of a row: what is there, what could be, what must not be. Sealed columns and their
   * companions are the seal's to write.
   */
  const data = (model: ModelName, fresh: boolean): fc.Arbitrary<Args> => {
    const columns = scalars(model).filter(
      ({ name, sealed, companionOf }) => !sealed && !companionOf && name !== 'id',
    );
    const cell = (field: Field): Any => {
      const plain =
        field.name === 'companyId' || /Id$/.test(field.name) ? there(model, field) : value(model, field);
      const orNull = field.required ? plain : fc.option(plain, { freq: 3 });
      const set = orNull.map((given) => ({ set: given }));
      return fc.oneof({ weight: fresh ? 60 : 4, arbitrary: orNull }, set);
    };
    const cells = Object.fromEntries(columns.map((field) => [field.name, cell(field)]));
    if (!fresh) return someOf(cells);
    const taken = there(model, { name: 'id', sql: 'uuid' } as Field);
    const id = fc.oneof({ weight: 9, arbitrary: fc.uuid({ version: 7 }) as Any }, taken);
    const needed = columns
      .filter(({ required, name }) => required && name !== 'status')
      .map(({ name }) => name);
    return fc.record({ ...cells, id }, { requiredKeys: [...needed, 'id'] as never[] });
  };
  const someOf = ({ companyId: _, ...cells }: Record<string, Any>): fc.Arbitrary<Args> =>
    fc
      .tuple(
        fc.record(cells),
        fc.subarray(Object.keys(cells), { maxLength: Math.min(4, Object.keys(cells).length) }),
      )
      .map(([all, names]) => Object.fromEntries(names.map((name) => [name, all[name]])));
  const there = (model: ModelName, field: Field): Any => {
    const ids = known(model, field);
    return ids.length > 0 ? fc.constantFrom(...ids) : value(model, field);
  };

  const listing = (model: ModelName): fc.Arbitrary<Args> =>
    fc
      .tuple(
        selection(model, 2),
        fc.option(where(model, 2), { freq: 4, nil: undefined }),
        orderBy(model),
        page(model),
      )
      .map(([selected, filter, order, paged]) => ({
        ...selected,
        ...(filter && { where: filter }),
        orderBy: order,
        ...paged,
      }));
  return { where, selection, unique, listing, data };
}

const merged = (part: Any, maxLength: number, minLength = 0): fc.Arbitrary<Args> =>
  fc.array(part, { minLength, maxLength }).map((parts) => Object.assign({}, ...(parts as Args[])));

function memoized<T>(make: (model: ModelName, depth: number) => T): (model: ModelName, depth: number) => T {
  const made = new Map<string, T>();
  return (model, depth) => {
    const name = `${model}${depth}`;
    const known = made.get(name) ?? make(model, depth);
    made.set(name, known);
    return known;
  };
}
