import type { Round } from './load.ts';
import type { Line, Results } from './run.ts';
import { NAMES, type Name } from './stage.ts';
import { operations } from './work.ts';

export const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const of = (rounds: Round[], name: 'perSecond' | 'p50' | 'p99' | 'cpuMs' | 'postgresMs'): number =>
  median(rounds.map((round) => round[name] ?? Number.NaN));

/**
 * Guarded over a peer: the median of each round's own ratio, whose two halves saw the same machine.
 */
export function ratio({ rounds }: Line, peer: Name): number | null {
  const { guarded, [peer]: other } = rounds;
  if (!guarded || !other || peer === 'guarded') return null;
  return median(guarded.map(({ perSecond }, round) => perSecond / (other[round]?.perSecond ?? Number.NaN)));
}

/** Half of the distance between the slowest and the fastest round, in percent of the median. */
export function spread(rounds: Round[]): number {
  const all = rounds.map(({ perSecond }) => perSecond);
  return ((Math.max(...all) - Math.min(...all)) / 2 / median(all)) * 100;
}

export const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;

/** The whole measure as Markdown. */
export function linesOf(results: Results): string[] {
  return [...results.lines.flatMap((line) => [...tableOf(line), '']), ...extrasOf(results)];
}

function tableOf(line: Line): string[] {
  const what = operations.find(({ letter }) => letter === line.letter)?.what;
  const head = [
    'server',
    'requests/s',
    '±%',
    'p50 ms',
    'p99 ms',
    'server CPU ms',
    'PostgreSQL CPU ms',
    'guarded is',
    'wrong',
  ];
  const rows = NAMES.flatMap((name) => {
    const rounds = line.rounds[name];
    if (!rounds) return [];
    const times = ratio(line, name);
    const figures = (['p50', 'p99', 'cpuMs', 'postgresMs'] as const).map((figure) =>
      of(rounds, figure).toFixed(2),
    );
    const wrong = rounds.reduce((sum, round) => sum + round.wrong, 0);
    const speed = [of(rounds, 'perSecond').toFixed(0), spread(rounds).toFixed(0)];
    return [row(name, ...speed, ...figures, times === null ? '' : `${times.toFixed(2)} ×`, wrong)];
  });
  return [
    `**(${line.letter}) ${what}**, ${line.scale} employees, ${line.connections} connections`,
    '',
    row(...head),
    row(...head.map(() => '---')),
    ...rows,
  ];
}

export function extrasOf({ trips, starts, decisions, signIn, fanOut, writers, soak }: Results): string[] {
  const lines: string[] = [];
  if (trips) {
    const each = Object.entries(trips).map(
      ([letter, traffic]) => `(${letter}) ${traffic.trips}/${traffic.statements}`,
    );
    lines.push(`Round trips / statements of an operation: ${each.join(', ')}`);
  }
  if (decisions) {
    const { actor, casbin } = decisions;
    lines.push(
      `(i) a decision: ${actor.toFixed(0)} ns; Casbin ${casbin.toFixed(0)} ns, ${(casbin / actor).toFixed(0)} ×`,
    );
  }
  if (signIn)
    lines.push(
      `(h) sign-in: ${signIn.whole.toFixed(1)} ms, of which the hash ${signIn.hash.toFixed(1)} ms; without it ${signIn.rest.toFixed(1)} ms`,
    );
  for (const { subscribers, deliveredPerSecond, p50, p99, missed } of fanOut ?? [])
    lines.push(
      `(j) ${subscribers} subscribers: ${deliveredPerSecond.toFixed(0)} events/s, p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, missed ${missed}`,
    );
  if (writers) {
    const { one, sixteen, quiet, beside } = writers;
    lines.push(
      `(k) updates of one company ${one.toFixed(0)}/s, of sixteen ${sixteen.toFixed(0)}/s; single updates p50 ${quiet.toFixed(1)} ms, beside another company’s import ${beside.toFixed(1)} ms`,
    );
  }
  if (starts)
    lines.push(
      `Start to ready: cold ${starts.cold.toFixed(0)} ms, warm ${median(starts.warm).toFixed(0)} ms`,
    );
  if (soak)
    lines.push(
      `Memory over ${soak.minutes} minutes: highest ${soak.highest} MiB, slope ${soak.slope.toFixed(1)} MiB/h, ${soak.answers} answers, ${soak.wrong} wrong`,
    );
  return lines;
}
