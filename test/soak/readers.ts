/**
 * A process of its own: normal reads at a steady rate. Reads a job from standard input and prints
 * its `Reading`.
 */
import { text } from 'node:stream/consumers';
import { ask, bearer } from './client.ts';
import { pace, quantile } from './pace.ts';

export type ReadJob = { url: string; token: string; perSecond: number; seconds: number };
/** Milliseconds; `wrong` counts answers with an error. */
export type Reading = { p50: number; p99: number; reads: number; wrong: number };

const QUERY = '{ employees(first: 20) { totalCount edges { node { id name jobTitle } } } }';

const { url, token, perSecond, seconds } = JSON.parse(await text(process.stdin)) as ReadJob;
const took: number[] = [];
let wrong = 0;
await pace(perSecond, seconds, async () => {
  const began = performance.now();
  const { code } = await ask(url, { query: QUERY }, bearer(token));
  took.push(performance.now() - began);
  if (code !== 'ok') wrong++;
});
const reading: Reading = { p50: quantile(took, 0.5), p99: quantile(took, 0.99), reads: took.length, wrong };
process.stdout.write(JSON.stringify(reading), () => process.exit(0));
