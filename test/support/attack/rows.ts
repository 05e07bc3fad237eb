import type pg from 'pg';
import { guarantees, type ModelName } from '../../../src/db/guarantees.gen.ts';

/** Where a row belongs: its branch, department, team and user. */
export type Place = {
  branch: string | null;
  department: string | null;
  team: string | null;
  user: string | null;
};
export type PlacedRow = { model: ModelName; id: string; place: Place };

/**
 * The structure of a company, which all its members may see: naming a branch makes no row of it
 * narrower.
 */
const STRUCTURE: readonly string[] = ['Branch', 'Department', 'Team', 'TeamMember', 'Membership'];

type Reference = { table: string; column: string; parent: string; parentColumn: string };
const REFERENCES = `
  SELECT c.conrelid::regclass::text AS table, a.attname AS column, c.confrelid::regclass::text AS parent, p.attname AS "parentColumn"
  FROM pg_constraint c CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k(own, other)
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
  JOIN pg_attribute p ON p.attrelid = c.confrelid AND p.attnum = k.other
  WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND a.attname <> 'companyId'`;

const DIMENSIONS: Record<string, keyof Place> = {
  'Branch.id': 'branch',
  'Department.id': 'department',
  'Team.id': 'team',
  'Membership.userId': 'user',
};

/**
 * Every row of a company that belongs to a branch, department, team or user: by the foreign keys of
 * its table, or of the table that they lead to. It reads the database as its owner, and none of
 * what the server knows of @visible.
 */
export async function placedRows(
  db: pg.Client,
  companyId: string,
  models: ModelName[],
): Promise<PlacedRow[]> {
  const references = (await db.query(REFERENCES)).rows.map((row) => unquoted(row as Reference));
  const places = new Map<string, Place>();
  const found: PlacedRow[] = [];
  for (const model of inOrder(
    models.filter((one) => !STRUCTURE.includes(one)),
    references,
  )) {
    const { table } = guarantees[model];
    const own = references.filter((one) => one.table === table);
    const { rows } = await db.query(`SELECT * FROM "${table}" WHERE "companyId" = $1 ORDER BY id`, [
      companyId,
    ]);
    for (const row of rows) {
      const place = placeOf(row, own, places);
      places.set(`${table} ${row.id}`, place);
      found.push({ model, id: row.id, place });
    }
  }
  return found;
}

const unquoted = ({ table, parent, ...rest }: Reference): Reference => ({
  ...rest,
  table: table.replaceAll('"', ''),
  parent: parent.replaceAll('"', ''),
});

/** The models with a place, those that others take theirs from first. */
function inOrder(models: ModelName[], references: Reference[]): ModelName[] {
  const found: ModelName[] = [];
  const leads = ({ parent, parentColumn }: Reference) =>
    `${parent}.${parentColumn}` in DIMENSIONS || found.some((model) => guarantees[model].table === parent);
  for (let before = -1; before < found.length; ) {
    before = found.length;
    for (const model of models) {
      const own = references.filter(({ table }) => table === guarantees[model].table);
      if (!found.includes(model) && own.some(leads)) found.push(model);
    }
  }
  return found;
}

function placeOf(row: Record<string, string | null>, own: Reference[], places: Map<string, Place>): Place {
  const place: Place = { branch: null, department: null, team: null, user: null };
  for (const { column, parent, parentColumn } of own) {
    const dimension = DIMENSIONS[`${parent}.${parentColumn}`];
    const value = row[column] ?? null;
    if (dimension) place[dimension] ??= value;
    else Object.assign(place, parentColumn === 'id' ? places.get(`${parent} ${value}`) : {});
  }
  return place;
}
