import type { Entry } from '../../src/audit/verify/chain.ts';
import { databaseSource } from '../../src/audit/verify/database-source.ts';
import type { Source } from '../../src/audit/verify/source.ts';
import { verify, verifyDatabase } from '../../src/audit/verify/verify.ts';
import {
  type EventLineFragment,
  LiveDocument,
  RecordDocument,
  SetSalaryDocument,
} from '../client/generated/graphql.ts';
import { employeeOf, type Guide, insist, rowId, type Step, uuidIn, type Visitor } from './guide.ts';

const ACTION = 'employee.salary.changed';

async function eventsArrive({ as }: Guide): Promise<string[]> {
  const [hr, admin] = [await as('hr_admin'), await as('company_admin')];
  const { id, name, salary } = await employeeOf(hr, 'company_member');
  const change = (amount: string) => hr.ask(SetSalaryDocument, { input: { employeeId: id, salary: amount } });
  const amount = salary === '4321.09' ? '4321.08' : '4321.09';
  const began = performance.now();
  try {
    const arriving = nextEvent(admin, await lastPosition(admin), rowId(id));
    const [event] = await Promise.all([arriving, change(amount)]);
    const took = Math.round(performance.now() - began);
    const recorded = JSON.stringify([event.before, event.after]);
    insist(!recorded.includes(amount) && recorded.includes('b1.'), 'the event shows the salary');
    const [asked] = (await admin.ask(RecordDocument, { last: 1, filter: { action: [ACTION] } })).auditEvents
      .edges;
    insist(
      asked?.node.cursor === event.cursor,
      'the auditEvents query returns another event than the subscription',
    );
    return [
      `hr_admin changes ${name}’s salary; a subscription over SSE has it after ${took} ms: ${event.action}, position ${event.cursor}`,
      'the auditEvents query returns the same event; its before and after are encrypted',
    ];
  } finally {
    if (salary !== null) await change(salary);
  }
}

async function lastPosition(visitor: Visitor): Promise<string> {
  return (await visitor.ask(RecordDocument, { last: 1 })).auditEvents.edges[0]?.node.cursor ?? '0';
}

async function nextEvent(visitor: Visitor, after: string, entityId: string): Promise<EventLineFragment> {
  const filter = { action: [ACTION], entityId };
  const events = visitor.watch(LiveDocument, { after, filter }, AbortSignal.timeout(10_000));
  for await (const { auditEvents } of events) return auditEvents;
  throw new Error('no event arrived within 10 s');
}

async function chainHolds({ ownerUrl }: Guide): Promise<string[]> {
  const { events, heads, faults } = await verifyDatabase(ownerUrl);
  const [first] = faults;
  insist(first === undefined, `company ${first?.company}, position ${first?.position}: ${first?.wrong}`);
  insist(events > 0, 'the audit log is empty');
  return [
    `${events} events in ${heads.size} chains, intact by a verifier that shares no code with the writer`,
  ];
}

type Crime = { name: string; commit: (entries: Entry[], at: number) => Entry[] };

const crimes: Crime[] = [
  { name: 'altered', commit: (entries, at) => entries.with(at, altered(entries[at] as Entry)) },
  { name: 'deleted', commit: (entries, at) => entries.toSpliced(at, 1) },
  {
    name: 'moved',
    commit: (entries, at) => entries.toSpliced(at, 2, entries[at + 1] as Entry, entries[at] as Entry),
  },
];

/** One hexadecimal digit of the request id. */
function altered(entry: Entry): Entry {
  const body =
    entry.body?.replace(
      /("requestId":\s*"[^"]*)(\w)"/,
      (_, start, last) => `${start}${last === '0' ? '1' : '0'}"`,
    ) ?? '';
  insist(body !== entry.body, 'found nothing to alter');
  return { ...entry, body };
}

/** On a copy in memory of one company's chain: the database is only read. */
async function tamperingShows({ as, ownerUrl }: Guide): Promise<string[]> {
  const { entries, heads } = await copyOf(ownerUrl, uuidIn((await as('company_admin')).companyId));
  const at = Math.floor(entries.length / 2);
  const position = String(entries[at]?.position);
  const findings: string[] = [];
  for (const { name, commit } of crimes) {
    const [fault] = (await verify(copy({ entries: commit(entries, at), heads }))).faults;
    insist(fault !== undefined, `the event ${name} was not found`);
    const found = [position, String(BigInt(position) + 1n)].includes(fault.position);
    insist(found, `event ${position} ${name}, but the verifier names position ${fault.position}`);
    findings.push(`event ${position} ${name}: ${fault.wrong}`);
  }
  return [`in a copy of the audit log with ${entries.length} events:`, ...findings];
}

type Copy = { entries: Entry[]; heads: Awaited<ReturnType<Source['heads']>> };

async function copyOf(ownerUrl: string, company: string): Promise<Copy> {
  const source = await databaseSource(ownerUrl);
  try {
    const entries: Entry[] = [];
    // without what only the database says beside it, as in an export
    for await (const batch of source.batches())
      for (const { columns, ...entry } of batch) if (entry.company === company) entries.push(entry);
    const heads = new Map([...(await source.heads())].filter(([id]) => id === company));
    const { faults } = await verify(copy({ entries, heads }));
    insist(faults.length === 0, 'the copy is not intact before the test alters it');
    return { entries, heads };
  } finally {
    await source.close();
  }
}

const copy = ({ entries, heads }: Copy): Source => ({
  async *batches() {
    yield entries;
  },
  heads: async () => heads,
  further: async () => [],
  headName: 'head',
});

export const record: Step[] = [
  { title: 'events arrive as they happen', see: eventsArrive },
  { title: 'the audit log is intact', see: chainHolds },
  { title: 'tampering with the audit log is detected', see: tamperingShows },
];
