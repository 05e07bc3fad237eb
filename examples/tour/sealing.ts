import pg from 'pg';
import {
  CreateEmployeeDocument,
  DeleteEmployeeDocument,
  DepartmentsDocument,
  EmployeeDocument,
  GuestsDocument,
  RecordDocument,
  SetSalaryDocument,
} from '../client/generated/graphql.ts';
import { employeeOf, type Guide, insist, refusal, rowId, type Step, type Visitor } from './guide.ts';

type Row = { salary: string; iban: string };

async function rowsAreSealed({ as, owner }: Guide): Promise<string[]> {
  const { id, name, salary, iban } = await employeeOf(await as('hr_admin'), 'company_member');
  const [row] = await owner<Row>('SELECT salary, iban FROM "Employee" WHERE id = $1', [rowId(id)]);
  insist(row !== undefined && salary !== null && iban !== null, `${name} has no row, salary or IBAN`);
  const plain = [row.salary, row.iban].some(
    (text) => !text.startsWith('b1.') || text.includes(salary) || text.includes(iban),
  );
  insist(!plain, 'PostgreSQL stores a value in plain text');
  return [`${name} earns ${salary}; PostgreSQL, asked by its owner, holds ${row.salary}`];
}

const NAMES = ['Tour guest one', 'Tour guest two'];

/** Uses two employees that it creates and removes. */
async function movedOpensNowhere(guide: Guide): Promise<string[]> {
  const hr = await guide.as('hr_admin');
  await sendHome(hr);
  const [one, two] = [await guest(hr, 0), await guest(hr, 1)];
  try {
    const before = (await hr.ask(EmployeeDocument, { id: one })).employee.salary;
    await swap(guide.ownerUrl, one, two);
    const refused = await refusal('INTERNAL', hr.ask(EmployeeDocument, { id: one }));
    const broken = await brokenSeal(guide, one);
    return [
      `two employees’ encrypted salaries swapped by the database owner: ${before} is now ${refused}`,
      `audited as ${broken}`,
    ];
  } finally {
    await sendHome(hr);
  }
}

async function guest(hr: Visitor, index: number): Promise<string> {
  const department = (await hr.ask(DepartmentsDocument, {})).departments.edges[0]?.node;
  insist(department !== undefined, 'Acme has no department');
  const place = { departmentId: department.id, branchId: department.branch.id };
  const user = { name: NAMES[index] ?? '', email: `tour-${index}@acme.example`, startedOn: '2026-01-01' };
  const { id } = (await hr.ask(CreateEmployeeDocument, { input: { ...place, ...user } })).createEmployee
    .employee;
  await hr.ask(SetSalaryDocument, { input: { employeeId: id, salary: `${index + 1}000.00` } });
  return id;
}

async function sendHome(hr: Visitor): Promise<void> {
  const { edges } = await hr.ask(GuestsDocument, { name: 'Tour guest ' }).then(({ employees }) => employees);
  const guests = edges.filter(({ node }) => NAMES.includes(node.name));
  for (const { node } of guests) await hr.ask(DeleteEmployeeDocument, { input: { employeeId: node.id } });
}

/** Acts as an intruder with the owner's password: disables triggers, so that nothing is audited. */
async function swap(ownerUrl: string, ...ids: [string, string]): Promise<void> {
  const db = new pg.Client({ connectionString: ownerUrl });
  await db.connect();
  try {
    await db.query('SET session_replication_role = replica');
    const [one, two] = ids.map(rowId);
    await db.query(
      `UPDATE "Employee" e SET salary = o.salary FROM "Employee" o
      WHERE e.id IN ($1, $2) AND o.id IN ($1, $2) AND e.id <> o.id`,
      [one, two],
    );
  } finally {
    await db.end();
  }
}

async function brokenSeal({ as }: Guide, employee: string): Promise<string> {
  const auditor = await as('external_auditor');
  const filter = { action: ['seal.broken'], entityId: rowId(employee) };
  const [event] = (await auditor.ask(RecordDocument, { last: 1, filter })).auditEvents.edges;
  insist(event !== undefined, 'the failed decryption is not audited');
  return `${event.node.action}, ${event.node.severity}, position ${event.node.cursor}`;
}

export const sealing: Step[] = [
  { title: 'the row in PostgreSQL is ciphertext', see: rowsAreSealed },
  { title: 'an encrypted value moved to another row does not decrypt', see: movedOpensNowhere },
];
