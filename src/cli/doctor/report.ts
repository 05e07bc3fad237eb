import type { Check } from './checks.ts';
import type { Deployment } from './deployment.ts';
import { type Finding, notChecked } from './finding.ts';

export type Result = Finding & { name: string; fix: string };

/** Runs the checks one after another. A check that fails has not checked. */
export async function runChecks(deployment: Deployment, checks: readonly Check[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const { name, run, fix } of checks) {
    const found = await run(deployment).catch((error: Error) => notChecked(firstLine(error)));
    results.push({ name, ...found, fix });
  }
  return results;
}

const firstLine = ({ message }: Error): string => `failed: ${message.trim().split('\n')[0]?.slice(0, 200)}`;

/** 0: everything is checked and well; 1: findings; 2: no finding, and something is not checked. */
export function exitCodeOf(results: readonly Result[]): number {
  if (results.some(({ state }) => state === 'finding')) return 1;
  return results.some(({ state }) => state === 'notChecked') ? 2 : 0;
}

const WORDS = { ok: 'ok', finding: 'FINDING', notChecked: 'not checked' } as const;

/** Returns the results as a table; findings are followed by their fix. */
export function tableOf(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.flatMap(({ name, state, detail, fix }) => [
    `${name.padEnd(width)}  ${WORDS[state].padEnd(11)}  ${detail}`,
    ...(state === 'finding' ? [`${' '.repeat(width)}  ${' '.repeat(11)}  Fix: ${fix}`] : []),
  ]);
  return [...lines, '', summaryOf(results)].join('\n');
}

function summaryOf(results: readonly Result[]): string {
  const count = (state: Finding['state']) => results.filter((result) => result.state === state).length;
  return `${count('ok')} ok, ${count('finding')} findings, ${count('notChecked')} not checked`;
}
