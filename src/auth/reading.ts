import type { Origin } from '../audit/record/body.ts';
import type { Services } from '../services.ts';
import type { Actor } from './authorization/actor.ts';
import {
  authorize,
  authorizeCaller,
  type Caller,
  type CallerKind,
  type CallerOf,
} from './authorization/authorize.ts';
import type { Permission } from './authorization/permissions.ts';

/**
 * What a named read works with. `authenticate` verifies the credential again: null once it is void.
 */
export type ReadingTools<Kind extends CallerKind> = CallerOf<Kind> & {
  services: Services;
  origin: Origin;
  authenticate: () => Promise<Actor | null>;
  signal?: AbortSignal | undefined;
};

/**
 * A read that `context.db` cannot give: rows of a user, of the platform, of the audit log. It
 * changes nothing.
 */
export type Reading<Kind extends CallerKind = CallerKind, Args = unknown, Result = unknown> = {
  kind: 'reading';
  caller: Kind;
  permission?: Permission;
  run: (tools: ReadingTools<Kind>, args: Args) => Result;
};

export const reading = <Kind extends CallerKind, Args, Result>(
  definition: Omit<Reading<Kind, Args, Result>, 'kind'>,
): Reading<Kind, Args, Result> => ({ kind: 'reading', ...definition });

type Request = Omit<ReadingTools<'anyone'>, keyof Caller>;

/**
 * Runs a named read for this caller. Errors: UNAUTHENTICATED, ENROLMENT_REQUIRED, FORBIDDEN, and
 * what `run` throws.
 */
export function runReading<Kind extends CallerKind, Args, Result>(
  request: Request,
  caller: Caller,
  { caller: kind, permission, run }: Reading<Kind, Args, Result>,
  args: Args,
): Result {
  const allowed = authorizeCaller(caller, kind);
  if (permission) authorize(caller.actor, { permission });
  return run({ ...allowed, ...request }, args);
}
