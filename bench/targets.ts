import type { Results } from './run.ts';
import type { Name } from './stage.ts';
import { median, ratio, spread } from './table.ts';
import type { Writers } from './writers.ts';

/** A thing that is aimed at: `measured` is null when the run did not measure it. */
export type TargetResult = { what: string; target: string; measured: string | null; met: boolean | null };

/** Guarded over a peer, in every line of these operations. */
const RATIOS: { letters: string; peer: Name; atLeast: number; what: string }[] = [
  { letters: 'acde', peer: 'bare', atLeast: 1, what: '(a)(c)(d)(e) against bare' },
  { letters: 'a', peer: 'postgraphile', atLeast: 1.5, what: '(a) against PostGraphile' },
  {
    letters: 'b',
    peer: 'postgraphile',
    atLeast: 1,
    what: '(b), two sealed fields, against PostGraphile on plain columns',
  },
  { letters: 'abf', peer: 'nest', atLeast: 4, what: '(a)(b)(f) against the NestJS kit' },
  { letters: 'fg', peer: 'bare', atLeast: 0.7, what: '(f)(g), audited and sealed, against bare' },
];

export const targetResultsOf = (results: Results): TargetResult[] => [
  ...RATIOS.map((wanted) => ratioResult(results, wanted)),
  notSlower(results),
  upTo('(a) round trips', results.trips?.a?.trips, 2, ''),
  upTo('(i) a decision', results.decisions?.actor, 1000, ' ns'),
  atLeast(
    '(i) against Casbin',
    results.decisions && results.decisions.casbin / results.decisions.actor,
    200,
    ' ×',
  ),
  atLeast(
    '(k) updates of one company against sixteen',
    timesOf(results.writers, 'one', 'sixteen'),
    0.6,
    ' ×',
  ),
  upTo('(k) beside another company’s import', timesOf(results.writers, 'beside', 'quiet'), 3, ' × quiet'),
  upTo('(a) from 1 thousand to 1 million employees', growthOf(results), 1.15, ' ×'),
  upTo('resident memory under load', results.soak?.highest, 350, ' MiB'),
  upTo('first start to ready, demo and all', results.starts?.cold, 15_000, ' ms'),
  upTo('warm start to ready', results.starts && median(results.starts.warm), 1500, ' ms'),
];

const timesOf = (writers: Results['writers'], over: keyof Writers, under: keyof Writers) =>
  writers && writers[over] / writers[under];

function ratioResult(
  results: Results,
  { letters, peer, atLeast, what }: (typeof RATIOS)[number],
): TargetResult {
  const lines = results.lines.filter(({ letter }) => letters.includes(letter));
  const all = lines.map((line) => ratio(line, peer)).filter((value) => value !== null);
  const target = `≥ ${atLeast} ×`;
  if (all.length === 0) return { what, target, measured: null, met: null };
  const [lowest, highest] = [Math.min(...all), Math.max(...all)];
  return {
    what,
    target,
    measured: `${lowest.toFixed(2)} to ${highest.toFixed(2)} ×`,
    met: lowest >= atLeast,
  };
}

/**
 * Against another commit, in every line: slower by no more than half of the distance between the
 * slowest and the fastest round.
 */
function notSlower({ lines, before }: Results): TargetResult {
  const what = `no operation slower than at ${before} beyond noise`;
  const known = lines.flatMap((line) => {
    const times = ratio(line, 'before');
    const noise = Math.max(
      ...[line.rounds.guarded, line.rounds.before].map((rounds) => spread(rounds ?? [])),
    );
    return times === null ? [] : [{ ...line, times, slower: times * (1 + noise / 100) < 1 }];
  });
  const target = '≥ 1 × within the spread';
  if (known.length === 0) return { what, target, measured: null, met: null };
  const slower = known.filter((line) => line.slower);
  const named = (slower.length > 0 ? slower : known).map(
    ({ letter, connections, times }) => `(${letter}) at ${connections} ${times.toFixed(2)} ×`,
  );
  return { what, target, measured: named.join(', '), met: slower.length === 0 };
}

function upTo(what: string, measured: number | undefined, limit: number, unit: string): TargetResult {
  const target = `≤ ${limit}${unit}`;
  if (measured === undefined) return { what, target, measured: null, met: null };
  return { what, target, measured: `${shown(measured)}${unit}`, met: measured <= limit };
}

function atLeast(what: string, measured: number | undefined, limit: number, unit: string): TargetResult {
  const target = `≥ ${limit}${unit}`;
  if (measured === undefined) return { what, target, measured: null, met: null };
  return { what, target, measured: `${shown(measured)}${unit}`, met: measured >= limit };
}

const shown = (value: number) => (value < 10 ? value.toFixed(2).replace(/\.00$/, '') : value.toFixed(0));

/**
 * How many times slower the list is with the most employees than with the fewest, at the worst
 * number of connections.
 */
function growthOf({ lines }: Results): number | undefined {
  const speed = (scale: string, connections: number) => {
    const line = lines.find(
      (line) => line.letter === 'a' && line.scale === scale && line.connections === connections,
    );
    return line?.rounds.guarded && median(line.rounds.guarded.map(({ perSecond }) => perSecond));
  };
  const each = [...new Set(lines.map(({ connections }) => connections))].flatMap((connections) => {
    const [few, many] = [speed('1k', connections), speed('1m', connections)];
    return few && many ? [few / many] : [];
  });
  return each.length > 0 ? Math.max(...each) : undefined;
}
