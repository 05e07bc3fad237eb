import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { reading } from '../../auth/reading.ts';
import { queryAs } from '../../db/sql.ts';
import { AppError } from '../../errors.ts';

export type CompanyListed = { id: string; name: string; currency: string; createdAt: Date };

/** Lists companies by name, 1 to 200 after an id, as the lister role. Error: UNAVAILABLE without its connection. */
export const listCompanies = reading({
  caller: 'actor',
  permission: 'platform.companies.read',
  run: async ({ services: { platform } }, { first, after }: { first: number; after: string | null }) => {
    if (!platform)
      throw new AppError('UNAVAILABLE', 'Companies cannot be listed; PLATFORM_DATABASE_URL is not set.');
    const query = queryAs(platform, { companyId: null, userId: null });
    return query<CompanyListed>(
      `SELECT id, name, currency, "createdAt" FROM "Company"
       WHERE id <> $1 AND ($2::uuid IS NULL OR id > $2::uuid) ORDER BY id LIMIT $3`,
      [PLATFORM_ID, after, Math.min(Math.max(first, 1), 200)],
    );
  },
});
