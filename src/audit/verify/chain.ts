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

/** The first altered event of a company. */
export type Fault = { company: string; position: string; eventId: string; wrong: string };
export type Head = { position: bigint; hash: string; microseconds: bigint };

export const START: Head = { position: 0n, hash: '00', microseconds: 0n };

/** Returns the fault of `link` as successor of `previous`; null when it is intact. */
export function wrongWith(previous: Head, link: Link): string | null {
  const expected = previous.position + 1n;
  if (link.position !== expected)
    return `expected position ${expected}: ${link.position > expected ? 'events are missing' : 'it is repeated or out of order'}`;
  if (link.microseconds < previous.microseconds) return 'its time precedes that of the previous event';
  if (link.body === null) return 'the event is missing; only its link remains';
  const leaf = leafHash(link.body);
  if (link.event && link.event.leaf !== leaf) return 'its body differs from the appended one';
  if (linkHash(previous.hash, link, leaf) !== link.hash)
    return 'its hash does not match its body, its time and the previous event';
  return link.event ? besides(link) : null;
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
function besides({ company, body, event }: Link): string | null {
  if (event?.company !== company) return `the event belongs to ${event?.company}`;
  const said = JSON.parse(body ?? '') as Record<string, unknown> & { actor?: { userId?: string } };
  const told: Record<string, unknown> = { ...said, actor_id: said.actor?.userId, entity_id: said.entityId };
  for (const [column, value] of Object.entries(event?.columns ?? {})) {
    if ((told[column] ?? null) !== value) return `its column ${column} differs from its body`;
  }
  return null;
}

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
