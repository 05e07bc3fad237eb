import {
  type FieldGuarantee,
  guarantees,
  type ModelGuarantee,
  type ModelName,
} from '../../db/guarantees.gen.ts';

/** A sealed column and its companions: `index` for equality, `lastFour` for the mask. */
export type Column = {
  model: string;
  field: string;
  scope: string;
  decimal: boolean;
  index: string | null;
  lastFour: string | null;
};

/** The sealed columns of a model, derived once from the annotations. */
export type SealedModel = {
  columns: Column[];
  byField: ReadonlyMap<string, Column>;
  companions: ReadonlySet<string>;
  /** Columns without meaningful order or equality: ciphertext and blind indexes. */
  opaque: ReadonlySet<string>;
  relations: ReadonlyMap<string, string>;
  uniques: ReadonlySet<string>;
};

const models = new Map(
  Object.entries(guarantees).map(([name, guarantee]) => [name, sealedModel(name as ModelName, guarantee)]),
);

export function modelOf(name: string): SealedModel {
  const model = models.get(name);
  if (!model) throw new Error(`${name}: no such model in guarantees.gen.ts; run prisma generate`);
  return model;
}

function sealedModel(name: ModelName, guarantee: ModelGuarantee): SealedModel {
  const fields = Object.entries(guarantee.fields);
  const columns = fields
    .filter(([, field]) => field.sealed)
    .map(([field, spec]) => sealedColumn(name, guarantee, field, spec));
  return {
    columns,
    byField: new Map(columns.map((column) => [column.field, column])),
    companions: new Set(fields.filter(([, field]) => field.companionOf).map(([field]) => field)),
    opaque: new Set(columns.flatMap(({ field, index }) => (index ? [field, index] : [field]))),
    relations: new Map(
      fields.flatMap(([field, { relation }]) => (relation ? [[field, relation] as const] : [])),
    ),
    uniques: new Set(Object.keys(guarantee.uniques)),
  };
}

function sealedColumn(
  model: ModelName,
  guarantee: ModelGuarantee,
  field: string,
  { sealed, type, list }: FieldGuarantee,
): Column {
  const where = `${model}.${field}`;
  if (!sealed) throw new Error(`${where} is not sealed`);
  // A seal is bound to company and row: both must be known before the write.
  if (guarantee.tenant !== 'companyId' || !guarantee.fields.id)
    throw new Error(`${where}: only rows with companyId and id are sealed`);
  if (type !== 'String' || list)
    throw new Error(
      `${where}: expected String, which is what a ciphertext is, got ${type}${list ? '[]' : ''}`,
    );
  if (sealed.type === 'decimal' && sealed.search)
    throw new Error(`${where}: 1.5 and 1.50 have different blind indexes; a decimal has no search`);
  return {
    model,
    field,
    scope: sealed.scope,
    decimal: sealed.type === 'decimal',
    index: sealed.search ? companion(guarantee, where, `${field}Index`) : null,
    lastFour: sealed.mask ? companion(guarantee, where, `${field}Last4`) : null,
  };
}

function companion(guarantee: ModelGuarantee, where: string, name: string): string {
  if (!guarantee.fields[name]?.companionOf) throw new Error(`${where}: expected a companion column ${name}`);
  return name;
}
