import { rowsOf, type World } from './world.ts';

const PLACES = ['Branch', 'Department', 'Team'] as const;
type Place = (typeof PLACES)[number];

export const isPlace = (type: string): type is Place => PLACES.includes(type as Place);

/**
 * Ids of a branch, a department of it and a team of that: operations take only places that belong
 * together.
 */
export async function placeOf(world: World, company: string): Promise<Record<Place, string>> {
  const [row] = await rowsOf(
    world,
    `SELECT d."branchId" AS "Branch", d.id AS "Department", t.id AS "Team" FROM "Team" t
     JOIN "Department" d ON d.id = t."departmentId" JOIN "Company" c ON c.id = t."companyId"
     WHERE c.name = $1 ORDER BY t.id DESC LIMIT 1`,
    [company],
  );
  return row;
}
