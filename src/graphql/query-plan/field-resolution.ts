import { defaultFieldResolver, type FieldNode, type GraphQLField, getArgumentValues } from 'graphql';
import { isLoaded, type Loaded, onlyLeaves, type Planned } from '../../schema/core/loaded-plugin.ts';
import { fieldAuthorization, mayResolve } from './authorization.ts';
import type { ExecutionState, FieldCall, Position } from './execution-state.ts';
import { selectionFinder } from './selections.ts';
import { unsupported } from './unsupported.ts';

/** `direct`: the resolver is called without Pothos around it, and needs no position. */
export type FieldResolution = {
  direct: boolean;
  resolve: (state: ExecutionState, row: unknown, position: Position | undefined) => unknown;
};

/**
 * Compiles how a field gets its value. A field that answers from its row is resolved directly,
 * after its own authorization; any other goes through all that Pothos wraps around its resolver.
 */
export function fieldResolution(call: FieldCall): FieldResolution {
  const { own, columns, relation, nested } = (call.field.extensions.loaded ?? {}) as Planned;
  const isRoot = ['Query', 'Mutation'].includes(call.parent.name);
  const direct = own && columns && !isRoot && (!relation || onlyLeaves(call.nodes));
  if (direct) return resolvedDirectly(call, { own, columns, relation: relation ?? false });
  return nested && !isRoot ? resolvedFromSelection(call, nested) : resolvedByPothos(call);
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

/**
 * Pothos' own authorization is asked for denials alone: its cache would keep each request past
 * young collections.
 */
function resolvedByPothos(call: FieldCall): FieldResolution {
  const { field } = call;
  const { resolve = defaultFieldResolver } = field;
  const { authorized = resolve } = (field.extensions.loaded ?? {}) as Planned;
  const may = authorized === resolve ? null : mayResolve(field);
  return {
    direct: false,
    resolve(state, row, position) {
      const at = position as Position;
      at.selection = null;
      const { args, info } = inputsOf(call, state);
      const resolver = may === null || may(row, args, state.context, info) ? authorized : resolve;
      return resolver(row, args, state.context, { ...info, path: at as typeof info.path });
    },
  };
}

/**
 * A relation is answered from its row when the query of the row selected it; any other goes through
 * Pothos, which loads it.
 */
function resolvedFromSelection(call: FieldCall, nested: Loaded): FieldResolution {
  const may = mayResolve(call.field);
  const byPothos = resolvedByPothos(call);
  const selectionOf = selectionFinder(call.parent.name);
  return {
    direct: false,
    resolve(state, row, position) {
      const at = position as Position;
      const { args, info } = inputsOf(call, state);
      const allowed = may === null || may(row, args, state.context, info);
      const selection = allowed && isLoaded(nested, row) ? selectionOf(row, state.context, at) : null;
      if (selection === null) return byPothos.resolve(state, row, position);
      at.selection = selection;
      return nested.own(row, args, state.context, { ...info, path: at as typeof info.path });
    },
  };
}

const NO_ARGUMENTS = Object.freeze({});

/**
 * Arguments and info of a field; the path in it has no list index, which no direct resolver looks
 * at.
 */
function inputsOf(call: FieldCall, state: ExecutionState) {
  const known = state.inputs.get(call);
  if (known) return known;
  const { field, nodes, parent } = call;
  const args =
    field.args.length === 0
      ? NO_ARGUMENTS
      : getArgumentValues(
          field as GraphQLField<unknown, unknown>,
          nodes[0] as FieldNode,
          state.info.variableValues,
        );
  const path = { prev: undefined, key: field.name, typename: parent.name };
  const own = { fieldName: field.name, fieldNodes: nodes, returnType: field.type, parentType: parent, path };
  const inputs = { args, info: { ...state.info, ...own } };
  state.inputs.set(call, inputs);
  return inputs;
}
