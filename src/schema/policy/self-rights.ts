import { type GraphQLSchema, isObjectType } from 'graphql';
import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';
import { ruleOf } from '../core/authorization-rules.ts';
import { authorizationOptions, modelOf } from '../core/pothos-extensions.ts';

/**
 * Returns, for each model with a column that names the owner of a row, the permissions whose fields
 * and rows the owner may read without holding them. Read from the rules of the schema and from
 * @visible.
 */
export function selfRights(schema: GraphQLSchema): ReadonlyMap<ModelName, readonly string[]> {
  const rights = new Map<ModelName, Set<string>>();
  for (const [model, permission] of [...openedRows(), ...openedFields(schema)])
    if (ownerColumn(model)) rights.set(model, (rights.get(model) ?? new Set()).add(permission));
  return new Map([...rights].map(([model, opened]) => [model, [...opened].sort()]));
}

const ownerColumn = (model: ModelName): string | null => {
  const self = guarantees[model].visible?.self;
  return self && self in guarantees[model].fields ? self : null;
};

/**
 * Returns the models with an owner, with the permission that their rows require: of the model
 * itself, and of models that reach the owner by a relation.
 */
function openedRows(): [ModelName, string][] {
  return (Object.keys(guarantees) as ModelName[]).flatMap((model) => {
    const { visible } = guarantees[model];
    const owner = visible?.self && modelAlong(model, visible.self.split('.').slice(0, -1));
    return visible && owner ? [[owner, visible.read] as [ModelName, string]] : [];
  });
}

const modelAlong = (model: ModelName, path: string[]): ModelName =>
  path.reduce<ModelName>((at, step) => guarantees[at].fields[step]?.relation as ModelName, model);

function openedFields(schema: GraphQLSchema): [ModelName, string][] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    const model = isObjectType(type) && (modelOf(type) as ModelName | undefined);
    if (!isObjectType(type) || !model) return [];
    const rules = [type, ...Object.values(type.getFields())].map((one) =>
      ruleOf(authorizationOptions(one).authScopes),
    );
    return rules.flatMap((rule) =>
      rule?.self && rule.can ? [[model, rule.can] as [ModelName, string]] : [],
    );
  });
}
