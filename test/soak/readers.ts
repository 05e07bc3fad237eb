/**
 * A process of its own: normal reads at a steady rate. Reads a job from standard input and prints
 * its `Reading`.
 */
import { text } from 'node:stream/consumers';
import { ask, bearer } from './client.ts';
import { pace, quantile } from './pace.ts';

export type ReadJob = { url: string; token: string; perSecond: number; seconds: number };
/**
 * Milliseconds; `late` is by how much this process began reads late, at the 99th percentile.
 * `codes` counts the answers.
 */
export type Reading = { p50: number; p99: number; late: number; reads: number; codes: Codes };
type Codes = Record<string, number>;

const QUERY = '{ employees(first: 20) { totalCount edges { node { id name jobTitle } } } }';

const { url, token, perSecond, seconds } = JSON.parse(await text(process.stdin)) as ReadJob;
const took: number[] = [];
const codes: Codes = {};
const late = await pace(perSecond, seconds, async () => {
  const began = performance.now();
  const { code } = await ask(url, { query: QUERY }, bearer(token));
  took.push(performance.now() - began);
  codes[code] = (codes[code] ?? 0) + 1;
});
const reading: Reading = {
  ...{ p50: quantile(took, 0.5), p99: quantile(took, 0.99), late: quantile(late, 0.99) },
  ...{ reads: took.length, codes },
};
process.stdout.write(JSON.stringify(reading), () => process.exit(0));
