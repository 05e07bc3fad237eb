import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, visit } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, RequestError } from '../../examples/client/client.ts';
import * as documents from '../../examples/client/generated/graphql.ts';
import { openWorld, type World } from '../support/server/world.ts';
import { leaveTime } from '../support/until.ts';

const OPERATIONS = fileURLToPath(new URL('../../examples/client/operations.graphql', import.meta.url));

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());
const as = async (role: string, company?: string) =>
  connect(world.url, { token: await world.signIn(role), ...(company && { company }) });

describe('the typed client', () => {
  test('has every operation of operations.graphql', () => {
    const names: string[] = [];
    visit(parse(readFileSync(OPERATIONS, 'utf8')), {
      OperationDefinition: ({ name }) => void names.push(`${name?.value}Document`),
    });
    expect(names.length).toBeGreaterThan(10);
    expect(
      Object.keys(documents)
        .filter((name) => name.endsWith('Document'))
        .sort(),
    ).toEqual(names.sort());
  });

  test('[H4] requests pages of 50 and 100 within the server’s limits', async () => {
    const admin = await as('company_admin');
    const { employees } = await admin.ask(documents.EmployeesDocument, { first: 50 });
    expect(employees.totalCount).toBe(employees.edges.length);
    const { auditEvents } = await admin.ask(documents.RecordDocument, { last: 100 });
    expect(auditEvents.edges.length).toBeGreaterThan(50);
    const { payrollRuns } = await admin.ask(documents.PayrollRunsDocument, { first: 100 });
    expect(payrollRuns.edges).toEqual([]);
  });

  test('[T3] acts in a company by x-company-id only where its user belongs', async () => {
    const { viewer } = (await connect(world.url).ask(documents.SignInDocument, credentials('hr_admin')))
      .signIn;
    const own = await as('hr_admin', viewer?.company.id);
    expect((await own.ask(documents.CompanyNameDocument, {})).company.name).toBe('Acme');
    const other = await as('hr_admin', crypto.randomUUID());
    await expect(other.ask(documents.CompanyNameDocument, {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('[H5] throws a refusal with its code and the request id that the log has', async () => {
    const auditor = await as('external_auditor');
    const input = {
      employeeId: Buffer.from(`Employee:${crypto.randomUUID()}`).toString('base64'),
      salary: '1.00',
    };
    const refused = await auditor
      .ask(documents.SetSalaryDocument, { input })
      .catch((error: RequestError) => error);
    expect(refused).toBeInstanceOf(RequestError);
    expect(refused).toMatchObject({ code: 'FORBIDDEN' });
    expect(world.logged()).toContain((refused as RequestError).requestId);
  });

  test('[L7] follows the audit log over SSE from a cursor, each event once and in order', async () => {
    const admin = await as('company_admin');
    const { edges } = (await admin.ask(documents.RecordDocument, { last: 20 })).auditEvents;
    const [first, ...rest] = edges.map(({ node }) => node.cursor);
    const seen: string[] = [];
    for await (const { auditEvents } of admin.watch(documents.LiveDocument, { after: first })) {
      seen.push(auditEvents.cursor);
      if (seen.length === rest.length) break;
    }
    expect(seen).toEqual(rest);
  });

  test('[L7] ends a refused subscription with its error, and an aborted one without', async () => {
    const [admin] = [await as('company_admin'), await as('company_member')];
    const { edges } = (await admin.ask(documents.RecordDocument, { last: 1 })).auditEvents;
    const after = edges[0]?.node.cursor;
    const follow = async (role: string, signal?: AbortSignal) => {
      const filter = { action: ['payroll.paid'] };
      const events = (await as(role)).watch(documents.LiveDocument, { after, filter }, signal);
      for await (const { auditEvents } of events) return auditEvents;
      return 'ended';
    };
    await expect(follow('company_member')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const stop = new AbortController();
    const followed = follow('company_admin', stop.signal);
    await leaveTime(300);
    stop.abort();
    expect(await followed).toBe('ended');
    const forged = connect(world.url, { token: 'forged' }).watch(documents.LiveDocument, {});
    await expect(forged.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

const credentials = (role: string) => ({
  input: { email: `${role}@acme.example`, password: 'demo-Password-1' },
});
