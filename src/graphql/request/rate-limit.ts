import type { FastifyReply, FastifyRequest } from 'fastify';
import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Counted, type RateLimit, REQUESTS } from '../../auth/rate-limit/limit.ts';
import { noteOutcome } from '../../counters.ts';
import { AppError } from '../../errors.ts';
import { rootFields } from '../document/root-fields.ts';
import { callerOf, hasCredential, type NetworkRates, networkOf } from './refused-networks.ts';
import type { EdgeContext, Rates } from './settings.ts';

type Context = EdgeContext & { incoming: FastifyRequest; extras: { reply: FastifyReply } };
type Executed = { args: { document: DocumentNode; operationName?: string | null; contextValue: unknown } };

/**
 * Counts each operation against its caller's limits, after authentication and before it is
 * executed, and says in `RateLimit` how many are left (draft-ietf-httpapi-ratelimit-headers-10).
 * Error: RATE_LIMITED with `retryAfter`.
 */
export function limitRate(rates: NetworkRates): Plugin {
  const check = async ({ args: { document, operationName, contextValue } }: Executed) => {
    const { actor, incoming, extras } = contextValue as Context;
    const caller = callerOf(incoming, actor);
    const counted = await rates.count(REQUESTS, caller, rates.requests);
    sayWhatIsLeft(extras.reply, rates, counted);
    refuseRequest(rates, caller, counted);
    const operation = getOperationAST(document, operationName);
    if (operation) await countFields(rates, caller, limitedFields(rates, operation, document));
  };
  return { onExecute: check, onSubscribe: check } as unknown as Plugin;
}

/**
 * Runs a request, and counts it for the network that it came from where it was refused before its
 * caller was known: malformed parameters, an unknown or invalid document, a refused credential, or
 * too many documents that wait. A request without a credential is not run where its network is
 * beyond the limit. Error: RATE_LIMITED.
 */
export const countingRefused =
  (rates: NetworkRates | undefined) =>
  async <T>(request: FastifyRequest, reply: FastifyReply, run: () => Promise<T>): Promise<T> => {
    if (!rates) return run();
    if (!hasCredential(request)) refuseNetwork(request, reply, rates);
    try {
      return await run();
    } finally {
      if (!reply.hasHeader('ratelimit')) {
        const network = networkOf(request);
        refuseRequest(rates, network, await rates.count(REQUESTS, network, rates.requests));
      }
    }
  };

function refuseNetwork(request: FastifyRequest, reply: FastifyReply, rates: NetworkRates): void {
  const resetSeconds = rates.refusedFor(networkOf(request));
  if (resetSeconds === 0) return;
  noteOutcome('requests', false);
  const counted = { accepted: false, remaining: 0, resetSeconds };
  sayWhatIsLeft(reply, rates, counted);
  refuseBeyond(counted);
}

function refuseRequest(rates: NetworkRates, caller: string, counted: Counted): void {
  noteOutcome('requests', counted.accepted);
  if (!counted.accepted && caller.startsWith('address:')) rates.refuse(caller, counted.resetSeconds);
  refuseBeyond(counted);
}

function sayWhatIsLeft(reply: FastifyReply, { policy }: NetworkRates, counted: Counted): void {
  const { remaining, resetSeconds } = counted;
  reply.header('ratelimit-policy', policy);
  reply.header('ratelimit', `"${REQUESTS}";r=${remaining};t=${resetSeconds}`);
}

/** Each use of a field counts, aliases included. */
async function countFields(rates: Rates, caller: string, fields: string[]): Promise<void> {
  for (const field of fields) {
    const counted = await rates.count(field, caller, rates.operations.get(field) as RateLimit);
    noteOutcome('operations', counted.accepted);
    refuseBeyond(counted);
  }
}

function refuseBeyond({ accepted, resetSeconds }: Counted): void {
  if (accepted) return;
  throw new AppError('RATE_LIMITED', `Too many requests; retry in ${resetSeconds} seconds.`, {
    advice: { retryAfter: resetSeconds },
  });
}

const known = new WeakMap<OperationDefinitionNode, string[]>();

function limitedFields(rates: Rates, operation: OperationDefinitionNode, document: DocumentNode): string[] {
  const before = known.get(operation);
  if (before) return before;
  const type = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[operation.operation];
  const fields = rootFields(operation.selectionSet, document)
    .map((name) => `${type}.${name}`)
    .filter((name) => rates.operations.has(name));
  known.set(operation, fields);
  return fields;
}
