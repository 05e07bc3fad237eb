import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import { isNetwork, isTooWide } from '../network-address.ts';

/** A master key and the id that encrypted values name it by. */
export type MasterKey = { id: string; key: Buffer };

/** Addresses and networks, as `10.0.0.0/8`. */
export function parseNetworks(list: string, context: z.RefinementCtx): string[] {
  const networks = list
    .split(',')
    .map((network) => network.trim())
    .filter(Boolean);
  for (const network of networks) {
    if (!isNetwork(network))
      context.addIssue(`"${network}" is no address or network; expected such as 10.0.0.0/8`);
    else if (isTooWide(network))
      context.addIssue(
        `"${network}" would trust nearly every client to name its own address; name the networks of your proxies`,
      );
  }
  return networks;
}

export function parseOrigins(list: string, context: z.RefinementCtx): string[] {
  const origins = list
    .split(',')
    .map((origin) => origin.trim())
    .filter(Boolean);
  for (const origin of origins) {
    if (!/^https?:/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin) {
      context.addIssue(
        `"${origin}" is not an origin; expected scheme, host and port only, as https://app.example.com, and no *`,
      );
    }
  }
  return origins;
}

export function parseMasterKeys(list: string, context: z.RefinementCtx): MasterKey[] {
  const keys = list
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry, index) => parseMasterKey(entry, index, context));
  const found = keys.filter((key) => key !== undefined);
  if (new Set(found.map(({ id }) => id)).size < found.length) context.addIssue('two keys have the same id');
  if (new Set(found.map(({ key }) => key.toString('hex'))).size < found.length)
    context.addIssue('two ids have the same key');
  return found;
}

function parseMasterKey(entry: string, index: number, context: z.RefinementCtx): MasterKey | undefined {
  const which = `entry ${index + 1}`;
  const [, id, text] = entry.match(/^([\w-]{1,32}):([A-Za-z0-9+/]+={0,2})$/) ?? [];
  if (!id || !text)
    return void context.addIssue(`${which}: expected id:base64, the id up to 32 letters, digits, - _ .`);
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32)
    return void context.addIssue(`${which} (${id}): expected 32 bytes, found ${key.length}`);
  if (isGuessable(key))
    return void context.addIssue(
      `${which} (${id}): not random: a default, repeated, counted or typed key; make one with: openssl rand -base64 32`,
    );
  return { id, key };
}

/**
 * Detects zeroes, repeats, sequences and readable text. 32 random bytes are all printable once in
 * 10^13.
 */
function isGuessable(key: Buffer): boolean {
  const steps = new Set(key.map((byte, index) => (byte - (key[index - 1] ?? byte) + 256) % 256).subarray(1));
  return new Set(key).size < 12 || steps.size === 1 || key.every((byte) => byte >= 0x20 && byte < 0x7f);
}

/** age recipients (age-encryption.org/v1), as `age1…`; each can open the backups by itself. */
export function parseRecipients(list: string, context: z.RefinementCtx): string[] {
  const recipients = list
    .split(',')
    .map((recipient) => recipient.trim())
    .filter(Boolean);
  for (const recipient of recipients) {
    if (recipient.startsWith('AGE-SECRET-KEY'))
      context.addIssue('expected the public recipient, as age1…, and not the secret identity');
    else if (!/^age1[a-z0-9]{58,}$/.test(recipient))
      context.addIssue(`"${recipient}" is no age recipient; make a key with: npm run backup-key -- FILE`);
  }
  return recipients;
}

/** Milliseconds from `10`, `10s` or `500ms`; a number without a unit is seconds. */
export function parseTimeout(text: string, context: z.RefinementCtx): number {
  const [, digits, unit] = /^(\d{1,6})(s|ms)?$/.exec(text.trim()) ?? [];
  const milliseconds = Number(digits) * (unit === 'ms' ? 1 : 1_000);
  if (!(milliseconds >= 100 && milliseconds <= 600_000))
    context.addIssue('expected seconds from 1 to 600, as 10 or 10s, or milliseconds from 100, as 500ms');
  return milliseconds;
}

/** Headers as `name=value,name=value`, percent-encoded (OpenTelemetry, OTLP exporter). */
export function parseHeaders(list: string, context: z.RefinementCtx): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of list.split(',')) {
    const [, name, value] = /^\s*([\w-]{1,64})\s*=\s*([\x21-\x7e]{1,2000})\s*$/.exec(pair) ?? [];
    const plain = decoded(value);
    if (name && plain !== undefined) headers[name.toLowerCase()] = plain;
    else context.addIssue('expected headers as name=value, separated by commas, with values percent-encoded');
  }
  return headers;
}

/** Undefined for what is no percent-encoded header value. */
function decoded(value = ''): string | undefined {
  try {
    const plain = decodeURIComponent(value);
    return /^[\x20-\x7e]+$/.test(plain) ? plain : undefined;
  } catch {
    return undefined;
  }
}

const MOST_WORKERS = 64;

/** A number of processes; `auto` is one for each core. */
export function parseWorkers(text: string, context: z.RefinementCtx): number {
  if (text === 'auto') return Math.min(MOST_WORKERS, availableParallelism());
  const workers = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (workers < 1 || workers > MOST_WORKERS)
    context.addIssue(`expected auto, for one on each core, or a number from 1 to ${MOST_WORKERS}`);
  return workers;
}
