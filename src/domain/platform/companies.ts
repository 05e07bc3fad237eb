import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { queryAs } from '../../db/sql.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';

export type CompanyListed = { id: string; name: string; currency: string; createdAt: Date };

/** All companies by name, 1 to 200 after an id, through the role that may list them. Errors: UNAVAILABLE without that role's URL. */
export async function listCompanies(
  { platform }: Services,
  first: number,
  after: string | null,
): Promise<CompanyListed[]> {
  if (!platform)
    throw new AppError('UNAVAILABLE', 'PLATFORM_DATABASE_URL is not set: this server cannot list companies.');
  const query = queryAs(platform, { companyId: null, userId: null });
  return query<CompanyListed>(
    `SELECT id, name, currency, "createdAt" FROM "Company"
     WHERE id <> $1 AND ($2::uuid IS NULL OR id > $2::uuid) ORDER BY id LIMIT $3`,
    [PLATFORM_ID, after, Math.min(Math.max(first, 1), 200)],
  );
}
