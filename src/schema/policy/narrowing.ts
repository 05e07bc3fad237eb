import { type GraphQLNamedType, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { isNarrowed, isPermission, permissions } from '../../auth/authorization/permissions.ts';
import { mostSimilar } from '../../config/names.ts';
import { schemaPlace } from '../../config/schema-place.ts';
import { guarantees, type ModelGuarantee, type ModelName } from '../../db/guarantees.gen.ts';
import { ruleOf } from '../core/authorization-rules.ts';
import { authorizationOptions, modelOf } from '../core/pothos-extensions.ts';

type Guarded = { permission: string; model: ModelName };

/**
 * Rejects a schema where a narrowable permission guards a model without @visible: its holder in one
 * branch would act on the rows of the whole company. Throws one sentence a model, with its place
 * and an example of the fix.
 */
export function refuseUnnarrowedModels(schema: GraphQLSchema): void {
  const found = new Map(
    guardedModels(schema)
      .filter(
        ({ permission, model }) =>
          isPermission(permission) && isNarrowed(permission) && !guarantees[model].visible,
      )
      .map((guarded) => [`${guarded.permission} ${guarded.model}`, guarded]),
  );
  if (found.size > 0) throw new Error([...found.values()].map(sentence).join('\n'));
}

const sentence = ({ permission, model }: Guarded): string =>
  `${schemaPlace(model)}: ${permission} can be held for a branch (\`narrowable\` in src/auth/authorization/permissions.ts), but nothing narrows ` +
  `the rows of ${model}; put \`/// @visible(read: ${permission}, branch: branchId)\` over the model, or take the permission out of \`narrowable\`.`;

/**
 * Rejects a model whose @visible names no permission: its rows would be visible to no member.
 * Throws one sentence a model, with its place and the permission that was probably meant.
 */
export function refuseUnknownReads(
  models: Record<string, Pick<ModelGuarantee, 'visible'>> = guarantees,
): void {
  const found = Object.entries(models).flatMap(([model, { visible }]) =>
    visible && !isPermission(visible.read) ? [unknownRead(model, visible.read)] : [],
  );
  if (found.length > 0) throw new Error(found.join('\n'));
}

function unknownRead(model: string, read: string): string {
  const meant = mostSimilar(read, Object.keys(permissions));
  const advice = meant
    ? `did you mean ${meant}?`
    : 'add it to `permissions` in src/auth/authorization/permissions.ts.';
  return `${schemaPlace(model, /@visible/)}: @visible of ${model} names read: ${read}, which is no permission; ${advice}`;
}

/**
 * Returns each permission of a type or field, with the models whose rows it guards: those of the
 * type, or those that an operation returns.
 */
function guardedModels(schema: GraphQLSchema): Guarded[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__')) return [];
    const own = modelOf(type) as ModelName | undefined;
    const ofType = own ? pairs(type, [own]) : [];
    const ofFields = Object.values(type.getFields()).flatMap((field) => {
      const returned = returnedModels(getNamedType(field.type));
      return pairs(field, returned.length === 0 && own ? [own] : returned);
    });
    return [...ofType, ...ofFields];
  });
}

function pairs(guarded: Parameters<typeof authorizationOptions>[0], models: ModelName[]): Guarded[] {
  const rule = ruleOf(authorizationOptions(guarded).authScopes);
  const permission = rule?.everywhere ? undefined : rule?.can;
  return permission ? models.map((model) => ({ permission, model })) : [];
}

/** Returns the model of a type, or those of the objects in a connection, edge or payload. */
function returnedModels(type: GraphQLNamedType, depth = 0): ModelName[] {
  if (!isObjectType(type) || depth > 2) return [];
  const model = modelOf(type) as ModelName | undefined;
  if (model) return [model];
  return Object.values(type.getFields()).flatMap((field) =>
    returnedModels(getNamedType(field.type), depth + 1),
  );
}
