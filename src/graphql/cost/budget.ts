import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { COST, type Debit, type RateLimit } from '../../auth/rate-limit/limit.ts';
import { counters, noteOutcome } from '../../counters.ts';
import { AppError } from '../../errors.ts';
import { callerOf } from '../request/refused-networks.ts';
import type { Budget, EdgeContext } from '../request/settings.ts';
import { costOf, type OperationCost } from './operation-cost.ts';
import type { Variables } from './terms.ts';

/** What an operation reserved of its caller's budget, until its answer is counted. */
type Reserved = { cost: OperationCost; estimated: number; debit: Debit; limit: number };
type Context = EdgeContext & {
  incoming: FastifyRequest;
  extras: { reply: FastifyReply };
  reserved?: Reserved;
};
type Executed = {
  args: {
    schema: GraphQLSchema;
    document: Parameters<typeof costOf>[1];
    operationName?: string | null;
    variableValues?: Variables;
    contextValue: unknown;
  };
};

/**
 * Debits the cost of each operation from its caller's budget: the estimate before it is executed,
 * and the difference to what its answer holds afterwards. Says what is left in `RateLimit` and in
 * `extensions.cost`. A subscription is debited its estimate once. Error: RATE_LIMITED with
 * `retryAfter`.
 */
export function debitCost({ debit: take, full, tightened, isAlerted }: Budget): Plugin {
  const reserve = async ({ args }: Executed) => {
    const context = args.contextValue as Context;
    const operation = getOperationAST(args.document, args.operationName);
    if (!operation) return;
    const cost = costOf(args.schema, args.document, operation);
    const estimated = cost.estimate(args.variableValues ?? {});
    const caller = callerOf(context.incoming, context.actor);
    const limit = isAlerted(caller) ? tightened : full;
    const debit = await take(caller, limit, estimated);
    noteOutcome('budget', debit.accepted);
    context.reserved = { cost, estimated, debit, limit: limit.points };
    const { reply } = context.extras;
    reply.header('ratelimit-policy', `${reply.getHeader('ratelimit-policy')}, ${policyOf(limit)}`);
    if (operation.operation === 'subscription' || !debit.accepted) sayWhatIsLeft(reply, debit);
    if (!debit.accepted) throw beyondBudget(estimated, debit);
  };
  return {
    onExecute: reserve,
    onSubscribe: reserve,
    onExecutionResult({ result, context, setResult }) {
      const { reserved, extras } = context as unknown as Context;
      if (!reserved || !result || Array.isArray(result) || Symbol.asyncIterator in result) return;
      delete (context as unknown as Context).reserved;
      setResult({ ...result, extensions: { ...result.extensions, cost: settled(reserved, result) } });
      if (reserved.debit.accepted) sayWhatIsLeft(extras.reply, reserved.debit);
    },
  } as Plugin;
}

const policyOf = ({ points, per }: RateLimit): string => `"${COST}";q=${points};w=${per};qu="cost"`;

function settled({ cost, estimated, debit, limit }: Reserved, result: ExecutionResult) {
  // an answer without data and errors was discarded (deferred-operation.ts)
  const isDiscarded = result.data === undefined && !result.errors;
  const actual = debit.accepted && !isDiscarded ? cost.count(result.data) : 0;
  if (debit.accepted) debit.settle(actual);
  counters.cost += actual;
  return { estimated, actual, limit, remaining: debit.remaining, resetSeconds: debit.resetSeconds };
}

/** After what is left of the requests (request/rate-limit.ts). */
function sayWhatIsLeft(reply: FastifyReply, { remaining, resetSeconds }: Debit): void {
  reply.header('ratelimit', `${reply.getHeader('ratelimit')}, "${COST}";r=${remaining};t=${resetSeconds}`);
}

const beyondBudget = (estimated: number, { remaining, resetSeconds }: Debit): AppError =>
  new AppError(
    'RATE_LIMITED',
    `The operation costs up to ${estimated}, and ${remaining} are left; retry in ${resetSeconds} seconds.`,
    { advice: { retryAfter: resetSeconds } },
  );
