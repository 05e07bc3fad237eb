import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSent } from './is-sent.ts';
import { scopeOf } from './request-scope.ts';
import type { Answered } from './settings.ts';

/** Returns how a request ended. Its labels come from closed lists, never from the client. */
export function answered(request: FastifyRequest, reply: FastifyReply): Answered {
  const { operationType: operation = 'none', codes } = scopeOf(request) ?? {};
  const [code] = codes ?? [];
  // clients end their subscriptions by leaving
  const left = operation !== 'subscription' && !isSent(reply);
  return { operation, outcome: code ?? (left ? 'CLOSED' : 'OK'), seconds: reply.elapsedTime / 1000 };
}
