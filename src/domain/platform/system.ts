import { v7 as uuidv7 } from 'uuid';
import { system as bySystem, type Origin } from '../../audit/record/body.ts';
import type { Actor } from '../../auth/authorization/actor.ts';
import { type Permission, permissions } from '../../auth/authorization/permissions.ts';
import { identityTransactions } from '../../auth/identity-command.ts';
import { queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';
import { join } from '../access/join.ts';
import { afterCommit } from '../after-commit.ts';
import { type Command, execute, type Settle } from '../command.ts';

/** Runs a command in a company that has no actor yet. */
export type Run = <Input, Result>(command: Command<Input, Result>, input: unknown) => Promise<Result>;

/**
 * Runs commands of the deployment: creating the platform, seeding demo data, jobs. Never for
 * requests; each change is audited. `settle` runs in the transaction of each command.
 */
export const asSystem = (services: Services, companyId: string, settle?: Settle): Run =>
  asActor(services, system(companyId), settle);

/**
 * Runs commands as this user of the demo data, so that four eyes hold for them. Only for the demo's
 * history.
 */
export const asMember = (
  services: Services,
  companyId: string,
  { userId, roles }: Pick<Actor, 'userId' | 'roles'>,
): Run => asActor(services, { ...system(companyId), kind: 'user', userId, roles });

function asActor(services: Services, actor: Actor, settle?: Settle): Run {
  const origin = systemOrigin();
  const options = settle ? { settle } : {};
  return (command, input) => execute(services, actor, origin, command, input, {}, options);
}

const system = (companyId: string): Actor => ({
  kind: 'system',
  userId: uuidv7(),
  email: '',
  name: 'System',
  language: 'en',
  sessionId: '',
  companyId,
  companyName: '',
  membershipId: '',
  roles: ['system'],
  permissions: new Set(Object.keys(permissions)) as ReadonlySet<Permission>,
  readOnly: false,
  level: 5,
  branches: [],
  departments: [],
  teams: [],
  assurance: null,
  can: () => true,
  accessScope: () => 'company',
});

export const systemOrigin = (): Origin => ({ requestId: uuidv7(), ip: null, userAgent: 'system' });

/**
 * Sets a user's first password hash and accepts their invitation. Throws for an unknown user, and
 * for one with a password.
 */
export async function giveFirstPassword(
  { pool }: Services,
  companyId: string,
  email: string,
  passwordHash: string,
): Promise<void> {
  const anonymous = queryAs(pool, { companyId: null, userId: null });
  const [user] = await anonymous<{ id: string }>('SELECT id FROM user_for_sign_in($1)', [email]);
  if (!user) throw new Error(`there is no user with the e-mail ${email}`);
  const userId = user.id;
  const transaction = identityTransactions({ pool }, systemOrigin(), bySystem, afterCommit());
  await transaction({ companyId, userId }, async (tx) => {
    await tx('INSERT INTO "Credential" ("userId", "passwordHash") VALUES ($1, $2)', [userId, passwordHash]);
    await tx('UPDATE "User" SET "emailVerifiedAt" = now() WHERE id = $1', [userId]);
    await join(tx, { companyId, userId });
  });
}
