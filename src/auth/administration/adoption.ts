import { queryAs } from '../../db/sql.ts';
import { reading } from '../reading.ts';

/**
 * The number of active members, and of those with a second factor; `role` is null for all members.
 */
export type Adoption = { role: string | null; members: number; protected: number };

/** Returns the adoption of second factors in the actor's company, by role. */
export const adoptionIn = reading({
  caller: 'user',
  run: ({ services, actor }) =>
    queryAs(services.pool, { companyId: actor.companyId, userId: null })<Adoption>(
      'SELECT * FROM factor_adoption()',
    ),
});
