/**
 * `node bench/document.ts [RESULTS]`: writes the measure into docs/performance.md, between its two
 * marks.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Line, Results } from './run.ts';
import { NAMES } from './stage.ts';
import { extrasOf, median, ratio, row, spread } from './table.ts';
import { targetResultsOf } from './targets.ts';

const PAGE = 'docs/performance.md';
const MARKS = /(<!-- measured -->\n)[\s\S]*(<!-- \/measured -->)/;

const path = process.argv[2] ?? 'bench/results/latest.json';
const results = JSON.parse(await readFile(path, 'utf8')) as Results;
const page = await readFile(PAGE, 'utf8');
if (!MARKS.test(page)) throw new Error(`${PAGE}: the marks are gone`);
const lines = [
  ...about(results),
  '',
  ...targetResults(results),
  '',
  ...speeds(results),
  ...extrasOf(results).map((line) => `- ${line}`),
];
await writeFile(
  PAGE,
  page.replace(MARKS, (_all, open, close) => `${open}\n${lines.join('\n')}\n\n${close}`),
);

function about({ at, machine, plan }: Results): string[] {
  const { cpu, cores, load, memoryGiB, system, node, postgres, commit } = machine;
  return [
    `Measured ${at.slice(0, 10)} at ${commit}: ${plan.rounds} rounds of ${plan.seconds} s, medians; \`${path}\` has every round.`,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}, PostgreSQL ${postgres}; load before the run ${load ?? 'not noted'}.`,
  ];
}

function targetResults(results: Results): string[] {
  const known = targetResultsOf(results).filter(({ met }) => met !== null);
  const rows = known.map(({ what, target, measured, met }) =>
    row(what, target, measured ?? '', met ? 'met' : '**missed**'),
  );
  return [row('what', 'target', 'measured', ''), row('---', '---', '---', '---'), ...rows];
}

function speeds({ lines }: Results): string[] {
  const scales = [...new Set(lines.map(({ scale }) => scale))];
  return scales.flatMap((scale) => {
    const own = lines.filter((line) => line.scale === scale);
    const head = ['', 'connections', ...NAMES, 'CPU ms an operation: server + PostgreSQL, in the same order'];
    return [
      `**${scale} employees**, operations a second`,
      '',
      row(...head),
      row(...head.map(() => '---')),
      ...own.map(speedRow),
      '',
    ];
  });
}

function speedRow(line: Line): string {
  const cells = NAMES.map((name) => {
    const rounds = line.rounds[name];
    if (!rounds) return '';
    const times = ratio(line, name);
    const speed = median(rounds.map(({ perSecond }) => perSecond)).toFixed(0);
    return times === null ? `${speed} ±${spread(rounds).toFixed(0)} %` : `${speed} (${times.toFixed(2)} ×)`;
  });
  const cpu = NAMES.map((name) => {
    const rounds = line.rounds[name] ?? [];
    const [server, postgres] = (['cpuMs', 'postgresMs'] as const).map((of) =>
      median(rounds.map((round) => round[of] ?? Number.NaN)),
    );
    return `${server?.toFixed(2)} + ${postgres?.toFixed(2)}`;
  });
  return row(`(${line.letter})`, line.connections, ...cells, cpu.join(', '));
}
