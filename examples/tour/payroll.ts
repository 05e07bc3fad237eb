import {
  ApprovePayrollRunDocument,
  CreatePayrollRunDocument,
  PayPayrollRunDocument,
  PayrollRunsDocument,
  RecordDocument,
  SubmitPayrollRunDocument,
} from '../client/generated/graphql.ts';
import { type Guide, insist, refusal, rowId, type Step, type Visitor } from './guide.ts';

async function fourEyes({ as }: Guide): Promise<string[]> {
  const admin = await as('company_admin');
  const reviewer = await as('reviewer');
  const finance = await as('finance_admin');
  const period = await freePeriod(admin);
  const { id, total } = (await admin.ask(CreatePayrollRunDocument, { input: { period } })).createPayrollRun
    .payrollRun;
  const run = { input: { payrollRunId: id } };
  await admin.ask(SubmitPayrollRunDocument, run);
  const refused = await refusal('FORBIDDEN', admin.ask(ApprovePayrollRunDocument, run));
  await reviewer.ask(ApprovePayrollRunDocument, run);
  const { status } = (await finance.ask(PayPayrollRunDocument, run)).payPayrollRun.payrollRun;
  insist(status === 'PAID', `expected paid, got ${status}`);
  return [
    `company_admin submits ${period} (${total}) and may approve runs, but not their own: ${refused}`,
    `reviewer approves, finance_admin pays; audited as ${await stepsOf(admin, rowId(id))}`,
  ];
}

/** Returns the first month from 2100 on without a payroll run. */
async function freePeriod(visitor: Visitor): Promise<string> {
  const taken = new Set<string>();
  for (let after: string | undefined; ; ) {
    const { payrollRuns } = await visitor.ask(PayrollRunsDocument, { first: 100, after });
    for (const { node } of payrollRuns.edges) taken.add(node.period);
    if (!payrollRuns.pageInfo.hasNextPage) break;
    after = payrollRuns.pageInfo.endCursor ?? undefined;
  }
  const months = Array.from({ length: 12_000 }, (_, index) =>
    new Date(Date.UTC(2100, index)).toISOString().slice(0, 7),
  );
  const free = months.find((month) => !taken.has(month));
  insist(free !== undefined, 'every month from 2100 on has a payroll run');
  return free;
}

async function stepsOf(visitor: Visitor, entityId: string): Promise<string> {
  const filter = { entityId, entity: 'PayrollRun' };
  const { edges } = (await visitor.ask(RecordDocument, { last: 10, filter })).auditEvents;
  const steps = edges.map(({ node }) => node.action);
  for (const step of ['payroll.created', 'payroll.submitted', 'payroll.approved', 'payroll.paid']) {
    insist(steps.includes(step), `${step} is not audited: ${steps.join(', ')}`);
  }
  return steps.join(' → ');
}

export const payroll: Step[] = [{ title: 'four eyes on payroll', see: fourEyes }];
