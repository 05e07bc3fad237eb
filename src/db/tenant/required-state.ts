import type pg from 'pg';
import type { ExpectedIdentity } from './deferred-authentication.ts';
import type { PrecedingStatement } from './pg-protocol.ts';

/** What a replica must have replayed to answer for a caller, as the primary has it. */
export type RequiredState = {
  /** The caller's session, and the version of the identity that the primary verified. */
  identity: ExpectedIdentity;
  /** The end of the company's audit chain since the request began; null for an unknown one. */
  head: Promise<string | null>;
};

/** Runs a read on a replica; null where the primary has to answer. */
export type ReplicaRead = (state: RequiredState, statement: object) => Promise<pg.QueryResult | null>;

/** Returns the link at the end of the company's chain: it changes with every audited row. */
export const CHAIN_HEAD = 'SELECT link::text AS link FROM audit_head WHERE company_id = $1';

/**
 * Fails with SQLSTATE BW001 unless this is a standby whose company ends with this very event, and
 * whose session has this very identity. What one statement finds here holds for the next: a standby
 * only moves on.
 */
export const requireState = ({ key, version }: ExpectedIdentity, head: string): PrecedingStatement => ({
  text: `SELECT require_identity($1, CASE WHEN pg_is_in_recovery() AND EXISTS (
    SELECT FROM audit_head WHERE company_id = (SELECT context_company()) AND link = $3::bytea) THEN $2::text END)`,
  values: [key, version, head],
});
