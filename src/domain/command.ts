import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { append } from '../audit/record/append.ts';
import { type Origin, performerOf } from '../audit/record/body.ts';
import type { Action } from '../audit/record/events.ts';
import type { Actor } from '../auth/authorization/actor.ts';
import type { Permission } from '../auth/authorization/permissions.ts';
import { demandStepUp, enrolmentRequired } from '../auth/authorization/step-up.ts';
import { decidesGrace, settleGrace } from '../auth/mfa/grace.ts';
import type { SessionLimits } from '../auth/session/limits.ts';
import { tokenIdle } from '../auth/tokens/refresh-token.ts';
import type { ModelName } from '../db/guarantees.gen.ts';
import { withTenant } from '../db/tenant/context.ts';
import { type CapturedChange, type TransactionClient, withTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import { defaultLanguage } from '../notifications/templates.ts';
import type { Services } from '../services.ts';
import { changedRights, markSessions } from './access/changed-rights.ts';
import { validated } from './input.ts';

/** A command's database: every model, inside its transaction, without raw SQL and without a way out of it. */
export type CommandClient = Omit<TransactionClient, `$${string}`>;

/** What a command's `run` works with. `query` is the client's selection: spread it into the call whose row is returned. */
export type Tools<Input> = {
  tx: CommandClient;
  actor: Actor;
  input: Input;
  query: object;
  /** The unique key of a row of this company. */
  key: (id: string) => { key: { companyId: string; id: string } };
  /** Company and a new id, to begin a new row with. */
  row: () => { companyId: string; id: string };
  /** The user with this e-mail, known or new: its id, and no word on which. */
  user: (who: { email: string; name: string; language?: string | null | undefined }) => Promise<string>;
  /** Waits until no other command of this company holds the same name; released at commit. */
  lock: (name: string) => Promise<void>;
  /** Takes every second factor from a member; `false` when they are an active member of another company too. */
  disableFactors: (userId: string) => Promise<boolean>;
  /** Ends the user's sessions in this company, from their next request on. */
  endSessions: (userId: string) => Promise<void>;
  /** Brings the company's sessions, or one user's in it, within limits. */
  shortenSessions: (limits: SessionLimits, userId?: string) => Promise<void>;
};

/**
 * Every write is one of these: validated, permitted, atomic, and on the record as `event`. The change of an `entity` row is named
 * by the event; other rows that it changes give events of their own kind with the same request id.
 */
export type Command<Input = unknown, Result = unknown> = {
  event: Action;
  entity?: ModelName;
  permission: Permission;
  /** Asks those who have a second factor for a recent one (M8, auth/authorization/step-up.ts). */
  stepUp?: true;
  input: z.ZodType<Input, unknown>;
  /** Platform commands act in the company that their input names; all others in the actor's own. */
  company?: (input: Input) => string;
  run: (tools: Tools<Input>) => Promise<Result>;
};

export const command = <Input, Result>(definition: Command<Input, Result>): Command<Input, Result> =>
  definition;

/** Runs a command as this actor. Errors: UNAUTHENTICATED, FORBIDDEN, INVALID_INPUT with fields, STEP_UP_REQUIRED, and what `run` throws. */
export async function execute<Input, Result>(
  services: Services,
  actor: Actor | null,
  origin: Origin,
  definition: Command<Input, Result>,
  rawInput: unknown,
  query: object = {},
): Promise<Result> {
  const allowed = permitted(actor, definition);
  const input = validated(definition.input, rawInput);
  const companyId = definition.company?.(input) ?? allowed.companyId;
  const tenant = {
    companyId,
    userId: allowed.userId,
    accessScope: (permission: string) => allowed.accessScope(permission),
    acting: definition.permission,
  };
  return withTenant(tenant, () =>
    services.db.$transaction((tx) =>
      withTransaction(tx, async (transaction) => {
        const { changes } = transaction;
        const result = await definition.run({ ...toolsOf(tx, allowed, companyId), input, query });
        // a change of roles, teams or policy may begin to require a second factor, whichever command it is
        if (decidesGrace(changes))
          changes.push(
            ...(await settleGrace((sql, values) => tx.$queryRawUnsafe(sql, ...values), companyId)),
          );
        const changed = changedRights(changes);
        if (changed) await markSessions(tx, changed);
        const by = { performer: performerOf(allowed), origin };
        const events = named(definition, changes).map((facts) => ({ ...facts, ...by }));
        await append(transaction, companyId, events);
        if (companyId !== allowed.companyId) await append(transaction, allowed.companyId, events);
        return result;
      }),
    ),
  );
}

/** The actor, if they hold the permission. Errors: UNAUTHENTICATED, ENROLMENT_REQUIRED, FORBIDDEN, STEP_UP_REQUIRED. */
export function permitted(actor: Actor | null, definition: { permission: Permission; stepUp?: true }): Actor {
  // Nobody: there is no company in whose name anything could happen.
  if (!actor) throw new AppError('UNAUTHENTICATED', 'Sign in first.');
  if (actor.assurance?.mustEnrol) throw enrolmentRequired();
  // A read-only role has lost its writing permissions already (auth/authorization/actor.ts), so this line also keeps R5.
  if (!actor.can(definition.permission))
    throw new AppError('FORBIDDEN', `This needs the permission ${definition.permission}.`);
  if (definition.stepUp) demandStepUp(actor);
  return actor;
}

function toolsOf(
  tx: TransactionClient,
  actor: Actor,
  companyId: string,
): Omit<Tools<never>, 'input' | 'query'> {
  return {
    tx,
    actor,
    key: (id) => ({ key: { companyId, id } }),
    row: () => ({ companyId, id: uuidv7() }),
    // A random id: the time in a UUIDv7 would tell whether the user was known before.
    user: async ({ email, name, language }) => {
      const [found] = await tx.$queryRaw<
        [{ id: string }]
      >`SELECT user_for_invitation(${email}, ${name}, ${language ?? defaultLanguage}, ${crypto.randomUUID()}::uuid) AS id`;
      return found.id;
    },
    lock: async (name) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${companyId}:${name}`}, 0))`;
    },
    disableFactors: async (userId) => {
      const [row] = await tx.$queryRaw<
        [{ done: boolean | null }]
      >`SELECT disable_factors(${userId}::uuid) AS done`;
      return row.done === true;
    },
    endSessions: async (userId) => {
      await tx.$executeRaw`SELECT end_company_sessions(${userId}::uuid)`;
    },
    shortenSessions: async ({ idle, absolute }, userId) => {
      await tx.$executeRaw`SELECT shorten_company_sessions(${idle}::int, ${tokenIdle(idle)}::int, ${absolute}::int, ${userId ?? null}::uuid)`;
    },
  };
}

/** The business step names the change of its entity; a step that changed no row of it is an event without one. */
function named(
  definition: Pick<Command, 'event' | 'entity'>,
  changes: CapturedChange[],
): (CapturedChange | { action: Action })[] {
  const subject = changes.findIndex((change) => change.entity === definition.entity);
  if (subject < 0) return [{ action: definition.event }, ...changes];
  return changes.map((change, index) =>
    index === subject ? { ...change, action: definition.event } : change,
  );
}
