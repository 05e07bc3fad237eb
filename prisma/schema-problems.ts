import type { DMMF } from '@prisma/generator-helper';
import { mostSimilar } from '../src/config/names.ts';
import { schemaPlace } from '../src/config/schema-place.ts';
import type { Arguments } from './annotations.ts';

type Model = DMMF.Model;
const DIMENSIONS = ['branch', 'department', 'team', 'self'];

/** Lists what is wrong with @visible: each path leads through to-one relations to a column. */
export function visibleProblems(models: readonly Model[], source: Model, visible: Arguments = {}): string[] {
  const place = `${schemaPlace(source.name, /@visible/)}: @visible of ${source.name}`;
  return Object.entries(visible).flatMap(([name, path]) => {
    if (name === 'read') return [];
    if (!DIMENSIONS.includes(name))
      return [
        `${place} has the unknown part ${name}; known: ${DIMENSIONS.join(', ')}, such as branch: branchId.`,
      ];
    const problem = pathProblem(models, source, path.split('.'));
    return problem ? [`${place} names ${name}: ${path}, but ${problem}.`] : [];
  });
}

function pathProblem(models: readonly Model[], source: Model, [step = '', ...rest]: string[]): string | null {
  const fits = ({ kind, isList }: DMMF.Field) => !isList && (kind === 'object') === rest.length > 0;
  const field = source.fields.find(({ name }) => name === step);
  if (!field || !fits(field))
    return `${source.name} has no ${kindOf(rest)} ${step}; ${advice(source, step, fits)}`;
  const next = models.find(({ name }) => name === field.type);
  return rest.length > 0 && next ? pathProblem(models, next, rest) : null;
}

const kindOf = (rest: string[]) => (rest.length > 0 ? 'to-one relation' : 'column');

function advice(source: Model, step: string, fits: (field: DMMF.Field) => boolean): string {
  const known = source.fields.filter(fits).map(({ name }) => name);
  const meant = mostSimilar(step, known);
  return meant ? `did you mean ${meant}?` : `write one of its own, such as ${known[0]}`;
}

/** Lists unique keys of a company's rows that do not begin with the company. */
export function uniqueProblems(source: Model, tenant: string | null): string[] {
  if (!tenant) return [];
  const named = (flag: 'isId' | 'isUnique') =>
    source.fields.filter((field) => field[flag]).map(({ name }) => [name]);
  const primary = source.primaryKey ? [[...source.primaryKey.fields]] : named('isId');
  // Prisma marks the column of `@@unique([plate])` as unique too
  const unique = new Map([...named('isUnique'), ...source.uniqueFields].map((key) => [key.join(), key]));
  const found = [
    ...primary.map((key) => spans(source, tenant, key, true)),
    ...[...unique.values()].map((key) => spans(source, tenant, key)),
  ];
  return found.filter((problem) => problem !== null);
}

function spans(source: Model, tenant: string, key: readonly string[], primary = false): string | null {
  if (key[0] === tenant) return null;
  const columns = [tenant, ...key.filter((name) => name !== tenant)].join(', ');
  const fix = primary ? `@@id([${columns}], name: "key")` : `@@unique([${columns}])`;
  return (
    `${keyPlace(source.name, key)}: the unique key ${key.join(', ')} of ${source.name} does not begin with ${tenant}, so that a conflict ` +
    `would reveal another company's row; write ${fix}, and the same in the migration.`
  );
}

const keyPlace = (model: string, [first, ...others]: readonly string[]): string =>
  schemaPlace(
    model,
    new RegExp(
      others.length > 0
        ? `@@\\w+\\(\\[${[first, ...others].join(',\\s*')}\\]`
        : `^\\s*${first}\\s.*@(unique|id)|@@\\w+\\(\\[${first}\\]`,
    ),
  );
