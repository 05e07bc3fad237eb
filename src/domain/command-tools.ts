import { v7 as uuidv7 } from 'uuid';
import { type SessionLimits, tokenIdle } from '../auth/policy/session-limits.ts';
import { lockUntilCommit } from '../db/leader/locks.ts';
import type { Query } from '../db/sql.ts';
import type { TransactionClient } from '../db/transaction.ts';
import { defaultLanguage } from '../notifications/templates.ts';

export type RowTools = {
  /** The unique key of a row of this company. */
  key: (id: string) => { key: { companyId: string; id: string } };
  /** Returns the company and a new id for a new row. */
  row: () => { companyId: string; id: string };
  /** Takes a lock on this name in this company until commit. */
  lock: (name: string) => Promise<void>;
};

/**
 * What a company may do to the identity of its members; the functions belong to the database
 * (identity chapters).
 */
export type MembershipTools = {
  /** Returns the id of the user with this e-mail, known or new, without telling which. */
  user: (who: { email: string; name: string; language?: string | null | undefined }) => Promise<string>;
  /** Returns whether the user with this e-mail is an active member of another company too. */
  isMemberElsewhere: (email: string) => Promise<boolean>;
  /**
   * Returns these users and every member of the company who shares a verified address with one of
   * them.
   */
  sameHumans: (userIds: readonly string[]) => Promise<string[]>;
  /**
   * Removes every second factor of a member; `false` when they are an active member of another
   * company too.
   */
  disableFactors: (userId: string) => Promise<boolean>;
  /** Revokes the user's sessions in this company; effective on the next request. */
  endSessions: (userId: string) => Promise<void>;
  /** Brings the company's sessions, or one user's in it, within limits. */
  shortenSessions: (limits: SessionLimits, userId?: string) => Promise<void>;
};

/** Returns how SQL statements run in the transaction of a command. */
export const statementsOf =
  (tx: TransactionClient): Query =>
  (sql, values = []) =>
    tx.$queryRawUnsafe(sql, ...values);

export const toolsOf = (tx: TransactionClient, companyId: string): RowTools & MembershipTools => ({
  key: (id) => ({ key: { companyId, id } }),
  row: () => ({ companyId, id: uuidv7() }),
  lock: (name) => lockUntilCommit(statementsOf(tx), `${companyId}:${name}`),
  ...membershipTools(tx, companyId),
});

const membershipTools = (tx: TransactionClient, companyId: string): MembershipTools => ({
  // A random id: the time in a UUIDv7 would reveal whether the user existed before.
  user: async ({ email, name, language }) => {
    const [found] = await tx.$queryRaw<
      [{ id: string }]
    >`SELECT user_for_invitation(${email}, ${name}, ${language ?? defaultLanguage}, ${crypto.randomUUID()}::uuid) AS id`;
    return found.id;
  },
  isMemberElsewhere: async (email) => {
    const [user] = await tx.$queryRaw<
      { companies: string[] }[]
    >`SELECT companies FROM user_for_sign_in(${email})`;
    return user?.companies.some((id) => id !== companyId) ?? false;
  },
  sameHumans: async (userIds) => {
    const [row] = await tx.$queryRaw<[{ ids: string[] }]>`SELECT same_humans(${userIds}::uuid[]) AS ids`;
    return row.ids;
  },
  disableFactors: async (userId) => {
    const [row] = await tx.$queryRaw<
      [{ done: boolean | null }]
    >`SELECT disable_factors(${userId}::uuid) AS done`;
    return row.done === true;
  },
  endSessions: async (userId) => {
    await tx.$executeRaw`SELECT revoke_company_sessions(${userId}::uuid)`;
  },
  shortenSessions: async ({ idle, absolute }, userId) => {
    await tx.$executeRaw`SELECT limit_company_sessions(${idle}::int, ${tokenIdle(idle)}::int, ${absolute}::int, ${userId ?? null}::uuid)`;
  },
});
