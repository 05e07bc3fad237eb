import { queryAs } from '../../db/sql.ts';
import { AppError } from '../../errors.ts';
import { reading } from '../reading.ts';

/** The number of active members, and of those with a second factor; `role` is null for all members. */
export type Adoption = { role: string | null; members: number; protected: number };
export type CompanyAdoption = { id: string; name: string; members: number; protected: number };

/** Returns the adoption of second factors in the actor's company, by role. */
export const adoptionIn = reading({
  caller: 'user',
  run: ({ services, actor }) =>
    queryAs(services.pool, { companyId: actor.companyId, userId: null })<Adoption>(
      'SELECT * FROM factor_adoption()',
    ),
});

/** Returns the adoption of second factors in each company. Error: UNAVAILABLE without the platform's connection. */
export const adoptionOfCompanies = reading({
  caller: 'actor',
  run: async ({ services: { platform } }) => {
    if (!platform)
      throw new AppError('UNAVAILABLE', 'Companies cannot be listed; PLATFORM_DATABASE_URL is not set.');
    return queryAs(platform, { companyId: null, userId: null })<CompanyAdoption>(
      'SELECT company_id AS id, company_name AS name, members, protected FROM factor_adoption_of_companies()',
    );
  },
});
