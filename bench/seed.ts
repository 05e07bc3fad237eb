import { readFileSync } from 'node:fs';
import { v7 as uuidv7 } from 'uuid';
import { hashPassword } from '../src/auth/password/hash.ts';
import { createSession } from '../src/auth/session/store.ts';
import { readMasterKeys } from '../src/config.ts';
import { blindIndex, lastFour } from '../src/crypto/fields/blind-index.ts';
import { sealFor } from '../src/crypto/fields/sealed.ts';
import { type CompanyKeys, openKeyring } from '../src/crypto/keys/keyring.ts';
import type { Connections } from '../src/db/embedded/bootstrap.ts';
import { queryAs } from '../src/db/sql.ts';
import { TenantPool } from '../src/db/tenant/pool.ts';
import type { Row } from './copy.ts';
import { germanIban } from './iban.ts';
import { asOwner } from './owner.ts';
import { peerRequire } from './peers.ts';
import { type Tables, tablesOf } from './tables.ts';
import type { Subject } from './work.ts';

/** Companies are alike; requests go round the first ones, a hundred at most. */
export const scales = {
  '1k': { companies: 16, employees: 1_600 },
  '100k': { companies: 10, employees: 100_000 },
  '1m': { companies: 10_000, employees: 1_000_000 },
} as const;
export type Scale = keyof typeof scales;
export const SUBJECTS = 100;

const DEPARTMENTS = ['Design', 'Finance', 'Production', 'Sales', 'Service'];
const DAYS = 6;
export const ROLE = 'company_admin';
export const PASSWORD = 'bench-Password-1';

type Secrets = { masterKeys: string; fieldKey: string };
type Company = { id: string; keys: CompanyKeys; index: number };

/**
 * The same people three times: in the product's tables, sealed with each company's own keys; in
 * plain columns; and as
 * prisma-field-encryption seals them. As the owner, past the triggers: no events, which no read
 * looks at.
 */
export async function seed(connections: Connections, scale: Scale, secrets: Secrets): Promise<Subject[]> {
  const { companies, employees } = scales[scale];
  const subjects = await asOwner(connections.owner, async (db) => {
    await db.query(readFileSync(new URL('plain.sql', import.meta.url), 'utf8'));
    await db.query('SET session_replication_role = replica');
    const tables = tablesOf(db);
    const subjects: Subject[] = [];
    const passwordHash = await hashPassword(PASSWORD);
    for (let index = 0; index < companies; index++) {
      const subject = await seedCompany(tables, index, employees / companies, secrets, passwordHash);
      if (index < SUBJECTS) subjects.push(subject);
    }
    await tables.flush();
    await db.query(readFileSync(new URL('plain-indexes.sql', import.meta.url), 'utf8'));
    await db.query('VACUUM ANALYZE');
    return subjects;
  });
  return signedIn(connections.app, subjects);
}

async function seedCompany(
  tables: Tables,
  index: number,
  employees: number,
  secrets: Secrets,
  passwordHash: string,
): Promise<Subject> {
  const [companyId, userId, branchId] = [uuidv7(), uuidv7(), uuidv7()];
  const tested = index < SUBJECTS;
  const keys = await makeKeys(tables, companyId, secrets.masterKeys);
  for (const table of [tables.company, tables.plainCompany])
    await table.add([companyId, `Company ${index}`, 'EUR']);
  await seedMember(tables, companyId, userId, index, passwordHash);
  for (const table of [tables.branch, tables.plainBranch]) await table.add([companyId, branchId, 'North']);
  const departmentIds = DEPARTMENTS.map(() => uuidv7());
  for (const [at, id] of departmentIds.entries()) {
    for (const table of [tables.department, tables.plainDepartment])
      await table.add([companyId, id, branchId, DEPARTMENTS[at]]);
  }
  const employeeIds: string[] = [];
  for (let at = 0; at < employees; at++) {
    const id = uuidv7();
    employeeIds.push(id);
    const place = [companyId, id, branchId, departmentIds[at % departmentIds.length]];
    await seedEmployee(tables, { id: companyId, keys, index }, id, place, at, secrets.fieldKey);
    if (tested) await seedAttendance(tables, companyId, id, userId, at);
  }
  const ids = { companyId, userId, branchId, departmentId: departmentIds[0] as string };
  return { ...ids, employeeIds: employeeIds.slice(0, 200), token: '' };
}

async function makeKeys(tables: Tables, companyId: string, masterKeys: string): Promise<CompanyKeys> {
  const rows: object[] = [];
  const keep = async (sql: string, values: unknown[]): Promise<object[]> => {
    if (!sql.startsWith('INSERT')) return rows;
    const [company, id, scope, purpose, masterKey, wrapped] = values;
    rows.push({ id, scope, purpose, version: 1, masterKey, wrapped });
    await tables.key.add([company, id, scope, purpose, 1, masterKey, wrapped]);
    return [];
  };
  const keyring = openKeyring(async () => [], readMasterKeys(masterKeys));
  return keyring.create(keep, companyId, ['pii']);
}

async function seedMember(
  tables: Tables,
  companyId: string,
  userId: string,
  index: number,
  passwordHash: string,
) {
  const [name, email, id] = [`Head ${index}`, `head-${index}@bench.example`, uuidv7()];
  for (const table of [tables.user, tables.plainUser]) await table.add([userId, name, email]);
  await tables.credential.add([userId, passwordHash]);
  await tables.membership.add([companyId, id, userId, `{${ROLE}}`, email, name]);
  await tables.plainMembership.add([companyId, id, userId, `{${ROLE}}`]);
}

const FIRST = ['Ana', 'Bo', 'Chen', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana', 'Ivo', 'Jun', 'Kai', 'Lea', 'Milo'];
const LAST = ['Abel', 'Berg', 'Cruz', 'Dahl', 'Egger', 'Frank', 'Gruber', 'Haas', 'Imhof', 'Janda', 'Kern'];

async function seedEmployee(
  tables: Tables,
  company: Company,
  id: string,
  place: Row,
  at: number,
  fieldKey: string,
) {
  const name = `${FIRST[at % FIRST.length]} ${LAST[at % LAST.length]} ${at}`;
  const user = [
    ...place,
    name,
    `worker-${at}@company-${company.index}.example`,
    `Job ${at % 20}`,
    '2024-01-15',
  ];
  const digits = String(company.index * 100_000 + at).padStart(12, '0');
  const papers = {
    salary: `${3000 + (at % 4000)}.25`,
    iban: germanIban(company.index * 100_000 + at),
    passport: `P${digits}`,
  };
  const sealed = Object.entries(papers).map(([field, value]) =>
    sealFor(company.keys, { model: 'Employee', field, scope: 'pii' }, id, value),
  );
  const index = blindIndex(company.keys, 'pii', 'Employee', 'iban', papers.iban);
  await tables.employee.add([...user, ...sealed, index, lastFour(papers.iban), lastFour(papers.passport)]);
  await tables.plainEmployee.add([...user, ...Object.values(papers)]);
  const cloak = peerRequire('@47ng/cloak');
  const cloaked = Object.values(papers).map((value) => cloak.encryptStringSync(value, fieldKey) as string);
  await tables.kitEmployee.add([...user, ...cloaked]);
}

async function seedAttendance(
  tables: Tables,
  companyId: string,
  employeeId: string,
  userId: string,
  at: number,
) {
  for (let day = 1; day <= DAYS; day++) {
    const row = [companyId, uuidv7(), employeeId, `2026-01-0${day}`, 400 + ((at + day) % 90)];
    await tables.attendance.add([...row, userId]);
    await tables.plainAttendance.add([...row, 'recorded']);
  }
}

/** A session each, made as sign-in makes them. */
async function signedIn(url: string, subjects: Subject[]): Promise<Subject[]> {
  const pool = new TenantPool({ connectionString: url, max: 4 });
  const session = async (subject: Subject): Promise<Subject> => {
    const { companyId, userId } = subject;
    const query = queryAs(pool, { companyId: null, userId });
    return {
      ...subject,
      token: await createSession(query, userId, { companyId, ip: null, userAgent: 'bench' }),
    };
  };
  const all = await Promise.all(subjects.map(session));
  await pool.end();
  return all;
}

/** Takes back what (f) and (g) wrote in an earlier run; as the owner, past the triggers. */
export const unwrite = (url: string): Promise<void> =>
  asOwner(url, async (db) => {
    await db.query('SET session_replication_role = replica');
    for (const table of ['public."Employee"', 'plain.employee', 'kit.employee']) {
      await db.query(`DELETE FROM ${table} WHERE name LIKE 'Zz new %'`);
      await db.query(`UPDATE ${table} SET "jobTitle" = 'Job ' || (substring(email FROM 'worker-(\\d+)@')::int % 20)
        WHERE "jobTitle" LIKE 'Title %'`);
      await db.query(`VACUUM ANALYZE ${table}`);
    }
  });
