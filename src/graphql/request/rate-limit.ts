import type { FastifyReply, FastifyRequest } from 'fastify';
import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Counted, type RateLimit, REQUESTS } from '../../auth/rate-limit/limit.ts';
import { AppError } from '../../errors.ts';
import { limitedNetwork } from '../../network-address.ts';
import { rootFields } from '../document/root-fields.ts';
import type { EdgeContext, GraphqlRequest, Rates } from './settings.ts';

type Context = EdgeContext & { incoming: FastifyRequest; extras: { reply: FastifyReply } };
type Executed = { args: { document: DocumentNode; operationName?: string | null; contextValue: unknown } };

/**
 * Counts each operation against its caller's limits, after authentication and before it is
 * executed, and says in `RateLimit` how many are left (draft-ietf-httpapi-ratelimit-headers-10).
 * Error: RATE_LIMITED with `retryAfter`.
 */
export function limitRate(rates: Rates): Plugin {
  const policy = `"${REQUESTS}";q=${rates.requests.points};w=${rates.requests.per}`;
  const check = async ({ args: { document, operationName, contextValue } }: Executed) => {
    const { actor, incoming, extras } = contextValue as Context;
    const caller = callerOf(incoming, actor);
    const counted = await rates.count(REQUESTS, caller, rates.requests);
    const { remaining, resetSeconds } = counted;
    extras.reply.header('ratelimit-policy', policy);
    extras.reply.header('ratelimit', `"${REQUESTS}";r=${remaining};t=${resetSeconds}`);
    refuseBeyond(counted);
    const operation = getOperationAST(document, operationName);
    if (operation) await countFields(rates, caller, limitedFields(rates, operation, document));
  };
  return { onExecute: check, onSubscribe: check } as unknown as Plugin;
}

/**
 * Runs a request, and counts it for the network that it came from where it was refused before its
 * caller was known: an invalid document, or a refused credential. Error: RATE_LIMITED.
 */
export const countingRefused =
  (rates: Rates | undefined) =>
  async <T>({ request, extras }: GraphqlRequest, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } finally {
      if (rates && !extras.reply.hasHeader('ratelimit'))
        refuseBeyond(await rates.count(REQUESTS, callerOf(request, null), rates.requests));
    }
  };

/** The address is parsed for anonymous clients alone. */
const callerOf = (request: FastifyRequest, actor: EdgeContext['actor']): string =>
  actor ? `user:${actor.userId}` : `address:${limitedNetwork(request.clientAddress ?? '')}`;

/** Each use of a field counts, aliases included. */
async function countFields(rates: Rates, caller: string, fields: string[]): Promise<void> {
  for (const field of fields)
    refuseBeyond(await rates.count(field, caller, rates.operations.get(field) as RateLimit));
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
