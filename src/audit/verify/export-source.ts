import { createReadStream } from 'node:fs';
import type { Entry, Head } from './chain.ts';
import type { Source } from './source.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;
const NUMBER = /^\d{1,18}$/;

type Line = Record<'c' | 'p' | 't' | 'b' | 's' | 'm' | 'h' | 'end', unknown>;

/**
 * Reads exported JSON Lines; `-` is standard input. Reading throws with the line number of a
 * malformed line.
 */
export function exportSource(path: string): Source {
  const heads = new Map<string, Head>();
  return {
    batches: () => batchesOf(path === '-' ? process.stdin : createReadStream(path), heads),
    heads: async () => heads,
    further: async () => [],
    headName: 'last line of its export',
  };
}

async function* batchesOf(
  input: AsyncIterable<Uint8Array>,
  heads: Map<string, Head>,
): AsyncGenerator<Entry[]> {
  let number = 0;
  for await (const lines of linesOf(input)) {
    const batch: Entry[] = [];
    for (const line of lines) {
      number += 1;
      if (line.trim() !== '') readLine(line, number, batch, heads);
    }
    yield batch;
  }
}

/** Splits at 0x0A alone: node:readline also splits at U+2028, which a JSON text may hold. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of input) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  yield [rest + decoder.decode()];
}

function readLine(text: string, number: number, batch: Entry[], heads: Map<string, Head>): void {
  const line = parsed(text);
  if (isEnd(line)) heads.set(line.c, { position: BigInt(line.end), link: line.h });
  else if (isEvent(line)) batch.push(entryOf(line));
  else
    throw new Error(
      `line ${number}: expected {"c": company, "p": position, "t": microseconds, "b": body, "s": salt, "m": commitment, "h": link} or {"c": company, "end": position, "h": link}`,
    );
}

function parsed(text: string): Partial<Line> {
  try {
    return Object(JSON.parse(text)) as Partial<Line>;
  } catch {
    return {};
  }
}

type EndLine = { c: string; end: string; h: string };
type EventLine = Record<'c' | 'p' | 't' | 'm' | 'h', string> & Record<'b' | 's', string | null>;

const fits = (value: unknown, pattern: RegExp) => typeof value === 'string' && pattern.test(value);

const isEnd = (line: Partial<Line>): line is EndLine =>
  fits(line.end, NUMBER) && fits(line.c, UUID) && fits(line.h, HASH);

const isEvent = (line: Partial<Line>): line is EventLine =>
  fits(line.c, UUID) &&
  fits(line.p, NUMBER) &&
  fits(line.t, NUMBER) &&
  fits(line.m, HASH) &&
  fits(line.h, HASH) &&
  (line.b === null ? line.s === null : typeof line.b === 'string' && fits(line.s, HASH));

const entryOf = ({ c, p, t, b, s, m, h }: EventLine): Entry => ({
  company: c,
  position: BigInt(p),
  microseconds: BigInt(t),
  body: b,
  salt: s,
  commitment: m,
  link: h,
});
