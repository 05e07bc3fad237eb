/**
 * Computes commitments and links by the definition of the chain, without sharing code with the
 * writer, prisma/migrations/0015_audit_triggers.
 *
 * commitment = HMAC-SHA256(salt of 32 bytes, body as UTF-8), RFC 2104
 * entry = 0x02 | company, 16 bytes | position, 8 bytes big-endian | microseconds, 8 bytes |
 * commitment, 32 bytes
 * link = SHA-256(0x02 | previous link | SHA-256(0x00 | entry)); 32 zero bytes before position 1
 *
 * Hashes and salts are hexadecimal texts. The buffers serve one call after the other: a buffer for
 * each event would take longer than its hashes.
 */
import { hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;

const leaf = Buffer.from([0x00, 0x02, ...Buffer.alloc(64)]);
const step = Buffer.from([0x02, ...Buffer.alloc(2 * DIGEST)]);
const key = Buffer.alloc(BLOCK);
const outer = Buffer.alloc(BLOCK + DIGEST);
let inner = Buffer.alloc(1 << 16);

/** The columns of an event that are hashed beside its commitment. */
export type Place = { company: string; position: bigint; microseconds: bigint };

/** Returns the commitment to `body` under `salt`, by one-shot hashes: an Hmac object takes 10 x. */
export function commitmentTo(body: string, salt: string): string {
  const most = BLOCK + 3 * body.length;
  if (inner.length < most) inner = Buffer.alloc(most);
  key.fill(0).write(salt, 'hex');
  for (let index = 0; index < BLOCK; index++) {
    inner[index] = (key[index] as number) ^ 0x36;
    outer[index] = (key[index] as number) ^ 0x5c;
  }
  const length = BLOCK + inner.write(body, BLOCK, 'utf8');
  outer.write(hash('sha256', inner.subarray(0, length), 'hex'), BLOCK, 'hex');
  return hash('sha256', outer, 'hex');
}

/** Returns the link of an event after the previous one's. */
export function linkAfter(
  previous: string,
  { company, position, microseconds }: Place,
  commitment: string,
): string {
  leaf.write(company.replaceAll('-', ''), 2, 'hex');
  leaf.writeBigInt64BE(position, 18);
  leaf.writeBigInt64BE(microseconds, 26);
  leaf.write(commitment, 34, 'hex');
  step.write(previous, 1, 'hex');
  step.write(hash('sha256', leaf, 'hex'), 1 + DIGEST, 'hex');
  return hash('sha256', step, 'hex');
}
