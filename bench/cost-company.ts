import { closeServices, openServices } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { makeDemo } from '../src/domain/demo/demo.ts';
import { createEmployee, setEmployeeIdentity, setEmployeeSalary } from '../src/domain/people/employee.ts';
import { asSystem } from '../src/domain/platform/system.ts';
import { createLog } from '../src/http/logger.ts';
import type { Services } from '../src/services.ts';
import { germanIban } from './iban.ts';
import { asOwner } from './owner.ts';
import type { Subject } from './work.ts';

export const PASSWORD = 'bench-Password-1';
const HIRED = 48;

/**
 * The demo, its first company grown by enough people with pay and papers that a page of 50 is full;
 * made by the product's own commands.
 */
export async function foundCompany(environment: Record<string, string>, owner: string): Promise<Subject> {
  const config = readConfig(environment);
  const log = createLog({ ...config, logLevel: 'silent' });
  const services = await openServices(config, { app: environment.DATABASE_URL ?? '', platform: null }, log);
  try {
    await makeDemo(services, PASSWORD);
    const place = await placeOf(owner);
    return { ...place, employeeIds: await hire(services, place), userId: '', token: '' };
  } finally {
    await closeServices(services);
  }
}

type Place = { companyId: string; departmentId: string; branchId: string };

const placeOf = (owner: string): Promise<Place> =>
  asOwner(owner, async (db) => {
    const { rows } = await db.query<Place>(
      `SELECT c.id AS "companyId", d.id AS "departmentId", d."branchId"
       FROM "Company" c JOIN "Department" d ON d."companyId" = c.id WHERE c.name = 'Acme' ORDER BY d.name LIMIT 1`,
    );
    return rows[0] as Place;
  });

async function hire(services: Services, { companyId, branchId, departmentId }: Place): Promise<string[]> {
  const run = asSystem(services, companyId);
  const place = { branchId: { id: branchId }, departmentId: { id: departmentId }, startedOn: '2026-01-01' };
  const ids: string[] = [];
  for (let number = 1000; number < 1000 + HIRED; number++) {
    const user = { name: `Worker ${number}`, email: `worker-${number}@acme.example`, jobTitle: 'Worker' };
    const { id } = await run(createEmployee, { ...place, ...user });
    await run(setEmployeeSalary, { employeeId: { id }, salary: `${number}.25` });
    const papers = { iban: germanIban(number), passport: `P${number}` };
    await run(setEmployeeIdentity, { employeeId: { id }, ...papers });
    ids.push(id);
  }
  return ids;
}
