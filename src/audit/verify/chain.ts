import { commitmentTo, linkAfter, type Place } from './format.ts';

/**
 * An event as it is stored or exported. A pruned one has neither body nor salt; an exported one has
 * no `columns`: those that readers filter by, which its body has as well.
 */
export type Entry = Place & {
  body: string | null;
  salt: string | null;
  commitment: string;
  link: string;
  columns?: Record<string, string | null>;
};

export type Head = { position: bigint; link: string };

/** The end of a chain as far as it was read, and how many events without a body it has. */
export type End = Head & { microseconds: bigint; pruned: number; lastPruned: bigint };

/** What is wrong with an event or a head. */
export type Fault = { company: string; position: string; wrong: string };

export const START: End = {
  position: 0n,
  link: '00'.repeat(32),
  microseconds: 0n,
  pruned: 0,
  lastPruned: 0n,
};

/** Returns all that is wrong with an event as the successor of `previous`. */
export function faultsOf(previous: End, entry: Entry): string[] {
  const faults: string[] = [];
  orderFaults(previous, entry, faults);
  const { body, salt, commitment } = entry;
  if (body !== null && (salt === null || commitmentTo(body, salt) !== commitment))
    faults.push('its body and salt do not match its commitment');
  if (!follows(previous, entry))
    faults.push('its link does not match its commitment, its time and the previous event');
  if (body !== null && entry.columns) faults.push(...columnFaults(body, entry.columns));
  return faults;
}

/** Returns the end of the chain with this event, whatever is wrong with it. */
export const endWith = ({ pruned, lastPruned }: End, entry: Entry): End => ({
  position: entry.position,
  link: entry.link,
  microseconds: entry.microseconds,
  pruned: entry.body === null ? pruned + 1 : pruned,
  lastPruned: entry.body === null ? entry.position : lastPruned,
});

function orderFaults(previous: End, { position, microseconds }: Entry, faults: string[]): void {
  const expected = previous.position + 1n;
  const gap = position > expected ? 'events are missing' : 'it is repeated or out of order';
  if (position !== expected) faults.push(`expected position ${expected}: ${gap}`);
  if (microseconds < previous.microseconds) faults.push('its time precedes that of the previous event');
}

/** After a gap the previous event is unknown: the link cannot be verified. */
const follows = (previous: End, entry: Entry): boolean =>
  entry.position !== previous.position + 1n ||
  (entry.commitment.length === 64 && linkAfter(previous.link, entry, entry.commitment) === entry.link);

/** Compares the columns that readers filter by with the body. */
function columnFaults(body: string, columns: Record<string, string | null>): string[] {
  const said = parsed(body);
  if (!said) return ['its body is not a JSON object'];
  const actor = said.actor as { userId?: unknown } | null | undefined;
  const told: Record<string, unknown> = { ...said, actor_id: actor?.userId, entity_id: said.entityId };
  const wrong = Object.entries(columns).filter(([column, value]) => (told[column] ?? null) !== value);
  return wrong.map(([column]) => `its column ${column} differs from its body`);
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
