import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { reading } from '../../auth/reading.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';

/** A company as the platform sees it. */
export type ManagedCompany = { id: string; name: string; currency: string; createdAt: Date };

/**
 * Rows to read: `take` of them behind `after` and ahead of `before`, from the end if `backward`.
 */
export type CompanyWindow = { take: number; backward: boolean; after: string | null; before: string | null };

/** The lister role sees these columns of every company, and no other table. */
const SELECT = 'SELECT id, name, currency, "createdAt" FROM "Company" WHERE id <> $1';

/**
 * Returns a page of the companies in the order of their creation. Error: UNAVAILABLE without the
 * platform's connection.
 */
export const companyPage = reading({
  caller: 'actor',
  permission: 'platform.companies.read',
  run: ({ services }, { take, backward, after, before }: CompanyWindow): Promise<ManagedCompany[]> =>
    onPlatform(services)(
      `${SELECT} AND ($2::uuid IS NULL OR id > $2::uuid) AND ($3::uuid IS NULL OR id < $3::uuid)
       ORDER BY id ${backward ? 'DESC' : 'ASC'} LIMIT $4`,
      [PLATFORM_ID, after, before, take],
    ),
});

/**
 * Returns the companies with these ids, in no order. Error: UNAVAILABLE without the platform's
 * connection.
 */
export const companiesById = reading({
  caller: 'actor',
  permission: 'platform.companies.read',
  run: ({ services }, ids: readonly string[]): Promise<ManagedCompany[]> =>
    onPlatform(services)(`${SELECT} AND id = ANY ($2::uuid[])`, [PLATFORM_ID, ids]),
});

/** Returns the number of companies. Error: UNAVAILABLE without the platform's connection. */
export const companyCount = reading({
  caller: 'actor',
  permission: 'platform.companies.read',
  run: async ({ services }): Promise<number> => {
    const [row] = await onPlatform(services)<{ count: number }>(
      'SELECT count(*)::int AS count FROM "Company" WHERE id <> $1',
      [PLATFORM_ID],
    );
    return row?.count ?? 0;
  },
});

/** How many active members of a company there are, and how many of them have a second factor. */
export type CompanyFactorAdoption = { id: string; members: number; protected: number };

/**
 * Returns the adoption of second factors in these companies. Error: UNAVAILABLE without the
 * platform's connection.
 */
export const factorAdoptionOf = reading({
  caller: 'actor',
  permission: 'platform.companies.read',
  run: ({ services }, ids: readonly string[]): Promise<CompanyFactorAdoption[]> =>
    onPlatform(services)(
      'SELECT company_id AS id, members, protected FROM factor_adoption_of_companies($1::uuid[])',
      [ids],
    ),
});

function onPlatform({ platform }: Services): Query {
  if (!platform)
    throw new AppError('UNAVAILABLE', 'Companies cannot be listed; PLATFORM_DATABASE_URL is not set.');
  return queryAs(platform, { companyId: null, userId: null });
}
