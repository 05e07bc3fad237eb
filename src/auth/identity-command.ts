import type { z } from 'zod';
import { append } from '../audit/record/append.ts';
import { type EventFacts, type Origin, type Performer, performerOf } from '../audit/record/body.ts';
import { type TransactionalQuery, transactionAs } from '../db/sql.ts';
import type { Tenant } from '../db/tenant/context.ts';
import { withoutClient } from '../deadline.ts';
import { afterCommit, type Effect } from '../domain/after-commit.ts';
import { validated } from '../domain/input.ts';
import type { Services } from '../services.ts';
import {
  authorize,
  authorizeCaller,
  type Caller,
  type CallerKind,
  type CallerOf,
} from './authorization/authorize.ts';
import { type Permission, PLATFORM_ID } from './authorization/permissions.ts';

/** A transaction of an identity use case: SQL statements, and the audit events that commit with them. */
export type IdentityTransaction = TransactionalQuery & {
  /** Appends an event to the audit log of the transaction's company, or of the platform without one. */
  append(facts: EventFacts, performer?: Performer): Promise<void>;
};

/** What an identity use case works with. */
export type IdentityTools<Kind extends CallerKind, Input> = CallerOf<Kind> & {
  services: Services;
  origin: Origin;
  input: Input;
  /** Runs statements in one transaction, in the context of this company and user. */
  transaction<T>(tenant: Tenant, run: (tx: IdentityTransaction) => Promise<T>): Promise<T>;
  /** Adds work that follows the last commit: mail and notifications. */
  afterCommit(effect: Effect): void;
};

/**
 * A write about somebody's own identity (sign-in, factors, sessions, tokens), as `command()` is for company data:
 * validated, authorized, stepped up where demanded, audited, its effects after the commit.
 */
export type IdentityCommand<Kind extends CallerKind = CallerKind, Input = unknown, Result = unknown> = {
  kind: 'identity';
  caller: Kind;
  permission?: Permission;
  /** Demands a second factor within the last minutes of callers who have one [M8]. */
  stepUp?: true;
  input: z.ZodType<Input, unknown>;
  run: (tools: IdentityTools<Kind, Input>) => Promise<Result>;
};

export const identityCommand = <Kind extends CallerKind, Input, Result>(
  definition: Omit<IdentityCommand<Kind, Input, Result>, 'kind'>,
): IdentityCommand<Kind, Input, Result> => ({ kind: 'identity', ...definition });

/**
 * Runs an identity use case for this caller.
 * Errors: UNAUTHENTICATED, ENROLMENT_REQUIRED, FORBIDDEN, STEP_UP_REQUIRED, INVALID_INPUT, and what `run` throws.
 */
export async function executeIdentity<Kind extends CallerKind, Input, Result>(
  services: Services,
  caller: Caller,
  origin: Origin,
  definition: IdentityCommand<Kind, Input, Result>,
  rawInput: unknown,
): Promise<Result> {
  const { permission, stepUp } = definition;
  const allowed = authorizeCaller(caller, definition.caller, stepUp);
  if (permission) authorize(caller.actor, { permission });
  const input = validated(definition.input, rawInput);
  const effects = afterCommit();
  const transaction = transactionOf(services, caller, origin);
  const tools = { ...allowed, services, origin, input, transaction, afterCommit: effects.add };
  const result = await withoutClient(() => definition.run(tools));
  await effects.run();
  return result;
}

/** Events name the signed-in caller, unless the use case knows better who performs it. */
const transactionOf =
  (
    { pool }: Services,
    { actor }: Caller,
    origin: Origin,
  ): IdentityTools<CallerKind, unknown>['transaction'] =>
  (tenant, run) =>
    transactionAs(pool, tenant, (query) => {
      const appendOne = (facts: EventFacts, performer = performerOf(actor)) =>
        append(query, tenant.companyId ?? PLATFORM_ID, [{ ...facts, performer, origin }]);
      return run(Object.assign(query, { append: appendOne }));
    });
