import { loadFor, type Round } from './load.ts';
import type { Contender, Stage } from './stage.ts';
import { median } from './table.ts';
import type { Subject } from './work.ts';

/**
 * Audited updates a second with 64 connections, of one company and of sixteen; and the p50 in ms of
 * another company's single updates, alone and beside 32 connections that create in one company.
 */
export type Writers = { one: number; sixteen: number; quiet: number; beside: number };

const WRITERS = 64;
const IMPORTERS = 32;
const COMPANIES = 16;
const ROUNDS = 5;

/** (k) In turns, so that both halves of a ratio see the same machine. */
export async function measureWriters(stage: Stage, seconds: number): Promise<Writers> {
  const server = stage.servers.find(({ name }) => name === 'guarded');
  if (!server) throw new Error('bench: writers are the guarded server’s');
  const of = (subjects: Subject[]) => ({ ...stage, subjects });
  const [first, second] = [of(stage.subjects.slice(0, 1)), of(stage.subjects.slice(1, 2))];
  const all = of(stage.subjects.slice(0, COMPANIES));
  const rounds: Record<keyof Writers, number[]> = { one: [], sixteen: [], quiet: [], beside: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const update = (part: Stage, connections: number) => loadFor(part, server, 'f', connections, seconds);
    rounds.one.push((await update(first, WRITERS)).perSecond);
    rounds.sixteen.push((await update(all, WRITERS)).perSecond);
    rounds.quiet.push((await update(second, 1)).p50);
    rounds.beside.push((await besideImport(first, server, seconds, () => update(second, 1))).p50);
  }
  const { one, sixteen, quiet, beside } = rounds;
  return { one: median(one), sixteen: median(sixteen), quiet: median(quiet), beside: median(beside) };
}

async function besideImport(
  importing: Stage,
  server: Contender,
  seconds: number,
  measured: () => Promise<Round>,
): Promise<Round> {
  const [round] = await Promise.all([measured(), loadFor(importing, server, 'g', IMPORTERS, seconds)]);
  return round;
}
