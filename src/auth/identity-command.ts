import type { z } from 'zod';
import { append } from '../audit/record/append.ts';
import { type EventFacts, type Origin, type Performer, performerOf } from '../audit/record/body.ts';
import { type ChangeName, recordChanges } from '../audit/record/declaration.ts';
import { type TransactionalQuery, transactionAs } from '../db/sql.ts';
import type { Tenant } from '../db/tenant/context.ts';
import { withoutClient } from '../deadline.ts';
import { type AfterCommit, afterCommit, type Effect } from '../domain/after-commit.ts';
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

/**
 * A transaction of an identity use case: SQL statements, the audit events that commit with them,
 * and what follows.
 */
export type IdentityTransaction = TransactionalQuery & {
  /**
   * Appends an event to the audit log of the transaction's company, or of the platform without one.
   */
  append(facts: EventFacts, performer?: Performer): Promise<void>;
  /** Records the changes of audited rows so far, under these names. */
  record(names: readonly ChangeName[], performer?: Performer): Promise<void>;
  /**
   * Adds work that follows this commit, even when the use case fails afterwards: mail,
   * notifications, caches.
   */
  afterCommit(effect: Effect): void;
};

/** What an identity use case works with. */
export type IdentityTools<Kind extends CallerKind, Input> = CallerOf<Kind> & {
  services: Services;
  origin: Origin;
  input: Input;
  /** Runs statements in one transaction, in the context of this company and user. */
  transaction<T>(tenant: Tenant, run: (tx: IdentityTransaction) => Promise<T>): Promise<T>;
};

/** What the helpers of identity use cases work with, whatever the caller and the input. */
export type IdentityWork = Pick<IdentityTools<CallerKind, unknown>, 'services' | 'origin' | 'transaction'>;

/**
 * A write of a user's own identity (sign-in, factors, sessions, tokens), as `command()` is for
 * company data: validated, authorized, with step-up where required, audited, its effects after the
 * commit.
 */
export type IdentityCommand<Kind extends CallerKind = CallerKind, Input = unknown, Result = unknown> = {
  kind: 'identity';
  caller: Kind;
  permission?: Permission;
  /** Requires a recently verified second factor of callers who have one [M8]. */
  stepUp?: true;
  input: z.ZodType<Input, unknown>;
  run: (tools: IdentityTools<Kind, Input>) => Promise<Result>;
};

export const identityCommand = <Kind extends CallerKind, Input, Result>(
  definition: Omit<IdentityCommand<Kind, Input, Result>, 'kind'>,
): IdentityCommand<Kind, Input, Result> => ({ kind: 'identity', ...definition });

/**
 * Runs an identity use case for this caller.
 * Errors: UNAUTHENTICATED, ENROLMENT_REQUIRED, FORBIDDEN, STEP_UP_REQUIRED, INVALID_INPUT, and what
 * `run` throws.
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
  const transaction = identityTransactions(services, origin, performerOf(caller.actor), effects);
  const tools = { ...allowed, services, origin, input, transaction };
  try {
    return await withoutClient(() => definition.run(tools));
  } finally {
    await effects.run();
  }
}

/**
 * Returns the transactions of a use case. Events name `by` as their performer, unless the use case
 * names another.
 */
export const identityTransactions =
  (
    { pool }: Pick<Services, 'pool'>,
    origin: Origin,
    by: Performer,
    effects: AfterCommit,
  ): IdentityWork['transaction'] =>
  async (tenant, run) => {
    const own: Effect[] = [];
    const result = await transactionAs(pool, tenant, (query) => {
      const appendOne = (facts: EventFacts, performer = by) =>
        append(query, tenant.companyId ?? PLATFORM_ID, [{ ...facts, performer, origin }]);
      const record = async (names: readonly ChangeName[], performer = by) => {
        if (names.length > 0) await recordChanges(query, { performer, origin, names });
      };
      const afterThis = (effect: Effect) => void own.push(effect);
      return run(Object.assign(query, { append: appendOne, record, afterCommit: afterThis }));
    });
    own.forEach(effects.add);
    return result;
  };
