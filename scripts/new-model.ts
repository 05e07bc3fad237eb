/**
 * `npm run new:model -- Certificate name:string expiresOn:date serial:sealed` writes
 * prisma/schema/certificate.prisma and its migration, and prints what is left to do;
 * docs/add-a-type.md walks through it. A column is `name:type` with words after `+`: `optional` for
 * any; `exact`, `last4`, `decimal` or a key scope for `sealed`. A model's name as the type is a row
 * of that model.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mostSimilar } from '../src/config/names.ts';
import { isKeyScope, KEY_SCOPES } from '../src/crypto/keys/scopes.ts';
import { callOf } from '../src/db/startup/audit-log.ts';

type Type = { prisma: string; sql: string; attribute?: string };
const TEXT: Type = { prisma: 'String', sql: 'TEXT' };
const REFERENCE: Type = { prisma: 'String', sql: 'UUID', attribute: '@db.Uuid' };
const TYPES: Record<string, Type> = {
  string: TEXT,
  int: { prisma: 'Int', sql: 'INTEGER' },
  boolean: { prisma: 'Boolean', sql: 'BOOLEAN' },
  date: { prisma: 'DateTime', sql: 'DATE', attribute: '@db.Date' },
  moment: { prisma: 'DateTime', sql: 'TIMESTAMPTZ(3)', attribute: '@db.Timestamptz(3)' },
};
const OPTIONS: Record<string, string> = { decimal: 'type', exact: 'search', last4: 'mask' };
const TAKEN = ['id', 'companyId', 'createdAt', 'company'];
const MODEL = /^[A-Z][A-Za-z0-9]{1,39}$/;
const FIELD = /^[a-z][A-Za-z0-9]{0,39}$/;

/**
 * A column as the table has it; `parent` is the model that it refers to, `sealed` the annotation
 * over it. A companion follows from a sealed one.
 */
type Column = { name: string; type: Type; optional: boolean } & Further;
type Further = { indexed?: true; parent?: string; sealed?: string; companion?: true };

/**
 * `employee:Employee` and `serial:sealed+exact` as columns: a sealed one brings its blind index and
 * its mask along.
 */
export function parseColumns(text: string): Column[] {
  const [name = '', given = ''] = text.split(':');
  const [kind = '', ...words] = given.split('+');
  const optional = words.includes('optional');
  const further = words.filter((word) => word !== 'optional');
  const type = TYPES[kind];
  if (!FIELD.test(name)) throw new Error(`${text}: expected a column's name such as expiresOn first`);
  if (TAKEN.includes(name)) throw new Error(`${text}: every model has ${TAKEN.join(', ')} already`);
  if (kind === 'sealed') return sealedColumns(name, optional, further);
  if (further.length > 0) throw new Error(`${text}: ${further.join(', ')} is for sealed columns only`);
  if (type) return [{ name, type, optional }];
  if (MODEL.test(kind))
    return [{ name: `${name}Id`, type: REFERENCE, optional, indexed: true, parent: kind }];
  const known = [...Object.keys(TYPES), 'sealed'].join(', ');
  throw new Error(`${text}: expected ${known} or a model's name as the type, got '${kind}'`);
}

const SEALED_WORDS = ['optional', ...Object.keys(OPTIONS), ...Object.keys(KEY_SCOPES)];

function refuseUnknown(name: string, words: string[]): void {
  const unknown = words.find((word) => !SEALED_WORDS.includes(word));
  if (unknown === undefined) return;
  const meant = mostSimilar(unknown, SEALED_WORDS);
  throw new Error(
    `${name}: unknown word '${unknown}'${meant ? `; did you mean ${meant}?` : ';'} Known: ${SEALED_WORDS.join(', ')}. Key scopes are declared in src/crypto/keys/scopes.ts`,
  );
}

function sealedColumns(name: string, optional: boolean, words: string[]): Column[] {
  refuseUnknown(name, words);
  const [scope = 'pii', second] = words.filter(isKeyScope);
  if (second) throw new Error(`${name}: expected one key scope, got ${scope} and ${second}`);
  const options = words.filter((word) => OPTIONS[word]).map((word) => `, ${OPTIONS[word]}: ${word}`);
  const column = { name, type: TEXT, optional, sealed: `/// @sealed(scope: ${scope}${options.join('')})` };
  const companion = { type: TEXT, optional: true, companion: true as const };
  const index: Column = { ...companion, name: `${name}Index`, indexed: true };
  const mask: Column = { ...companion, name: `${name}Last4` };
  return [column, ...(words.includes('exact') ? [index] : []), ...(words.includes('last4') ? [mask] : [])];
}

const lower = (name: string): string => `${name[0]?.toLowerCase()}${name.slice(1)}`;
const plural = (it: string): string => `${it.replace(/([^aeiou])y$/, '$1ie').replace(/(s|x|ch)$/, '$1e')}s`;

/** A line for each column that has `property`. */
const lines = (columns: Column[], property: keyof Column, line: (column: Column) => string): string =>
  columns.map((column) => (column[property] ? `${line(column)}\n` : '')).join('');

/** The text of the model's file in prisma/schema. */
export function modelText(model: string, columns: Column[]): string {
  const field = ({ name, type: { prisma, attribute = '' }, optional, sealed }: Column) =>
    `${sealed ? `  ${sealed}\n` : ''}  ${name} ${prisma}${optional ? '?' : ''} ${attribute}`.trimEnd();
  const relation = ({ name, parent, optional }: Column) =>
    `  ${name.replace(/Id$/, '')} ${parent}${optional ? '?' : ''} ` +
    `@relation(fields: [companyId, ${name}], references: [companyId, id], onDelete: NoAction)`;
  return `/// @tenant @audited
model ${model} {
  companyId String @db.Uuid
  id String @db.Uuid
${lines(columns, 'name', field)}  createdAt DateTime @default(now()) @db.Timestamptz(3)

  company Company @relation(fields: [companyId], references: [id], onDelete: Cascade)
${lines(columns, 'parent', relation)}
  @@id([companyId, id], name: "key")
${lines(columns, 'indexed', ({ name }) => `  @@index([companyId, ${name}])`)}}
`;
}

/** Files of prisma/schema by name. */
export type SchemaFiles = Record<string, string>;
const SCHEMA = 'prisma/schema';
const fileOf = (model: string): string => `${model.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase()}.prisma`;

/**
 * The files that the model changes: its own, and each relation's other side, which Prisma requires
 * in the model referred to.
 */
export function extendSchema(schema: SchemaFiles, model: string, columns: Column[]): SchemaFiles {
  const own = fileOf(model);
  if (schema[own] !== undefined || fileWith(schema, model))
    throw new Error(`${SCHEMA} has a model ${model} already`);
  const changed: SchemaFiles = { [own]: modelText(model, columns) };
  for (const parent of new Set(['Company', ...columns.flatMap((column) => column.parent ?? [])])) {
    const name = parent === model ? own : fileWith(schema, parent);
    if (!name) throw new Error(`${SCHEMA} has no model ${parent}`);
    changed[name] = withRelation(changed[name] ?? schema[name] ?? '', parent, model);
  }
  return changed;
}

const fileWith = (schema: SchemaFiles, model: string): string | undefined =>
  Object.keys(schema).find((name) => schema[name]?.includes(`\nmodel ${model} {`));

function withRelation(text: string, parent: string, model: string): string {
  const block = new RegExp(`(\nmodel ${parent} \\{.*?)(\n\n  @@|\n\\}\n)`, 's');
  return text.replace(block, (_, body, end) => `${body}\n  ${plural(lower(model))} ${model}[]${end}`);
}

function readSchema(): SchemaFiles {
  const names = readdirSync(SCHEMA).filter((name) => name.endsWith('.prisma'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(`${SCHEMA}/${name}`, 'utf8')]));
}

/**
 * Returns the migration: Prisma's names, keys that begin with the company, and the table's
 * protections.
 */
export function migrationText(model: string, columns: Column[]): string {
  const column = ({ name, type, optional }: Column) =>
    `    "${name}" ${type.sql}${optional ? '' : ' NOT NULL'},`;
  const index = ({ name }: Column) =>
    `CREATE INDEX "${model}_companyId_${name}_idx" ON "${model}"("companyId", "${name}");`;
  const reference = ({ name, parent }: Column) =>
    `ALTER TABLE "${model}" ADD CONSTRAINT "${model}_companyId_${name}_fkey" FOREIGN KEY ("companyId", "${name}") ` +
    `REFERENCES "${parent}"("companyId", "id") ON DELETE NO ACTION ON UPDATE CASCADE;`;
  return `CREATE TABLE "${model}" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
${lines(columns, 'name', column)}    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "${model}_pkey" PRIMARY KEY ("companyId","id")
);
${lines(columns, 'indexed', index)}\
ALTER TABLE "${model}" ADD CONSTRAINT "${model}_companyId_fkey" FOREIGN KEY ("companyId") \
REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
${lines(columns, 'parent', reference)}
CALL protect_tenant_table('"${model}"');
${lines(columns, 'sealed', ({ name }) => `CALL protect_sealed_column('"${model}"', '${name}');`)}\
${auditCall(model, columns)}
`;
}

/**
 * The severities are those of docs/add-a-type.md; start-up compares them with the catalogue of
 * events.
 */
const auditCall = (model: string, columns: Column[]): string =>
  callOf({
    name: model,
    tenant: 'companyId',
    hidden: columns.filter(({ companion }) => companion).map(({ name }) => name),
    secret: [],
    severities: ['LOW', 'LOW', 'MEDIUM'],
  });

const nextSteps = (name: string, file: string, migration: string): string => `\
Written: the model in ${file}, its table in ${migration}. Read both. What is left:
 1. npm run generate             and read what changed in src/db/guarantees.gen.ts
    npm run structure            and read what changed in prisma/structure.sql
 2. src/audit/record/events.ts          '${name}.created' (LOW), '${name}.updated' (LOW), '${name}.deleted' (MEDIUM)
 3. src/auth/authorization/permissions.ts           '${name}.read', '${name}.write', and the roles that hold them
 4. src/domain/<area>/${name}.ts, src/schema/<area>/${name}.ts, and its import in src/schema/index.ts
 5. test/domain/<area>/${name}.test.ts
 6. npm run generate again, npm test and npm run check. docs/add-a-type.md shows each in full`;

function main([model = '', ...words]: string[]): void {
  if (!MODEL.test(model)) throw new Error(`expected a model's name such as Certificate, got '${model}'`);
  const columns = words.flatMap(parseColumns);
  const schema = extendSchema(readSchema(), model, columns);
  const last = Math.max(...readdirSync('prisma/migrations').map((name) => Number.parseInt(name, 10) || 0));
  const name = model.replace(/(?!^)([A-Z])/g, '_$1').toLowerCase();
  const folder = `prisma/migrations/${String(last + 1).padStart(4, '0')}_${name}`;
  mkdirSync(folder);
  writeFileSync(`${folder}/migration.sql`, migrationText(model, columns));
  for (const [file, text] of Object.entries(schema)) writeFileSync(`${SCHEMA}/${file}`, text);
  console.log(nextSteps(lower(model), `${SCHEMA}/${fileOf(model)}`, `${folder}/migration.sql`));
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(`new:model: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
