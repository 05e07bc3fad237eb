import type { z } from 'zod';
import type { Origin } from '../audit/record/body.ts';
import { type Action, isAction, unknownEvent } from '../audit/record/events.ts';
import type { Transaction } from '../audit/record/transaction.ts';
import type { Actor } from '../auth/authorization/actor.ts';
import { authorize } from '../auth/authorization/authorize.ts';
import type { Permission } from '../auth/authorization/permissions.ts';
import { lockRights } from '../auth/rights/guard.ts';
import { StartupError } from '../config/startup-error.ts';
import type { Config } from '../config.ts';
import type { ModelName } from '../db/guarantees.gen.ts';
import type { Query } from '../db/sql.ts';
import { withTenant } from '../db/tenant/context.ts';
import { type CommandClient, type TransactionClient, withTransaction } from '../db/transaction.ts';
import { type Enqueue, enqueueIn } from '../jobs/queue/enqueue.ts';
import type { Services } from '../services.ts';
import { afterCommit, type Effect } from './after-commit.ts';
import { recordCommand, runLast } from './command-events.ts';
import { type MembershipTools, type RowTools, statementsOf, toolsOf } from './command-tools.ts';
import { type Claim, claimKey, takesNoKey } from './idempotency/idempotency.ts';
import { validated } from './input.ts';
import { limitConflicts } from './unique-conflicts.ts';
import { countUse, type UseLimit } from './use-limits.ts';

export type { CommandClient } from '../db/transaction.ts';

/**
 * The tools of a command's `run`. `query` is the client's selection: spread it into the call whose
 * row is returned.
 */
export type Tools<Input> = RowTools &
  MembershipTools & {
    tx: CommandClient;
    actor: Actor;
    input: Input;
    query: object;
    environment: Config['env'];
    /** Adds work that follows the commit: mail, caches, locks. */
    afterCommit: (effect: (services: Services) => ReturnType<Effect>) => void;
    /** Adds a job of the company with the commit; a command that fails adds none. */
    enqueue: Enqueue;
  };

/**
 * A write of company data: validated, authorized, atomic, and in the audit log as `event`. The
 * event names the change of the `entity` row; other rows that the command changes give events of
 * their own kind with the same request id.
 */
export type Command<Input = unknown, Result = unknown> = {
  kind: 'command';
  event: Action;
  entity?: ModelName;
  permission: Permission;
  /** Demands a second factor within the last minutes of actors who have one [M8]. */
  stepUp?: true;
  /** Limits how often an actor succeeds; not for a command that returns its last write. */
  limit?: UseLimit;
  input: z.ZodType<Input, unknown>;
  /** Platform commands act in the company that their input names; all others in the actor's own. */
  company?: (input: Input) => string;
  /**
   * Returns its result, or its last write, which commits by itself where nothing follows from it.
   */
  run: (tools: Tools<Input>) => Promise<Result> | MaybeLast<Result>;
};

/** A command's last write. */
export class LastWrite<Result> {
  readonly run: () => PromiseLike<Result>;

  constructor(run: () => PromiseLike<Result>) {
    this.run = run;
  }
}
type MaybeLast<Result> = LastWrite<Result> | Promise<LastWrite<Result>>;

/** Makes a write the last one of its command: nothing may be read or written after it. */
export const last = <Result>(run: () => PromiseLike<Result>): LastWrite<Result> => new LastWrite(run);

/**
 * Defines a command. Throws StartupError for an event that the catalogue lacks: the server does not
 * start.
 */
export function command<Input, Result>(
  definition: Omit<Command<Input, Result>, 'kind'>,
): Command<Input, Result> {
  const { event }: { event: string } = definition;
  if (!isAction(event)) throw new StartupError(unknownEvent(event));
  return { kind: 'command', ...definition };
}

/** Settles what the command was called for, as its transaction's first statement: a job. */
export type Settle = (query: Query) => Promise<void>;

/** What a command's transaction holds beside the command. */
export type Occasion = { claim?: Claim | undefined; settle?: Settle };

/**
 * Runs a command as this actor.
 * Errors: UNAUTHENTICATED, ENROLMENT_REQUIRED, FORBIDDEN, STEP_UP_REQUIRED, INVALID_INPUT,
 * RATE_LIMITED, and what `run` throws.
 */
export async function execute<Input, Result>(
  services: Services,
  actor: Actor | null,
  origin: Origin,
  definition: Command<Input, Result>,
  rawInput: unknown,
  query: object = {},
  { claim, settle }: Occasion = {},
): Promise<Result> {
  const allowed = authorize(actor, definition);
  if (claim && definition.company) throw takesNoKey();
  const input = validated(definition.input, rawInput);
  const companyId = definition.company?.(input) ?? allowed.companyId;
  const effects = afterCommit();
  let rowId: string | undefined;
  const result = await inTransaction(
    services,
    tenantOf(services, allowed, companyId, definition),
    async (transaction) => {
      const { tx } = transaction;
      const statement = statementsOf(tx);
      await settle?.(statement);
      if (claim) rowId = await claimKey(services, tx.$queryRawUnsafe.bind(tx), allowed, claim);
      const tools = {
        ...toolsOf(tx, companyId),
        tx,
        actor: allowed,
        input,
        query,
        environment: services.config.env,
        enqueue: enqueueIn(services.jobs, statement, companyId),
      };
      const add = (effect: (services: Services) => ReturnType<Effect>) => effects.add(() => effect(services));
      await lockRights(tools, definition.entity);
      const { event, permission } = definition;
      const savepoint = () => tx.$executeRaw`SAVEPOINT work`;
      const limited = { actor: allowed, origin, event, permission, lock: tools.lock, savepoint };
      const recorded = { definition, actor: allowed, origin, companyId, lock: tools.lock };
      const answer = await limitConflicts(services, limited, async () => {
        const result = await definition.run({ ...tools, afterCommit: add });
        return result instanceof LastWrite ? runLast(transaction, recorded, result.run) : result;
      });
      await recordCommand(transaction, recorded);
      await countUse(services, allowed, definition.limit);
      return answer;
    },
  );
  if (claim && rowId) claim.rowId = rowId;
  await effects.run();
  return result;
}

const tenantOf = (
  { selfRights }: Services,
  actor: Actor,
  companyId: string,
  { permission }: Pick<Command, 'permission'>,
) => ({
  companyId,
  userId: actor.userId,
  accessScope: (name: string) => actor.accessScope(name),
  acting: permission,
  opensToSelf: (model: string) => selfRights().get(model) ?? [],
});

const inTransaction = <T>(
  { db }: Services,
  tenant: Parameters<typeof withTenant>[0],
  run: (transaction: Transaction<TransactionClient>) => Promise<T>,
): Promise<T> => withTenant(tenant, () => db.$transaction((tx) => withTransaction(tx, run)));
