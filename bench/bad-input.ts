import { badBodies } from '../test/support/bad-bodies.ts';
import { listening } from '../test/support/server/toy-server.ts';

/**
 * `npm run bench:bad-input`: milliseconds until a faulty request is answered. Exits with 1 when one
 * takes
 * longer than the limit in each of its rounds.
 */
const LIMIT_MS = 100;
const ROUNDS = 15;

const server = await listening();

async function answered(body: string | Uint8Array): Promise<number> {
  const began = performance.now();
  const headers = { 'content-type': 'application/json' };
  await (await fetch(server.url, { method: 'POST', headers, body: body as string })).arrayBuffer();
  return performance.now() - began;
}

async function measure(body: string | Uint8Array): Promise<{ least: number; median: number }> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) taken.push(await answered(body));
  taken.sort((a, b) => a - b);
  return { least: taken[0] as number, median: taken[Math.floor(ROUNDS / 2)] as number };
}

for (const [what, body] of badBodies) {
  const { least, median } = await measure(body());
  console.log(`${median.toFixed(1).padStart(8)} ms  ${what}`);
  if (least > LIMIT_MS) process.exitCode = 1;
}
await server.app.close();
