import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Context } from '../../context.ts';
import { type Use, useOf } from '../../shortcuts.ts';
import type { ExecutionState } from './execution-state.ts';
import { placeErrors } from './place-errors.ts';
import { compilePlan } from './plan.ts';
import { Unsupported, unsupported } from './unsupported.ts';

type Plan = ReturnType<typeof compilePlan>;
type Planned = OperationDefinitionNode & { [key: symbol]: Plan | Unsupported };

/** Executes operations without the executor's work for each field of each row. */
export type QueryPlan = {
  /**
   * Resolves to the executor's answer, errors of fields included, or to null for an operation that
   * is left to the executor. A field that fails is not executed again: only what is known to be
   * unsupported falls back, and a mutation's field runs once all the same
   * (schema/core/mutation.ts).
   */
  execute(args: ExecutionArgs): Promise<ExecutionResult | null>;
};

/**
 * Opens query plans: compiled once for each operation of a document, executed with the same
 * resolvers and authorization.
 */
export function openQueryPlan(schema: GraphQLSchema, use: Use<'queryPlan'> = useOf('queryPlan')): QueryPlan {
  // a property and no WeakMap: young collections keep a WeakMap's values, and a plan holds its
  // document
  const key = Symbol('plan');
  const planOf = (document: DocumentNode, operation: Planned): Plan => {
    operation[key] ??= orUnsupported(() => compilePlan(schema, document, operation));
    const plan = operation[key];
    if (plan instanceof Unsupported) throw plan;
    return plan;
  };
  async function execute(args: ExecutionArgs): Promise<ExecutionResult | null> {
    try {
      const operation = getOperationAST(args.document, args.operationName) ?? unsupported('operation');
      const result = await run(planOf(args.document, operation as Planned), schema, operation, args);
      use.used += 1;
      return result;
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      use.fallbacks[error.reason] += 1;
      return null;
    }
  }
  return { execute };
}

function orUnsupported(compile: () => Plan): Plan | Unsupported {
  try {
    return compile();
  } catch (error) {
    if (error instanceof Unsupported) return error;
    throw error;
  }
}

async function run(
  plan: Plan,
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  { document, variableValues, contextValue, rootValue }: ExecutionArgs,
): Promise<ExecutionResult> {
  // a fault is described by the executor: each description quotes the whole value
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {}, {
    maxErrors: 1,
  });
  if (!coerced) return unsupported('variables');
  const fragments = fragmentsOf(document);
  const state: ExecutionState = {
    context: contextValue as Context,
    info: { schema, fragments, rootValue, operation, variableValues: coerced },
    inputs: new Map(),
    pending: [],
    errors: [],
  };
  const data = plan(state, rootValue ?? {}, undefined) as Record<string, unknown>;
  // a field that was resolved may have begun others
  for (let done = 0; done < state.pending.length; ) {
    const batch = state.pending.slice(done);
    done += batch.length;
    await Promise.all(batch);
  }
  return placeErrors(data, state.errors);
}

type Fragments = ExecutionState['info']['fragments'];
const known = new WeakMap<DocumentNode, Fragments>();

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = known.get(document);
  if (fragments) return fragments;
  const found = collected(document);
  known.set(document, found);
  return found;
}

function collected({ definitions }: DocumentNode): Fragments {
  const fragments = definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  return Object.fromEntries(fragments.map((one) => [one.name.value, one]));
}
