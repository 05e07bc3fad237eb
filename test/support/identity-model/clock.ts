import pg from 'pg';
import { accountSubject } from '../../../src/auth/lockout/limits.ts';
import type { World } from '../server/world.ts';
import { stepOf } from './state.ts';

/** Whose rows a clock moves. */
export type Owners = { people: string[]; emails: string[]; account: string };

/**
 * PostgreSQL's clock cannot be moved, so the rows are: each moment in them goes back by as much as
 * has passed for the model and not for the machine. Whatever the server compares with now is then
 * as old as the model says, however fast the machine is.
 */
export type Clock = {
  /** The rows are as old as they are at this moment of the model. */
  hold(now: number): Promise<void>;
  /** Seconds by which rows have been moved so far. */
  moved(): number;
  /** The server's present code step. */
  step(): number;
  end(): Promise<void>;
  /** A statement as the database's owner, on the clock's own connection. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for
  rows(sql: string, values: unknown[]): Promise<any[]>;
};

/** Rows may be off by this much, seconds; nothing that the model asks for is nearer to its end. */
const DRIFT = 1;

export async function openClock(world: World, { people, emails, account }: Owners): Promise<Clock> {
  const db = new pg.Client({ connectionString: world.database.ownerUrl });
  await db.connect();
  // no triggers: what is done here is on no record
  await db.query('SET session_replication_role = replica');
  const names = emails.map(accountSubject);
  const machine = () => Date.now() / 1000;
  const started = machine();
  const held = { now: 0, machine: started, step: stepOf(started), moved: 0 };
  const hold = async (now: number) => {
    const at = machine();
    const seconds = now - held.now - (at - held.machine);
    const steps = stepOf(now) - stepOf(held.now) - (stepOf(at) - held.step);
    if (Math.abs(seconds) < DRIFT && steps === 0) return;
    await db.query('SELECT move_rows($1, $2, $3, $4, $5)', [people, names, account, seconds, steps]);
    Object.assign(held, { now, machine: at, step: stepOf(at), moved: held.moved + seconds });
  };
  return {
    hold,
    moved: () => held.moved,
    step: () => held.step,
    end: () => db.end(),
    rows: async (sql, values) => (await db.query(sql, values)).rows,
  };
}

/**
 * Every moment in every row of some people, of their tries and of one service account's keys: a new
 * column is found by itself.
 */
export async function installClock(world: World): Promise<void> {
  const db = new pg.Client({ connectionString: world.database.ownerUrl });
  await db.connect();
  const { rows } = await db.query(
    `SELECT table_name AS name, array_agg(column_name::text) FILTER (WHERE data_type LIKE 'timestamp%') AS moments,
       bool_or(column_name = 'userId') AS own FROM information_schema.columns WHERE table_schema = 'public' GROUP BY 1`,
  );
  const moved = (rows as { name: string; moments: string[] | null; own: boolean }[]).flatMap(
    ({ name, moments, own }) => {
      const whose = own ? `"userId" = ANY (people)` : WHOSE[name];
      if (!moments || !whose) return [];
      const set = moments.map((moment) => `"${moment}" = "${moment}" - seconds * interval '1 second'`);
      return [`UPDATE "${name}" SET ${set.join(', ')} WHERE ${whose};`];
    },
  );
  await db.query(
    `CREATE FUNCTION move_rows(people uuid[], names text[], account uuid, seconds double precision, steps integer) RETURNS void
     LANGUAGE plpgsql AS $$ BEGIN ${moved.join('\n')}
       UPDATE "TotpFactor" SET "lastStep" = "lastStep" - steps WHERE "userId" = ANY (people); END $$`,
  );
  await db.end();
}

const WHOSE: Record<string, string> = {
  Throttle: `subject = ANY (names) OR subject IN (SELECT 'device:' || id FROM "TrustedDevice" WHERE "userId" = ANY (people))`,
  ApiKey: `"serviceAccountId" = account`,
  MfaGrace: 'id = ANY (people)',
};
