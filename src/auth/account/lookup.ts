import { queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';

/** A member as mails and locks need them: the row that a client selected may hold none of it. */
export type Known = { id: string; userId: string; email: string; company: string };

/** The members of a company, or the one with this id. */
export function whoIs(
  { pool }: Services,
  companyId: string,
  memberId: string | null = null,
): Promise<Known[]> {
  const query = queryAs(pool, { companyId, userId: null });
  return query<Known>(
    `SELECT m.id, m."userId", m.email, c.name AS company FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
     WHERE m."companyId" = $1 AND ($2::uuid IS NULL OR m.id = $2::uuid)`,
    [companyId, memberId],
  );
}
