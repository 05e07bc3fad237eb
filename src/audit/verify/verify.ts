import { type Fault, type Head, type Link, START, wrongWith } from './chain.ts';
import { snapshotOf } from './sources.ts';

export type Verdict = { events: number; heads: Map<string, Head>; faults: Fault[] };

const LIMIT = `What this cannot show: whoever owns the database and rewrites a chain from some event to its end, heads included, leaves one that
is in order. Keep the heads above, or the export, where they can't be rewritten, and compare.`;

/** Verifies each company's chain from its start. Links after a company's first fault are skipped. */
export async function verifyLinks(links: AsyncIterable<Link>): Promise<Verdict> {
  const heads = new Map<string, Head>();
  const faults = new Map<string, Fault>();
  let events = 0;
  for await (const link of links) {
    events += 1;
    if (faults.has(link.company)) continue;
    const wrong = wrongWith(heads.get(link.company) ?? START, link);
    if (wrong) faults.set(link.company, faultAt(link, wrong));
    else heads.set(link.company, link);
  }
  return { events, heads, faults: [...faults.values()] };
}

const faultAt = (link: Link, wrong: string): Fault => ({
  company: link.company,
  position: String(link.position),
  eventId: link.event?.id ?? 'not exported',
  wrong,
});

/** Verifies the chains, then heads beyond the last link and events outside of any chain. */
export async function verifyDatabase(url: string): Promise<Verdict> {
  const snapshot = await snapshotOf(url);
  try {
    const verdict = await verifyLinks(snapshot.links());
    const bad = new Set(verdict.faults.map((fault) => fault.company));
    const ends = wrongHeads(await snapshot.heads(), verdict.heads).filter((fault) => !bad.has(fault.company));
    const strays = (await snapshot.strays()).map(({ company, id }) =>
      fault(company, 'none', id, 'the event is in no chain: put there by hand'),
    );
    return { ...verdict, faults: [...verdict.faults, ...ends, ...strays] };
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
          `the chain ends before it; its head says ${head.position}`,
        ),
      );
    else if (head.position < end.position)
      faults.push(
        fault(
          company,
          String(head.position + 1n),
          'unknown',
          `beyond the chain's head, which says ${head.position}`,
        ),
      );
    else if (head.hash !== end.hash)
      faults.push(
        fault(
          company,
          String(head.position),
          'head',
          'the head holds another hash than the event at its position',
        ),
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
export function report({ events, heads, faults }: Verdict): string {
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
      ? `The record is NOT in order: ${faults.length} found.`
      : `The record is in order: ${events} events, ${heads.size} chains.`;
  return [...lines, ...bad, sum, '', LIMIT].join('\n');
}
