/**
 * Prisma generator: the annotations in prisma/schema become `src/db/guarantees.gen.ts`, the table
 * that the tenant, sealing and audit extensions read at run time (Prisma's own client keeps no
 * `///` comments). An annotation that it does not know, a model without a stance on tenants or
 * audit, a path that leads nowhere, a unique key without the company, and a sealed column without
 * its companions stop the generation.
 */
import { writeFileSync } from 'node:fs';
import generatorHelper, { type DMMF } from '@prisma/generator-helper';
import { isKeyScope, KEY_SCOPES } from '../src/crypto/keys/scopes.ts';
import { type Arguments, annotations } from './annotations.ts';
import { uniqueProblems, visibleProblems } from './schema-problems.ts';

const OUTPUT = 'src/db/guarantees.gen.ts';
const MODEL_ANNOTATIONS = ['tenant', 'identity', 'audited', 'unaudited', 'visible'];
const FIELD_ANNOTATIONS = ['sealed', 'secret'];

function model(models: readonly DMMF.Model[], source: DMMF.Model) {
  const given = annotations(source.name, source.documentation, MODEL_ANNOTATIONS);
  if (Boolean(given.audited) === Boolean(given.unaudited?.reason)) {
    throw new Error(`${source.name}: say @audited, or @unaudited(reason: "…"), and not both`);
  }
  const tenant = given.tenant ? (given.tenant.value ?? 'companyId') : null;
  if (tenant && !source.fields.some((f) => f.name === tenant)) {
    throw new Error(`${source.name}: @tenant rows need the column ${tenant}`);
  }
  if (given.visible && !given.visible.read)
    throw new Error(`${source.name}: @visible needs read: <permission>`);
  const problems = [...visibleProblems(models, source, given.visible), ...uniqueProblems(source, tenant)];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return {
    table: source.dbName ?? source.name,
    tenant,
    identity: given.identity?.self ?? null,
    audited: Boolean(given.audited),
    uniques: uniques(source),
    ...(given.visible && { visible: given.visible }),
    fields: Object.fromEntries(source.fields.map((f) => [f.name, field(models, source, f)])),
  };
}

function uniques(source: DMMF.Model): Record<string, string[]> {
  const keys = [source.primaryKey, ...source.uniqueIndexes].filter((key) => key !== null);
  return Object.fromEntries(keys.map((key) => [key.name ?? key.fields.join('_'), [...key.fields]]));
}

function field(models: readonly DMMF.Model[], source: DMMF.Model, column: DMMF.Field) {
  const where = `${source.name}.${column.name}`;
  const given = annotations(where, column.documentation, FIELD_ANNOTATIONS);
  const parent = companionOf(source, column.name);
  return {
    type: column.type,
    list: column.isList,
    required: column.isRequired,
    ...(column.kind === 'object'
      ? { relation: column.type, on: joinOf(models, source, column) }
      : { sql: sqlType(column) }),
    ...(given.sealed && { sealed: sealed(where, source, column, given.sealed) }),
    ...(given.secret && { secret: true }),
    ...(parent && { companionOf: parent }),
  };
}

/** The columns that join a relation, here to there; those of a list stand on its other side. */
function joinOf(
  models: readonly DMMF.Model[],
  source: DMMF.Model,
  column: DMMF.Field,
): [here: string, there: string][] {
  const pairs = (from: DMMF.Field) =>
    (from.relationFromFields ?? []).map(
      (name, index) => [name, from.relationToFields?.[index] ?? ''] as const,
    );
  if (column.relationFromFields?.length) return pairs(column).map(([here, there]) => [here, there]);
  const other = models
    .find(({ name }) => name === column.type)
    ?.fields.find(
      ({ relationName, name }) =>
        relationName === column.relationName && (column.type !== source.name || name !== column.name),
    );
  return other ? pairs(other).map(([there, here]) => [here, there]) : [];
}

const SQL_TYPES: Record<string, string> = {
  Uuid: 'uuid',
  Date: 'date',
  Timestamptz: 'timestamptz',
  Char: 'text',
  String: 'text',
  Int: 'integer',
  Boolean: 'boolean',
};

/**
 * Returns the column type for the fast path; `other` is unsupported, as are columns that Prisma
 * fills in or renames.
 */
function sqlType({
  kind,
  type,
  nativeType,
  isList,
  isUpdatedAt,
  dbName,
  default: given,
}: DMMF.Field): string {
  const byPrisma =
    typeof given === 'object' &&
    'name' in given &&
    !['now', 'autoincrement', 'dbgenerated'].includes(given.name);
  if (isUpdatedAt || dbName || byPrisma) return 'other';
  const found = kind === 'enum' ? 'enum' : SQL_TYPES[nativeType?.[0] ?? type];
  if (isList) return found === 'text' ? 'text[]' : 'other';
  return found ?? 'other';
}

function sealed(where: string, source: DMMF.Model, column: DMMF.Field, args: Arguments) {
  const { scope, type, search, mask } = args;
  const scopes = Object.keys(KEY_SCOPES).join(', ');
  if (!scope || !isKeyScope(scope))
    throw new Error(`${where}: @sealed(scope: ${scope ?? ''}); known: ${scopes} (src/crypto/keys/scopes.ts)`);
  if (column.type !== 'String' || column.isList)
    throw new Error(`${where}: a sealed column is a String, it holds ciphertext`);
  if (type && type !== 'decimal') throw new Error(`${where}: @sealed(type: ${type}); known: decimal`);
  if (search && search !== 'exact') throw new Error(`${where}: @sealed(search: ${search}); known: exact`);
  if (mask && mask !== 'last4') throw new Error(`${where}: @sealed(mask: ${mask}); known: last4`);
  for (const companion of [search && `${column.name}Index`, mask && `${column.name}Last4`]) {
    if (
      companion &&
      !source.fields.some((f) => f.name === companion && f.type === 'String' && !f.isRequired)
    ) {
      throw new Error(`${where}: add the companion column ${companion} String?`);
    }
  }
  return args;
}

function companionOf(source: DMMF.Model, name: string): string | undefined {
  const parent = name.match(/^(.+)(?:Index|Last4)$/)?.[1];
  return source.fields.find((f) => f.name === parent && f.documentation?.includes('@sealed'))?.name;
}

const TYPES = `/** One column: its Prisma type and what protects it. */
export type FieldGuarantee = {
  type: string;
  list: boolean;
  required: boolean;
  relation?: string;
  /** The columns that join the relation: here, there. */
  on?: [here: string, there: string][];
  sql?: 'uuid' | 'text' | 'text[]' | 'enum' | 'date' | 'timestamptz' | 'integer' | 'boolean' | 'other';
  sealed?: { scope: string; type?: 'decimal'; search?: 'exact'; mask?: 'last4' };
  companionOf?: string;
  secret?: true;
};

/** The annotations of one model: tenant, audit, visibility. */
export type ModelGuarantee = {
  table: string;
  tenant: 'companyId' | 'id' | null;
  identity: string | null;
  audited: boolean;
  uniques: Record<string, string[]>;
  visible?: { read: string; branch?: string; department?: string; team?: string; self?: string };
  fields: Record<string, FieldGuarantee>;
};
`;

generatorHelper.generatorHandler({
  onManifest: () => ({ prettyName: 'Guarantees', defaultOutput: OUTPUT }),
  onGenerate: async ({ dmmf }) => {
    const table = Object.fromEntries(
      dmmf.datamodel.models.map((source) => [source.name, model(dmmf.datamodel.models, source)]),
    );
    const names = dmmf.datamodel.models.map((source) => `'${source.name}'`).join(' | ');
    writeFileSync(
      OUTPUT,
      `// Generated from prisma/schema by prisma/guarantees.ts. Do not edit; review it.\n\n${TYPES}
export type ModelName = ${names};\n
export const guarantees: Record<ModelName, ModelGuarantee> = ${JSON.stringify(table, null, 2)};\n`,
    );
  },
});
