import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Stryker } from '@stryker-mutator/core';
import { equivalents } from './equivalents.ts';

const RESULTS = 'docs/mutation-results.json';
const PAGE = 'docs/guarantees.md';
const TABLE = /(<!-- mutation score -->\n)[\s\S]*(<!-- end of mutation score -->)/;

export type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number];
/** A change that no test noticed: the line as it is, what was replaced, and by what. */
type Survivor = { file: string; line: string; replaced: string; by: string };
type Result = { sample: number; mutants: number; survivors: Survivor[] };

/** A mutant that stops a test file from running at all is noticed. */
export const isUnnoticed = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';

/** Returns where a mutant is, as Stryker takes it: lines from 1, columns from 0. */
export const rangeOf = ({ fileName, location: { start, end } }: Mutant): string =>
  `${pathOf(fileName)}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;

export const pathOf = (fileName: string): string => relative(process.cwd(), fileName);

/**
 * Replaces the folder's result and rewrites the table of scores. Results of folders that are gone
 * are dropped.
 */
export function writeResults(folder: string, sample: number, mutants: Mutant[]): void {
  const counted = mutants.filter(
    (mutant) => mutant.status !== 'Ignored' && !isEquivalent(survivorOf(mutant)),
  );
  const survivors = counted.filter(isUnnoticed).map(survivorOf);
  const all = { ...readResults(), [folder]: { sample, mutants: counted.length, survivors } };
  const kept = Object.entries(all).filter(([path]) => existsSync(path));
  const sorted = Object.fromEntries(kept.sort(([a], [b]) => a.localeCompare(b)));
  writeFileSync(RESULTS, `${JSON.stringify(sorted, null, 2)}\n`);
  writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(TABLE, `$1\n${tableOf(sorted)}\n\n$2`));
  for (const { file, line, replaced, by } of survivors)
    console.log(`${file}: ${line}\n  ${replaced} → ${by}`);
}

const readResults = (): Record<string, Result> =>
  existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};

function survivorOf({ fileName, location: { start, end }, replacement }: Mutant): Survivor {
  const file = pathOf(fileName);
  const lines = readFileSync(file, 'utf8').split('\n');
  const part = lines.slice(start.line - 1, end.line);
  part.push((part.pop() ?? '').slice(0, end.column - 1));
  part.unshift((part.shift() ?? '').slice(start.column - 1));
  const line = (lines[start.line - 1] ?? '').trim();
  return { file, line, replaced: part.join('\n'), by: replacement ?? '' };
}

const isEquivalent = ({ line, replaced, by }: Survivor): boolean =>
  equivalents.some((one) => one.line === line && one.replaced === replaced && one.by === by);

function tableOf(results: Record<string, Result>): string {
  const rows = Object.entries(results).map(([folder, { sample, mutants, survivors }]) => {
    const noticed = mutants - survivors.length;
    return `| \`${folder}\` | ${sample} % | ${mutants} | ${noticed} | ${Math.round((100 * noticed) / mutants)} % |`;
  });
  return ['| Folder | Lines | Changes | Noticed | Score |', '|---|---|---|---|---|', ...rows].join('\n');
}
