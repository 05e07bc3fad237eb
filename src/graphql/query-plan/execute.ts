import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Context } from '../../context.ts';
import { storageError } from '../errors/database-errors.ts';
import { type Asking, planOf } from './plan.ts';

type Plan = NonNullable<ReturnType<typeof planOf>>;
/** Runs a query, or gives null when the executor has to. */
export type ShortWay = (args: ExecutionArgs) => Promise<ExecutionResult | null>;

/**
 * Queries without the executor's bookkeeping for each field of each row: planned once a document, run with the same resolvers and rules.
 * Whatever isn't plain success (an error, a denial, a null where none may be) ends it, and the executor answers the operation from its
 * beginning: a query changes nothing, so it may.
 */
export function shortWay(schema: GraphQLSchema): ShortWay {
  const plans = new WeakMap<OperationDefinitionNode, Plan | null>();
  return async (args) => {
    const operation = getOperationAST(args.document, args.operationName);
    if (!operation) return null;
    const known = plans.get(operation);
    const plan = known === undefined ? planOf(schema, args.document, operation) : known;
    if (known === undefined) plans.set(operation, plan);
    return plan && run(plan, schema, operation, args).catch(declined);
  };
}

/**
 * Null for what the executor has to answer with its exact errors and paths. An outage is answered at once: the executor would
 * ask a database that does not answer a second time.
 */
function declined(error: Error): ExecutionResult | null {
  if (storageError(error)?.code !== 'UNAVAILABLE') return null;
  return { data: null, errors: [new GraphQLError(error.message, { originalError: error })] };
}

async function run(
  plan: Plan,
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  { document, variableValues, contextValue, rootValue }: ExecutionArgs,
): Promise<ExecutionResult | null> {
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  if (!coerced) return null;
  const fragments = fragmentsOf(document);
  const asking: Asking = {
    context: contextValue as Context,
    info: { schema, fragments, rootValue, operation, variableValues: coerced },
    calls: new Map(),
    pending: [],
  };
  const data = plan(asking, rootValue ?? {}, undefined);
  // what was read may lead to more that is read
  for (let done = 0; done < asking.pending.length; ) {
    const batch = asking.pending.slice(done);
    done += batch.length;
    await Promise.all(batch);
  }
  return { data: data as Record<string, unknown> };
}

const kept = new WeakMap<DocumentNode, Asking['info']['fragments']>();

function fragmentsOf(document: DocumentNode): Asking['info']['fragments'] {
  const known = kept.get(document);
  if (known) return known;
  const definitions = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const fragments = Object.fromEntries(definitions.map((one) => [one.name.value, one]));
  kept.set(document, fragments);
  return fragments;
}
