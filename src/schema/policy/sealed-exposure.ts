import { type GraphQLSchema, isObjectType } from 'graphql';
import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';
import { exposedColumn, modelOf } from '../core/pothos-extensions.ts';

/**
 * Rejects a schema that exposes a sealed column, its blind index or a secret without a resolver.
 */
export function refuseSealedExposure(schema: GraphQLSchema): void {
  const exposed = Object.values(schema.getTypeMap()).flatMap((type) => {
    const model = modelOf(type);
    if (!isObjectType(type) || !model) return [];
    const columns = guarantees[model as ModelName].fields;
    return Object.values(type.getFields()).filter((field) => {
      const column = exposedColumn(field);
      const guarantee = column ? columns[column] : undefined;
      return guarantee?.sealed || guarantee?.secret || guarantee?.companionOf;
    });
  });
  if (exposed.length > 0) {
    throw new Error(
      `Open sealed columns in a resolver behind a rule, never by expose: ${exposed.map((field) => field.name).join(', ')}`,
    );
  }
}
