import { germanIban } from './iban.ts';
/**
 * The operations that are measured, (a) to (g). PostGraphile names its fields after tables, so it
 * gets its own wording of the same thing.
 */
export type Operation = {
  letter: string;
  what: string;
  /**
   * Steps that follow each other on one connection; a step's variables may use the answer to the
   * step before.
   */
  steps: Step[];
};

export type Step = {
  name: string;
  query: string;
  /** For servers whose lists are plain and whose mutations return the row itself. */
  plain?: string;
  postgraphile: string;
  variables?: (subject: Subject, count: number, before: unknown, plainIds: boolean) => object;
};

/** Which of a step's documents a server takes. */
export type Dialect = 'query' | 'plain' | 'postgraphile';

/** A company under test: its credentials and the requested rows. Ids are UUIDs. */
export type Subject = {
  companyId: string;
  userId: string;
  branchId: string;
  departmentId: string;
  employeeIds: string[];
  token: string;
};

/**
 * Clients of PostGraphile may give row ids, which it calls rowId; everywhere else ids are Relay's.
 */
const id = (type: string, uuid: string, plain: boolean) =>
  plain ? uuid : Buffer.from(`${type}:${uuid}`).toString('base64');

const list = (name: string, fields: string): Step => ({
  name,
  query: `query ${name} { employees(first: 50) { edges { node { id ${fields} department { id name } } } } }`,
  postgraphile: `query ${name} { employees(first: 50, orderBy: [NAME_ASC, ROW_ID_ASC]) { edges { node { id: rowId ${fields} department { id: rowId name } } } } }`,
});

const one: Step = {
  name: 'One',
  query: 'query One($id: ID!) { employee(id: $id) { id name email jobTitle department { id name } } }',
  postgraphile:
    'query One($id: UUID!) { employee(rowId: $id) { id: rowId name email jobTitle department { id: rowId name } } }',
  variables: ({ employeeIds }, count, _before, plain) => ({
    id: id('Employee', employeeIds[count % employeeIds.length] as string, plain),
  }),
};

const viewer: Step = {
  name: 'Viewer',
  query: 'query Viewer { viewer { user { id name email } company { id name currency } roles } }',
  postgraphile:
    'query Viewer { viewer { user { id: rowId name email } company { id: rowId name currency } roles } }',
};

const nested: Step = {
  name: 'Nested',
  query:
    'query Nested { company { id name departments(first: 5) { edges { node { id name employees(first: 10) { edges { node { id name attendance(first: 5) { edges { node { day: workedOn minutes status } } } } } } } } } } }',
  plain:
    'query Nested { company { id name departments { id name employees(first: 10) { edges { node { id name attendance(first: 5) { day minutes status } } } } } } }',
  postgraphile:
    'query Nested { company: currentCompany { id: rowId name departments(orderBy: [NAME_ASC]) { nodes { id: rowId name employees(first: 10, orderBy: [NAME_ASC, ROW_ID_ASC]) { edges { node { id: rowId name attendance: attendances(first: 5, orderBy: [DAY_DESC, ROW_ID_DESC]) { nodes { day minutes status } } } } } } } } }',
};

const update: Step = {
  name: 'Update',
  query:
    'mutation Update($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { id name jobTitle } } }',
  plain:
    'mutation Update($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { id name jobTitle } }',
  postgraphile:
    'mutation Update($id: UUID!, $jobTitle: String!) { updateEmployee(input: { rowId: $id, patch: { jobTitle: $jobTitle } }) { employee { id: rowId name jobTitle } } }',
  variables: ({ employeeIds }, count, _before, plain) => {
    const employeeId = id('Employee', employeeIds[count % employeeIds.length] as string, plain);
    const jobTitle = `Title ${count}`;
    return plain ? { id: employeeId, jobTitle } : { input: { employeeId, jobTitle } };
  },
};

const create: Step = {
  name: 'Create',
  query:
    'mutation Create($input: CreateEmployeeInput!) { createEmployee(input: $input) { employee { id name } } }',
  plain: 'mutation Create($input: CreateEmployeeInput!) { createEmployee(input: $input) { id name } }',
  postgraphile:
    'mutation Create($input: EmployeeInput!) { createEmployee(input: { employee: $input }) { employee { id: rowId name } } }',
  variables: ({ companyId, branchId, departmentId }, count, _before, plain) => {
    const input = {
      branchId: id('Branch', branchId, plain),
      departmentId: id('Department', departmentId, plain),
      name: `Zz new ${count}`, // after everybody else: the lists stay what they are
      email: `${crypto.randomUUID()}@new.example`,
      jobTitle: 'Worker',
      startedOn: '2026-01-01',
    };
    return { input: plain ? { ...input, companyId, rowId: crypto.randomUUID() } : input };
  },
};

const identify: Step = {
  name: 'Identify',
  query:
    'mutation Identify($input: SetEmployeeIdentityInput!) { setEmployeeIdentity(input: $input) { employee { id name iban passport } } }',
  plain:
    'mutation Identify($input: SetEmployeeIdentityInput!) { setEmployeeIdentity(input: $input) { id name iban passport } }',
  postgraphile:
    'mutation Identify($id: UUID!, $iban: String!, $passport: String!) { setEmployeeIdentity: updateEmployee(input: { rowId: $id, patch: { iban: $iban, passport: $passport } }) { employee { id: rowId name iban passport } } }',
  variables: (_subject, count, before, plain) => {
    const made = before as { createEmployee: { id: string; employee?: { id: string } } };
    const employeeId = (made.createEmployee.employee ?? made.createEmployee).id as string;
    const digits = String(count % 1e8).padStart(8, '0');
    const papers = { iban: germanIban(count), passport: `P${digits}` };
    return plain ? { id: employeeId, ...papers } : { input: { employeeId, ...papers } };
  },
};

export const operations: Operation[] = [
  { letter: 'a', what: 'list of 50 with department', steps: [list('List', 'name email jobTitle')] },
  {
    letter: 'b',
    what: 'the same with two sealed fields',
    steps: [list('Pay', 'name email jobTitle salary iban')],
  },
  { letter: 'c', what: 'one by id', steps: [one] },
  { letter: 'd', what: 'viewer', steps: [viewer] },
  { letter: 'e', what: 'company, departments, employees, attendance', steps: [nested] },
  { letter: 'f', what: 'audited update', steps: [update] },
  { letter: 'g', what: 'create, then two sealed fields', steps: [create, identify] },
];
