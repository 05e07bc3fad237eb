import type { Shortcut, Uses } from '../src/shortcuts.ts';
import { loadFor, type Round } from './load.ts';
import { about } from './machine.ts';
import { type Contender, type Stage, setStage } from './stage.ts';
import { median, row } from './table.ts';

/** A shortcut that gains less than this everywhere is deleted. */
const WORTH = 1.15;
const CONNECTIONS = [1, 32];

/**
 * One operation at a number of connections: the rounds of the server with all shortcuts and of each
 * without one.
 */
type Line = { letter: string; connections: number; rounds: Record<string, Round[]> };
type Gain = {
  shortcut: Shortcut;
  letter: string;
  connections: number;
  /** Requests per second, medians, and the median of the rounds' own ratios. */
  with: number;
  without: number;
  gain: number;
  /** The lowest and the highest of these ratios: how far the machine can be trusted. */
  between: [lowest: number, highest: number];
  /** CPU milliseconds of the server for a request. */
  cpuWith: number;
  cpuWithout: number;
};
export type Ablation = {
  at: string;
  machine: ReturnType<typeof about>;
  rounds: number;
  seconds: number;
  delay: number;
  gains: Gain[];
  /** How often each shortcut answered and why not, by server. */
  uses: Record<string, Uses>;
};

/** `delay`: milliseconds that each round trip to PostgreSQL takes longer. */
export type AblationPlan = {
  shortcuts: Shortcut[];
  letters: string[];
  rounds: number;
  seconds: number;
  delay: number;
  folder?: string | undefined;
};

/**
 * Measures what each shortcut gains: servers that lack one of them, in turns with the one that has
 * all.
 */
export async function ablate(plan: AblationPlan): Promise<Ablation> {
  const { shortcuts, letters, rounds, seconds, delay, folder } = plan;
  const names = ['all shortcuts', ...shortcuts.map((name) => `without ${name}` as const)] as const;
  const stage = await setStage('1k', [...names], { delay, ...(folder && { folder }) });
  try {
    const machine = { ...about(), postgres: stage.postgres.version };
    const lines: Line[] = [];
    for (const letter of letters) {
      for (const server of stage.servers) await loadFor(stage, server, letter, 32, 2);
      for (const connections of CONNECTIONS)
        lines.push(await measure(stage, { letter, connections }, rounds, seconds));
    }
    const uses = await Promise.all(stage.servers.map(async (one) => [one.name, await usesOf(one)]));
    const gains = shortcuts.flatMap((shortcut) => lines.map((line) => gainOf(shortcut, line)));
    return {
      ...{ at: new Date().toISOString(), machine, rounds, seconds, delay, gains },
      uses: Object.fromEntries(uses),
    };
  } finally {
    await stage.clear();
  }
}

async function measure(
  stage: Stage,
  { letter, connections }: Pick<Line, 'letter' | 'connections'>,
  rounds: number,
  seconds: number,
): Promise<Line> {
  const line: Line = { letter, connections, rounds: {} };
  for (let round = 0; round < rounds; round++) {
    const turn = round % 2 === 0 ? stage.servers : stage.servers.toReversed();
    for (const server of turn) {
      const measured = await loadFor(stage, server, letter, connections, seconds);
      if (measured.wrong > 0) throw new Error(`bench: ${server.name} answers ${measured.example}`);
      line.rounds[server.name] = [...(line.rounds[server.name] ?? []), measured];
    }
  }
  console.error(`(${letter}) at ${connections}: done`);
  return line;
}

const usesOf = async ({ url }: Contender): Promise<Uses> =>
  (await fetch(new URL('/bench/uses', url))).json() as Promise<Uses>;

function gainOf(shortcut: Shortcut, { letter, connections, rounds }: Line): Gain {
  const having = rounds['all shortcuts'] ?? [];
  const lacking = rounds[`without ${shortcut}`] ?? [];
  const of = (given: Round[], name: 'perSecond' | 'cpuMs') =>
    median(given.map((one) => one[name] ?? Number.NaN));
  const ratios = having.map(({ perSecond }, at) => perSecond / (lacking[at]?.perSecond ?? Number.NaN));
  return {
    ...{ shortcut, letter, connections },
    ...{ with: of(having, 'perSecond'), without: of(lacking, 'perSecond'), gain: median(ratios) },
    between: [Math.min(...ratios), Math.max(...ratios)],
    ...{ cpuWith: of(having, 'cpuMs'), cpuWithout: of(lacking, 'cpuMs') },
  };
}

/** The measure as Markdown, and which shortcuts are worth keeping. */
export function ablationLines({ gains, uses }: Ablation): string[] {
  const head = [
    'shortcut',
    'operation',
    'connections',
    'requests/s with : without',
    'gain',
    'CPU ms with : without',
  ];
  const rows = gains.map((one) =>
    row(
      ...[one.shortcut, `(${one.letter})`, one.connections],
      `${one.with.toFixed(0)} : ${one.without.toFixed(0)}`,
      `${percent(one.gain)} (${one.between.map(percent).join(' to ')})`,
      `${one.cpuWith.toFixed(2)} : ${one.cpuWithout.toFixed(2)}`,
    ),
  );
  const results = [...new Set(gains.map(({ shortcut }) => shortcut))].map((shortcut) =>
    resultOf(
      shortcut,
      gains.filter((one) => one.shortcut === shortcut),
    ),
  );
  const counters = Object.entries(uses['all shortcuts'] ?? {}).map(
    ([shortcut, { used, fallbacks }]) => `${shortcut} answered ${used}; fallbacks: ${fallbacksOf(fallbacks)}`,
  );
  return [row(...head), row(...head.map(() => '---')), ...rows, '', ...results, '', ...counters];
}

/**
 * A gain counts where each round has shown one: the best of several noisy lines would always look
 * like one.
 */
function resultOf(shortcut: Shortcut, gains: Gain[]): string {
  const worthy = gains.filter(({ gain }) => gain >= WORTH);
  const sure = worthy.filter(({ between: [lowest] }) => lowest > 1);
  if (sure.length > 0) {
    const best = Math.max(...sure.map(({ gain }) => gain));
    return `${shortcut} gains up to ${percent(best)}: it stays.`;
  }
  if (worthy.length > 0)
    return `${shortcut}: unclear, its rounds contradict each other; repeat on a quiet machine.`;
  return `${shortcut} gains less than ${percent(WORTH)} everywhere: it is to be deleted.`;
}

const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(0)} %`;

const fallbacksOf = (fallbacks: Record<string, number>): string =>
  Object.entries(fallbacks)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ') || 'none';
