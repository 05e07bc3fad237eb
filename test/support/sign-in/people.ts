import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { type Actor, actorOf } from '../../../src/auth/authorization/actor.ts';
import type { Identity, Membership } from '../../../src/auth/authorization/identity.ts';
import { asOwner } from '../server/global-setup.ts';

export const PERSON: Identity['user'] = {
  id: randomUUID(),
  email: 'nora@acme.example',
  name: 'Nora Quill',
  language: 'en',
  emailVerified: true,
  factors: [],
};
export const sessionIn = (companyId: string | null): Identity['session'] => ({
  id: 'a'.repeat(64),
  companyId,
  methods: ['pwd'],
  mfaAt: null,
  createdAt: new Date(),
  lastUsedAt: new Date(),
  idleSeconds: 86_400,
  longestIdleSeconds: 0,
  enteredCompanies: [],
});
export const COMPANY = { id: randomUUID(), name: 'Acme', currency: 'EUR' };

export const membership = (parts: Partial<Membership> = {}): Membership => ({
  id: randomUUID(),
  company: COMPANY,
  roles: [],
  branchId: null,
  departmentId: null,
  teams: [],
  customRoles: {},
  mfaRequired: false,
  mfaGraceFrom: null,
  policy: null,
  ...parts,
});

export const actorWith = (parts: Partial<Membership>): Actor => {
  const held = membership(parts);
  const actor = actorOf({
    session: sessionIn(held.company.id),
    user: PERSON,
    memberships: [held],
  });
  if (!actor) throw new Error('expected an actor');
  return actor;
};

/**
 * Rows as the owner puts them there, past triggers: what these tests look at is how they are read.
 */
export const insert = (ownerUrl: string, rows: [sql: string, values: unknown[]][]): Promise<void> =>
  asOwner(ownerUrl, async (db) => {
    await db.query('SET session_replication_role = replica');
    for (const [sql, values] of rows) await db.query(sql, values);
  });

export const companyRow = (id: string, name: string): [string, unknown[]] => [
  `INSERT INTO "Company" (id, name, currency) VALUES ($1, $2, 'EUR')`,
  [id, name],
];
export const userRow = (id: string, email: string): [string, unknown[]] => [
  `INSERT INTO "User" (id, email, name) VALUES ($1, $2, 'A User')`,
  [id, email],
];
export const credentialRow = (userId: string, hash: string): [string, unknown[]] => [
  `INSERT INTO "Credential" ("userId", "passwordHash") VALUES ($1, $2)`,
  [userId, hash],
];
export const membershipRow = (row: {
  companyId: string;
  userId: string;
  roles: string[];
  id?: string;
  status?: string;
}): [string, unknown[]] => [
  `INSERT INTO "Membership" ("companyId", id, "userId", email, name, status, roles)
   VALUES ($1, $2, $3, $4, 'A User', $5::text::"MembershipStatus", $6)`,
  [
    row.companyId,
    row.id ?? uuidv7(),
    row.userId,
    `${row.userId}@acme.example`,
    row.status ?? 'active',
    row.roles,
  ],
];
