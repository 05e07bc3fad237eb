import { type Fault, faultsOf, type Head, type Link, START } from './chain.ts';
import { snapshotOf } from './sources.ts';

export type Verification = { events: number; heads: Map<string, Head>; faults: Fault[] };

const LIMIT = `Not detectable: a database owner who rewrites a chain to its end, head included. Store the heads above, or an export, where the
owner cannot write, and compare.`;

/** Verifies each company's chain from its start to its end. After a fault the next link is compared with the recorded one. */
export async function verifyLinks(links: AsyncIterable<Link>): Promise<Verification> {
  const heads = new Map<string, Head>();
  const faults: Fault[] = [];
  let events = 0;
  for await (const link of links) {
    events += 1;
    const wrong = faultsOf(heads.get(link.company) ?? START, link);
    faults.push(...wrong.map((one) => faultAt(link, one)));
    heads.set(link.company, link);
  }
  return { events, heads, faults };
}

const faultAt = (link: Link, wrong: string): Fault => ({
  company: link.company,
  position: String(link.position),
  eventId: link.event?.id ?? 'not exported',
  wrong,
});

/** Verifies the chains, then heads beyond the last link and events outside of any chain. */
export async function verifyDatabase(url: string): Promise<Verification> {
  const snapshot = await snapshotOf(url);
  try {
    const verification = await verifyLinks(snapshot.links());
    const ends = wrongHeads(await snapshot.heads(), verification.heads);
    const strays = (await snapshot.strays()).map(({ company, id }) =>
      fault(company, 'none', id, 'the event is in no chain: put there by hand'),
    );
    return { ...verification, faults: [...verification.faults, ...ends, ...strays] };
  } finally {
    await snapshot.close();
  }
}

function wrongHeads(promised: Map<string, Head>, found: Map<string, Head>): Fault[] {
  const faults: Fault[] = [];
  for (const company of new Set([...promised.keys(), ...found.keys()])) {
    const [head, end] = [promised.get(company), found.get(company) ?? START];
    if (!head) faults.push(fault(company, String(end.position), 'head', 'the chain has no head'));
    else if (head.position > end.position)
      faults.push(
        fault(
          company,
          String(end.position + 1n),
          'gone',
          `the chain ends before it; its head is at ${head.position}`,
        ),
      );
    else if (head.position < end.position)
      faults.push(
        fault(company, String(head.position + 1n), 'unknown', `beyond the chain's head at ${head.position}`),
      );
    else if (head.hash !== end.hash)
      faults.push(
        fault(company, String(head.position), 'head', 'the hash of the head differs from that of its event'),
      );
  }
  return faults;
}

const fault = (company: string, position: string, eventId: string, wrong: string): Fault => ({
  company,
  position,
  eventId,
  wrong,
});

/** Returns one line for each company or fault. */
export function report({ events, heads, faults }: Verification): string {
  const bad = faults.map(
    ({ company, position, eventId, wrong }) =>
      `BAD  company ${company}  position ${position}  event ${eventId}: ${wrong}`,
  );
  const good = [...heads].filter(([company]) => !faults.some((found) => found.company === company));
  const lines = good.map(
    ([company, head]) => `ok   company ${company}  ${head.position} events  head ${head.hash}`,
  );
  const sum =
    faults.length > 0
      ? `The audit log was altered: ${faults.length} faults.`
      : `The audit log is intact: ${events} events, ${heads.size} chains.`;
  return [...lines, ...bad, sum, '', LIMIT].join('\n');
}
