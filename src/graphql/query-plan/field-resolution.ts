import { defaultFieldResolver, type FieldNode, type GraphQLField, getArgumentValues } from 'graphql';
import { isLoaded, type Loaded, onlyLeaves } from '../../schema/core/loaded-plugin.ts';
import { fieldAuthorization } from './authorization.ts';
import type { ExecutionState, FieldCall, Position } from './execution-state.ts';
import { unsupported } from './unsupported.ts';

/** `direct`: the resolver is called without Pothos around it, and needs no position. */
export type FieldResolution = {
  direct: boolean;
  resolve: (state: ExecutionState, row: unknown, position: Position | undefined) => unknown;
};

/**
 * Compiles how a field gets its value. A field that answers from its row is resolved directly, after its own authorization; any other
 * goes through all that Pothos wraps around its resolver.
 */
export function fieldResolution(call: FieldCall): FieldResolution {
  const { own, columns, relation } = (call.field.extensions.loaded ?? {}) as Partial<Loaded>;
  const direct = own && columns && call.parent.name !== 'Query' && (!relation || onlyLeaves(call.nodes));
  return direct
    ? resolvedDirectly(call, { own, columns, relation: relation ?? false })
    : resolvedByPothos(call);
}

function resolvedDirectly(call: FieldCall, loaded: Loaded): FieldResolution {
  const redact = fieldAuthorization(call.field);
  return {
    direct: true,
    resolve(state, row) {
      if (!isLoaded(loaded, row)) return unsupported('unloaded row');
      const { args, info } = inputsOf(call, state);
      const redacted = redact?.(row, args, state.context, info);
      return redacted ? redacted.value : loaded.own(row, args, state.context, info);
    },
  };
}

const resolvedByPothos = (call: FieldCall): FieldResolution => ({
  direct: false,
  resolve(state, row, position) {
    const { args, info } = inputsOf(call, state);
    const path = position as typeof info.path;
    const resolve = call.field.resolve ?? defaultFieldResolver;
    return resolve(row, args, state.context, { ...info, path });
  },
});

/** Arguments and info of a field; the path in it has no list index, which no direct resolver looks at. */
function inputsOf(call: FieldCall, state: ExecutionState) {
  const known = state.inputs.get(call);
  if (known) return known;
  const { field, nodes, parent } = call;
  const [node] = nodes as [FieldNode];
  const path = { prev: undefined, key: field.name, typename: parent.name };
  const args = getArgumentValues(field as GraphQLField<unknown, unknown>, node, state.info.variableValues);
  const own = { fieldName: field.name, fieldNodes: nodes, returnType: field.type, parentType: parent, path };
  const inputs = { args, info: { ...state.info, ...own } };
  state.inputs.set(call, inputs);
  return inputs;
}
