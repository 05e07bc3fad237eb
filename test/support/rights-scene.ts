import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { rightsModels } from '../../src/auth/rights/rows.ts';
import { placeOf } from './server/places.ts';
import { newcomer, rowsOf, type World } from './server/world.ts';
import { type MfaState, mfaStates, openStates } from './sign-in/mfa-states.ts';

/** A custom role, as stored. */
export type RoleRow = {
  slug: string;
  level: number;
  permissions: string[];
  accessScope: string;
  readOnly: boolean;
};

/** Rows of Acme from which rights follow, made past the rules that a test tries. */
export type Scene = {
  owner: pg.Client;
  companyId: string;
  place: Awaited<ReturnType<typeof placeOf>>;
  /** Sessions of the actor, whose second factor was verified now or too long ago. */
  tokens: Record<'fresh' | 'stale', string>;
  /** Adds a row and returns its id. */
  add: (table: string, row: object) => Promise<string>;
  role: (row: Partial<RoleRow>) => Promise<RoleRow & { id: string }>;
  member: (roles: string[], row?: object) => Promise<{ id: string; userId: string; email: string }>;
  /** Replaces the sign-in policy. */
  policy: (row?: object) => Promise<void>;
  /** Removes every row that was added since the scene was opened, and restores the policy. */
  clear: () => Promise<void>;
  /** One digest a table of rights, and of what else an administrator takes from a member. */
  digest: () => Promise<Record<string, string>>;
  end: () => Promise<void>;
};

const OBSERVED = [...rightsModels, 'TotpFactor', 'Throttle', 'Company'];
/** A refused command counts its denial. */
const isDenial = `COALESCE(to_jsonb(t) ->> 'kind' = 'denial', false)`;

/** The actor has these roles and works in the scene's branch. */
export async function openScene(world: World, roles: Partial<RoleRow>[]): Promise<Scene> {
  const owner = new pg.Client({ connectionString: world.database.ownerUrl });
  await owner.connect();
  await owner.query('SET session_replication_role = replica; SET synchronous_commit = off');
  const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
  const companyId = acme.id as string;
  const place = await placeOf(world, 'Acme');
  const insert = async (table: string, row: object) => {
    const [columns, values] = [Object.keys(row), Object.values(row)];
    await owner.query(
      `INSERT INTO "${table}" (${columns.map((one) => `"${one}"`)}) VALUES (${columns.map((_, index) => `$${index + 1}`)})`,
      values,
    );
  };
  const add = async (table: string, row: object) => {
    const id = randomUUID();
    await insert(table, { companyId, id, ...row });
    return id;
  };
  const role = async (row: Partial<RoleRow>) => {
    const slug = `r_${randomUUID().slice(0, 8)}`;
    const whole = { slug, level: 1, permissions: [], accessScope: 'company', readOnly: false, ...row };
    return { ...whole, id: await add('Role', { name: 'Role', ...whole }) };
  };
  const member = async (roles: string[], row: object = {}) => {
    const userId = randomUUID();
    const email = `${userId}@scene.example`;
    await insert('User', { id: userId, email, name: 'Scene' });
    return { id: await add('Membership', { userId, email, name: 'Scene', roles, ...row }), userId, email };
  };
  const policy = async (row: object = {}) => {
    await owner.query('DELETE FROM "SignInPolicy" WHERE "companyId" = $1', [companyId]);
    await add('SignInPolicy', row);
  };
  const own: RoleRow[] = [];
  for (const row of roles) own.push(await role(row));
  const { email } = await newcomer(world, ['client']);
  await owner.query('UPDATE "Membership" SET roles = $1, "branchId" = $2 WHERE email = $3', [
    own.map(({ slug }) => slug),
    place.Branch,
    email,
  ]);
  const tokens = await sessionsLike(world, email);
  const kept = rightsModels.filter((model) => model !== 'SignInPolicy');
  const idsBefore: string[][] = [];
  for (const table of kept)
    idsBefore.push((await owner.query(`SELECT id FROM "${table}"`)).rows.map(({ id }) => id));
  const deletions = kept.map(
    (table, index) =>
      `d${index} AS (DELETE FROM "${table}" WHERE NOT id = ANY ($${index + 1}::uuid[]) RETURNING 1)`,
  );
  const clear = async () => {
    await owner.query(`WITH ${deletions} SELECT`, idsBefore);
    await policy();
  };
  const digest = async () => {
    const parts = OBSERVED.map(
      (name) =>
        `SELECT '${name}' AS name, COALESCE(md5(string_agg(to_jsonb(t)::text, ',' ORDER BY to_jsonb(t)::text)), '') AS digest FROM "${name}" t WHERE NOT ${isDenial}`,
    );
    const { rows } = await owner.query(parts.join(' UNION ALL '));
    return Object.fromEntries(rows.map((row) => [row.name, row.digest]));
  };
  return {
    owner,
    companyId,
    place,
    tokens,
    add,
    role,
    member,
    policy,
    clear,
    digest,
    end: () => owner.end(),
  };
}

/** Sessions of a new member with the roles of this one. */
export async function sessionsLike(world: World, email: string): Promise<Scene['tokens']> {
  const fresh: MfaState = { ...mfaStates['with a factor, proven just now'], requiredFor: 6, proven: 0 };
  const states = await openStates(world);
  const actor = await states.userLike(email, fresh);
  const tokens = {
    fresh: await states.sessionOf(actor),
    stale: await states.sessionOf({ ...actor, state: { ...fresh, proven: 11 } }),
  };
  await states.end();
  return tokens;
}
