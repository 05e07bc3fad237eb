import type { FieldNullability, InputFieldMap, SchemaTypes, TypeParam } from '@pothos/core';
import type { GraphQLSchema } from 'graphql';
import { type Alerts, tightened } from '../../auth/rate-limit/alerts.ts';
import {
  type RateLimit,
  type RateLimiter,
  REQUESTS_PER,
  USUAL_REQUESTS,
} from '../../auth/rate-limit/limit.ts';
import { rateLimitOf } from '../core/pothos-extensions.ts';

declare global {
  export namespace PothosSchemaTypes {
    interface FieldOptions<
      Types extends SchemaTypes,
      ParentShape,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveShape,
      ResolveReturnShape,
    > {
      /** A limit of this operation's own, for a caller who may send 100 requests a minute. */
      rateLimit?: RateLimit;
    }
  }
}

/**
 * Returns the limit of each operation that has one of its own, by name such as `Mutation.signIn`.
 * It is written for 100 requests a minute, and rises and falls with what a caller may send.
 */
export function operationLimits(schema: GraphQLSchema, perMinute: number): Map<string, RateLimit> {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const limits = new Map<string, RateLimit>();
  for (const type of roots)
    for (const field of Object.values(type?.getFields() ?? {})) {
      const limit = rateLimitOf(field);
      if (type && limit) limits.set(`${type.name}.${field.name}`, scaled(limit, perMinute));
    }
  return limits;
}

const scaled = ({ points, per }: RateLimit, perMinute: number): RateLimit => ({
  points: Math.max(1, Math.round((points * perMinute) / USUAL_REQUESTS)),
  per,
});

/** What a caller may send in a minute, and what its operations may cost. */
type PerMinute = { rateLimit: number; costLimit: number };

/** Returns the limits of requests, operations and cost, and what counts against them. */
export const ratesOf = (
  schema: GraphQLSchema,
  { rateLimit, costLimit }: PerMinute,
  { count, debit }: RateLimiter,
  alerts: Alerts,
) => ({
  count,
  requests: { points: rateLimit, per: REQUESTS_PER },
  operations: operationLimits(schema, rateLimit),
  budget: {
    debit,
    full: { points: costLimit, per: REQUESTS_PER },
    tightened: { points: Math.round(costLimit * tightened.share), per: REQUESTS_PER },
    isAlerted: alerts.has,
  },
});
