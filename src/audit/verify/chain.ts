/**
 * Verifies links by the definition of the chain. This file and verify.ts share no code with the
 * writer, prisma/migrations/0015_audit_triggers.
 *
 *   leaf = SHA-256(0x00 | body as UTF-8)
 *   hash = SHA-256(0x01 | previous hash | company, 16 bytes | position, 8 bytes big-endian | microseconds, 8 bytes | leaf)
 *   The hash before position 1 is the one byte 0x00.
 */
import { hash } from 'node:crypto';

/** One link with the columns stored beside it; an exported line has no `event`. */
export type Link = {
  company: string;
  position: bigint;
  microseconds: bigint;
  hash: string;
  body: string | null;
  event?: { id: string; company: string | null; leaf: string; columns: Record<string, string | null> };
};

/** What is wrong with an event, a place in a chain or a head. */
export type Fault = { company: string; position: string; eventId: string; wrong: string };
export type Head = { position: bigint; hash: string; microseconds: bigint };

export const START: Head = { position: 0n, hash: '00', microseconds: 0n };

/** Returns all that is wrong with `link` as the successor of `previous`. */
export function faultsOf(previous: Head, link: Link): string[] {
  const { body, event } = link;
  const leaf = body === null ? undefined : leafHash(body);
  return [
    ...orderFaults(previous, link),
    ...(body === null ? ['the event is missing; only its link remains'] : []),
    ...(event && leaf && event.leaf !== leaf ? ['its body differs from the appended one'] : []),
    ...hashFaults(previous, link, event?.leaf ?? leaf),
    ...(event && body !== null ? columnFaults(link.company, body, event) : []),
  ];
}

function orderFaults(previous: Head, { position, microseconds }: Link): string[] {
  const expected = previous.position + 1n;
  const gap = position > expected ? 'events are missing' : 'it is repeated or out of order';
  return [
    ...(position === expected ? [] : [`expected position ${expected}: ${gap}`]),
    ...(microseconds < previous.microseconds ? ['its time precedes that of the previous event'] : []),
  ];
}

/** After a gap the previous event is unknown: the hash cannot be verified. */
function hashFaults(previous: Head, link: Link, leaf: string | undefined): string[] {
  const follows =
    leaf === undefined ||
    link.position !== previous.position + 1n ||
    linkHash(previous.hash, link, leaf) === link.hash;
  return follows ? [] : ['its hash does not match its body, its time and the previous event'];
}

export function leafHash(body: string): string {
  return sha256(Buffer.concat([Buffer.of(0), Buffer.from(body, 'utf8')]));
}

export function linkHash(previous: string, { company, position, microseconds }: Link, leaf: string): string {
  const numbers = Buffer.alloc(16);
  numbers.writeBigInt64BE(position, 0);
  numbers.writeBigInt64BE(microseconds, 8);
  const parts = [Buffer.of(1), hex(previous), hex(company.replaceAll('-', '')), numbers, hex(leaf)];
  return sha256(Buffer.concat(parts));
}

/** Compares the columns that readers filter by with the body. */
function columnFaults(company: string, body: string, event: NonNullable<Link['event']>): string[] {
  const owner = event.company === company ? [] : [`the event belongs to ${event.company}`];
  const said = parsed(body);
  if (!said) return [...owner, 'its body is not a JSON object'];
  const actor = said.actor as { userId?: unknown } | null | undefined;
  const told: Record<string, unknown> = { ...said, actor_id: actor?.userId, entity_id: said.entityId };
  const wrong = Object.entries(event.columns).filter(([column, value]) => (told[column] ?? null) !== value);
  return [...owner, ...wrong.map(([column]) => `its column ${column} differs from its body`)];
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
