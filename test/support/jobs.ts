import type pg from 'pg';
import { asOwner } from './server/global-setup.ts';
import type { World } from './server/world.ts';

type Rows = <Row extends pg.QueryResultRow>(sql: string, values: unknown[]) => Promise<Row[]>;

/** Returns the id of a job of this company, made with its queue where there is none. */
export async function jobOf(rows: Rows, companyId: string): Promise<string> {
  const [found] = await rows<{ id: string }>(
    `SELECT id FROM pgboss.job WHERE data ->> 'companyId' = $1::text LIMIT 1`,
    [companyId],
  );
  if (found) return found.id;
  await rows(`SELECT pgboss.create_queue('old-invitation', '{"policy": "standard"}')`, []);
  const [made] = await rows<{ id: string }>(
    `INSERT INTO pgboss.job (name, policy, data) VALUES ('old-invitation', 'standard', jsonb_build_object('companyId', $1::text))
     RETURNING id`,
    [companyId],
  );
  return (made as { id: string }).id;
}

/** Runs a statement as the owner, past the triggers of the audit log. */
export const unaudited = (world: World, sql: string, values: unknown[] = []): Promise<pg.QueryResultRow[]> =>
  asOwner(world.database.ownerUrl, async (db) => {
    await db.query('SET session_replication_role = replica');
    return (await db.query(sql, values)).rows;
  });

/** Adds invitations that ended so long ago, of these companies each as many. Returns their ids. */
export async function addInvitations(
  world: World,
  given: { name: string; ago: string; companies?: string[]; count?: number },
): Promise<string[]> {
  const { name, ago, companies = ['Acme'], count = 1 } = given;
  const rows = await unaudited(
    world,
    `WITH invited AS (
       INSERT INTO "User" (id, email, name) SELECT gen_random_uuid(), gen_random_uuid() || '@old.example', $1 FROM generate_series(1, $3::int)
       RETURNING id, email)
     INSERT INTO "Membership" ("companyId", id, "userId", email, name, status, roles, "invitedUntil")
     SELECT c.id, gen_random_uuid(), i.id, i.email, $1, 'invited', '{staff}', now() - $2::interval
     FROM invited i, "Company" c WHERE c.name = ANY ($4) RETURNING id`,
    [name, ago, count, companies],
  );
  return rows.map(({ id }) => id);
}
