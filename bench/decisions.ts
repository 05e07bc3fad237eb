import { actorOf } from '../src/auth/authorization/actor.ts';
import { roles } from '../src/auth/authorization/permissions.ts';
import { peerRequire } from './peers.ts';

/**
 * Nanoseconds for one decision, medians of rounds: the actor's `can`, and Casbin's enforceSync with
 * 60 policies.
 */
export type Decisions = { actor: number; casbin: number };

const ROUNDS = 31;

/** (i) Decides whether a user may read salaries, in this process. */
export async function measureDecisions(): Promise<Decisions> {
  const actor = hrActor();
  const enforcer = await casbin();
  const questions = ['employee.read', 'employee.salary.read', 'payroll.pay', 'audit.read'] as const;
  const asked = questions.map((name) => {
    const parts = name.split('.');
    return [parts.slice(0, -1).join('.'), parts.at(-1)] as const;
  });
  return {
    actor: nanoseconds(1_000_000, (turn) => actor.can(questions[turn % 4] as 'audit.read')),
    casbin: nanoseconds(2_000, (turn) => {
      const [object, action] = asked[turn % 4] as (typeof asked)[number];
      return enforcer.enforceSync('hr_admin', object, action);
    }),
  };
}

function nanoseconds(times: number, decide: (turn: number) => boolean): number {
  let allowed = 0;
  const round = () => {
    const began = process.hrtime.bigint();
    for (let turn = 0; turn < times; turn++) if (decide(turn)) allowed += 1;
    return Number(process.hrtime.bigint() - began) / times;
  };
  const all = Array.from({ length: ROUNDS }, round).sort((a, b) => a - b);
  if (allowed === 0 || allowed === times * ROUNDS) throw new Error('bench: every decision was the same');
  return all[Math.floor(ROUNDS / 2)] as number;
}

function hrActor() {
  const company = { id: crypto.randomUUID(), name: 'Company', currency: 'EUR' };
  const place = { branchId: null, departmentId: null, teams: [], customRoles: {} };
  const asked = { mfaRequired: false, mfaGraceFrom: null, policy: null };
  const membership = { id: crypto.randomUUID(), company, roles: ['hr_admin'], ...place, ...asked };
  const known = { language: 'en', emailVerified: true, factors: [] };
  const user = { id: crypto.randomUUID(), email: 'head@bench.example', name: 'Head', ...known };
  const used = {
    methods: ['pwd'],
    mfaAt: null,
    lastUsedAt: new Date(),
    idleSeconds: 86_400,
    createdAt: new Date(),
    longestIdleSeconds: 0,
    enteredCompanies: [],
  };
  const session = { id: '', companyId: company.id, ...used };
  const actor = actorOf({ session, user, memberships: [membership] });
  if (!actor) throw new Error('bench: no actor');
  return actor;
}

const MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
`;

/**
 * The built-in roles' own permissions, the first sixty, as Casbin writes them, among them all of
 * hr_admin's.
 */
async function casbin(): Promise<{ enforceSync(...request: unknown[]): boolean }> {
  const { newEnforcer, newModelFromString, StringAdapter } = peerRequire('casbin');
  const byRole = Object.entries(roles).sort(
    ([a], [b]) => Number(b === 'hr_admin') - Number(a === 'hr_admin'),
  );
  const lines = byRole.flatMap(([role, { permissions }]) =>
    permissions.map((permission) => {
      const at = permission.lastIndexOf('.');
      return `p, ${role}, ${permission.slice(0, at)}, ${permission.slice(at + 1)}`;
    }),
  );
  return newEnforcer(newModelFromString(MODEL), new StringAdapter(lines.slice(0, 60).join('\n')));
}
