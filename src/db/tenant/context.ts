import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequiredState } from './required-state.ts';

/**
 * How far a permission goes inside the company: everything, or the rows of these branches,
 * departments and teams, and one's own.
 */
export type AccessScope =
  | 'company'
  | { branches: string[]; departments: string[]; teams: string[]; self: string };

/**
 * Whose rows a statement may touch: a company's, and a user's own across companies; `null` matches
 * no row. `accessScope` narrows
 * @visible models by permission; without it they show nothing.
 */
export type Tenant = {
  companyId: string | null;
  userId: string | null;
  accessScope?: (permission: string) => AccessScope;
  /**
   * A command's permission: its reach, and not the reading one, counts for the rows that the
   * command itself touches.
   */
  acting?: string;
  /**
   * The permissions that a row opens to the user whose own it is, by model: linking a row to a user
   * takes all of them.
   */
  opensToSelf?: (model: string) => readonly string[];
  /** What a replica must have replayed to answer; without it, the primary alone does. */
  required?: RequiredState;
};

const store = new AsyncLocalStorage<Tenant>();
const ANONYMOUS: Tenant = { companyId: null, userId: null };

/**
 * Runs `run` as this tenant. It awaits inside, since Prisma's promises start only when they are
 * awaited.
 */
export const withTenant = <T>(tenant: Tenant, run: () => Promise<T>): Promise<T> =>
  store.run(tenant, async () => await run());

export const currentTenant = (): Tenant => store.getStore() ?? ANONYMOUS;
