import { connect } from '../client/client.ts';
import {
  CompanyNameDocument,
  EmployeeDocument,
  RecordDocument,
  SetSalaryDocument,
} from '../client/generated/graphql.ts';
import { employeeOf, employeesOf, type Guide, insist, nodeId, refusal, type Step } from './guide.ts';

const money = /^\d+(\.\d+)?$/;
const masked = /^•+ ?\S{4}$/;

async function hrSeesPay({ as }: Guide): Promise<string[]> {
  const seen = await employeesOf(await as('hr_admin'));
  insist(seen.length > 1, `hr_admin sees ${seen.length} employees`);
  const member = seen.find(({ email }) => email.startsWith('company_member@'));
  insist(
    money.test(member?.salary ?? '') && /^[A-Z]{2}\d+/.test(member?.iban ?? ''),
    'hr_admin sees no salary or no IBAN',
  );
  return [
    `hr_admin sees ${seen.length} employees; ${member?.name} earns ${member?.salary}, IBAN ${member?.iban}`,
  ];
}

async function memberSeesOwn({ as }: Guide): Promise<string[]> {
  const member = await as('company_member');
  const [own, ...others] = await employeesOf(member);
  insist(
    own?.email === member.email && others.length === 0,
    `company_member sees ${others.length + 1} employees`,
  );
  insist(money.test(own.salary ?? ''), 'company_member does not see their own salary');
  const boss = await employeeOf(await as('hr_admin'), 'company_admin');
  const refused = await refusal('NOT_FOUND', member.ask(EmployeeDocument, { id: boss.id }));
  return [
    `company_member sees 1 employee, themselves, and earns ${own.salary}`,
    `their manager, requested by id: ${refused}`,
  ];
}

async function managerSeesMasks({ as }: Guide): Promise<string[]> {
  const manager = await as('manager');
  const colleagues = (await employeesOf(manager)).filter(({ email }) => email !== manager.email);
  insist(colleagues.length > 0, 'manager sees no employee of their department');
  const open = colleagues.filter(
    ({ salary, iban }) => salary !== null || (iban !== null && !masked.test(iban)),
  );
  insist(open.length === 0, `manager reads pay or identity numbers of ${open.length} colleagues`);
  const [one] = colleagues;
  return [
    `manager sees ${colleagues.length} colleagues of one department; ${one?.name}: salary ${one?.salary}, IBAN ${one?.iban}`,
  ];
}

async function auditorReads({ as }: Guide): Promise<string[]> {
  const auditor = await as('external_auditor');
  const { auditEvents } = await auditor.ask(RecordDocument, { last: 5 });
  insist(auditEvents.edges.length > 0, 'external_auditor reads no events');
  const [employee] = await employeesOf(auditor);
  const change = auditor.ask(SetSalaryDocument, {
    input: { employeeId: employee?.id ?? '', salary: '1.00' },
  });
  const refused = await refusal('FORBIDDEN', change);
  const filter = { action: ['access.denied'], actorId: auditor.userId };
  const [denial] = (await auditor.ask(RecordDocument, { last: 1, filter })).auditEvents.edges;
  insist(JSON.stringify(denial?.node.data).includes('setEmployeeSalary'), 'the denial is not audited');
  return [
    `external_auditor reads the audit log (last event: ${auditEvents.edges.at(-1)?.node.action}) and ${employee?.name}, salary ${employee?.salary}`,
    `setEmployeeSalary: ${refused} (audited as ${denial?.node.action}, position ${denial?.node.cursor})`,
  ];
}

async function othersDoNotExist({ as, url }: Guide): Promise<string[]> {
  const hr = await as('hr_admin');
  const there = await as('hr_admin', 'Globex');
  const [stranger] = await employeesOf(there);
  insist(stranger !== undefined, 'Globex has no employees');
  const real = await refusal('NOT_FOUND', hr.ask(EmployeeDocument, { id: stranger.id }));
  const random = await refusal(
    'NOT_FOUND',
    hr.ask(EmployeeDocument, { id: nodeId('Employee', crypto.randomUUID()) }),
  );
  insist(real === random, `the answers differ: "${real}" and "${random}"`);
  const [inside, nowhere] = [there.companyId, crypto.randomUUID()].map((company) =>
    refusal('NOT_FOUND', connect(url, { token: hr.token, company }).ask(CompanyNameDocument, {})),
  );
  insist((await inside) === (await nowhere), 'x-company-id distinguishes a company from an unknown id');
  return [
    `an employee of Globex, requested from Acme: ${real}`,
    `an unknown id: ${random}; x-company-id with Globex: the same`,
  ];
}

export const visibility: Step[] = [
  { title: 'HR reads salaries', see: hrSeesPay },
  { title: 'a member reads only their own pay', see: memberSeesOwn },
  {
    title: 'a manager reads their department, without pay, with masked identity numbers',
    see: managerSeesMasks,
  },
  { title: 'an auditor reads and cannot write', see: auditorReads },
  { title: 'another company does not exist', see: othersDoNotExist },
];
