import type { End } from './chain.ts';
import type { Heads, Verification } from './verify.ts';

const LIMIT = `Not detectable: a database owner who rewrites a chain to its end, head included. Store this report, or an export, where the owner
cannot write; --expect compares the audit log with a stored report.`;

/** Returns one line for each company or fault. */
export function report({ events, heads, faults }: Verification): string {
  const bad = faults.map(
    ({ company, position, wrong }) => `BAD  company ${company}  position ${position}: ${wrong}`,
  );
  const wrong = new Set(faults.map(({ company }) => company));
  const good = [...heads].filter(([company]) => !wrong.has(company));
  const sum =
    faults.length > 0
      ? `The audit log was altered: ${faults.length} faults.`
      : `The audit log is intact: ${events} events, ${heads.size} chains.`;
  return [...good.map(([company, head]) => okLine(company, head)), ...bad, sum, '', LIMIT].join('\n');
}

const okLine = (company: string, { position, link, pruned, lastPruned }: End): string =>
  `ok   company ${company}  ${position} events  head ${link}${
    pruned > 0 ? `  ${pruned} pruned, the last at position ${lastPruned}` : ''
  }`;

const OK_LINE = /^ok {3}company ([0-9a-f-]{36}) {2}(\d{1,18}) events {2}head ([0-9a-f]{64})/gm;

/** Returns the heads in a report. Throws for a text without one. */
export function headsOfReport(text: string): Heads {
  const lines = [...text.matchAll(OK_LINE)];
  if (lines.length === 0) throw new Error('--expect: the file has no line "ok   company … head …"');
  return new Map(
    lines.map(([, company = '', position = '', link = '']) => [
      company,
      { position: BigInt(position), link },
    ]),
  );
}
