import { composeIBAN } from 'ibantools';
import { PLATFORM_ID, roles } from '../../auth/authorization/permissions.ts';
import { hashPassword } from '../../auth/password/hash.ts';
import { queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';
import { inviteMember } from '../access/member.ts';
import { setSignInPolicy } from '../access/sign-in-policy.ts';
import { addTeamMember, createTeam } from '../access/team.ts';
import { createCompany, foundPlatform } from '../organization/company.ts';
import { createBranch, createDepartment } from '../organization/structure.ts';
import { recordAttendance } from '../people/attendance.ts';
import { createEmployee, setEmployeeIdentity, setEmployeeSalary } from '../people/employee.ts';
import { asSystem, giveFirstPassword, type Run } from '../platform/system.ts';
import { nameOf } from './names.ts';

export type DemoAccount = { email: string; password: string; company: string; roles: string[] };

const COMPANIES = [
  { name: 'Acme', domain: 'acme.example', currency: 'EUR' },
  { name: 'Globex', domain: 'globex.example', currency: 'USD' },
] as const;

const ANONYMOUS = { companyId: null, userId: null };
const companyRoles = Object.entries(roles).flatMap(([name, role]) => (role.level < 5 ? [name] : []));

/**
 * Seeds two companies with one account for each company role, and a platform administrator, all
 * with `password`. It runs commands, so the seed is audited.
 */
export async function makeDemo(services: Services, password: string): Promise<DemoAccount[]> {
  const passwordHash = await hashPassword(password);
  const accounts: DemoAccount[] = [];
  const account: Account = async (email, company, role) => {
    await giveFirstPassword(services, company.id, email, passwordHash);
    accounts.push({ email, password, company: company.name, roles: [role] });
  };
  const administrator = { email: 'platform@bulwark.example', name: 'Pat Platform' };
  await asSystem(services, PLATFORM_ID)(foundPlatform, { name: 'Platform', administrator });
  await account(administrator.email, { id: PLATFORM_ID, name: 'Platform' }, 'super_admin');
  for (const company of COMPANIES) await makeCompany(services, company, account);
  return accounts;
}

/** Sets the longest grace period, so that a demo of several weeks requires no second factor. */
export async function giveTime(services: Services): Promise<void> {
  const rows = await queryAs(
    services.platform ?? services.pool,
    ANONYMOUS,
  )<{ id: string }>('SELECT id FROM "Company"');
  for (const companyId of new Set([PLATFORM_ID, ...rows.map(({ id }) => id)]))
    await asSystem(services, companyId)(setSignInPolicy, { mfaGraceDays: 90 });
}

type Company = (typeof COMPANIES)[number];
type Account = (email: string, company: { id: string; name: string }, role: string) => Promise<void>;

async function makeCompany(
  services: Services,
  { name, domain, currency }: Company,
  account: Account,
): Promise<void> {
  const administrator = { email: `company_admin@${domain}`, name: nameOfAccount(domain, 'company_admin') };
  const { id: companyId } = await asSystem(services, PLATFORM_ID)(createCompany, {
    name,
    currency,
    administrator,
  });
  const company = { id: companyId, name };
  await account(administrator.email, company, 'company_admin');
  const run = asSystem(services, companyId);
  const places = await makePlaces(run);
  for (const [index, role] of companyRoles.entries()) {
    const place = places[index % places.length] as Place;
    const isFirst = role === 'company_admin';
    const memberId = isFirst
      ? await firstMember(services, companyId)
      : await makeMember(run, role, domain, place);
    if (!isFirst) await account(`${role}@${domain}`, company, role);
    await makeEmployee(run, { role, domain, index, place, memberId });
  }
}

/** The administrator whom the company was created with. */
async function firstMember({ pool }: Services, companyId: string): Promise<string> {
  const query = queryAs(pool, { companyId, userId: null });
  const [member] = await query<{ id: string }>('SELECT id FROM "Membership"');
  if (!member) throw new Error('the demo company has no administrator');
  return member.id;
}

type Place = { branchId: string; departmentId: string; teamId: string };

async function makePlaces(run: Run): Promise<Place[]> {
  const places: Place[] = [];
  for (const branch of ['North', 'South']) {
    const { id: branchId } = await run(createBranch, { name: branch });
    for (const department of ['Production', 'Sales']) {
      const { id: departmentId } = await run(createDepartment, {
        branchId: ref(branchId),
        name: `${department} ${branch}`,
      });
      const { id: teamId } = await run(createTeam, {
        departmentId: ref(departmentId),
        name: `${department} ${branch} A`,
      });
      places.push({ branchId, departmentId, teamId });
    }
  }
  return places;
}

async function makeMember(
  run: Run,
  role: string,
  domain: string,
  { branchId, departmentId, teamId }: Place,
): Promise<string> {
  const { id } = await run(inviteMember, {
    email: `${role}@${domain}`,
    name: nameOfAccount(domain, role),
    roles: [role],
    branchId: ref(branchId),
    departmentId: ref(departmentId),
  });
  await run(addTeamMember, { teamId: ref(teamId), memberId: ref(id) });
  return id;
}

type Worker = { role: string; domain: string; index: number; place: Place; memberId: string };

async function makeEmployee(run: Run, { role, domain, index, place, memberId }: Worker): Promise<void> {
  const { id } = await run(createEmployee, {
    branchId: ref(place.branchId),
    departmentId: ref(place.departmentId),
    teamId: ref(place.teamId),
    memberId: ref(memberId),
    name: nameOfAccount(domain, role),
    email: `${role}@${domain}`,
    jobTitle: titled(role),
    startedOn: '2021-02-01',
  });
  const digits = String(100000 + index * 4321).slice(0, 6);
  await run(setEmployeeSalary, { employeeId: ref(id), salary: `${3000 + index * 137}.50` });
  await run(setEmployeeIdentity, {
    employeeId: ref(id),
    iban: composeIBAN({ countryCode: 'DE', bban: `370400440532${digits}` }) as string,
    civilId: `${domain[0]?.toUpperCase()}${digits}${index}`,
    passport: `P${digits}`,
  });
  await run(recordAttendance, { employeeId: ref(id), workedOn: '2026-01-05', minutes: 480 });
}

const nameOfAccount = (domain: string, role: string): string =>
  nameOf(
    COMPANIES.findIndex((company) => company.domain === domain),
    companyRoles.indexOf(role),
  );

const titled = (role: string) =>
  role
    .split('_')
    .map((word) => (word === 'hr' ? 'HR' : word[0]?.toUpperCase() + word.slice(1)))
    .join(' ');
/** Returns an id in the form that the schema decodes. */
const ref = (id: string) => ({ id });
