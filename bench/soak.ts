import { setTimeout as sleep } from 'node:timers/promises';
import { loadFor } from './load.ts';
import { memoryOf } from './process.ts';
import type { Stage } from './stage.ts';
import { operations } from './work.ts';

/**
 * Resident memory of the guarded server in MiB, every five seconds of load; `slope` in MiB an hour
 * over the second half.
 */
export type Soak = {
  minutes: number;
  samples: number[];
  highest: number;
  slope: number;
  answers: number;
  wrong: number;
};

const EVERY_MS = 5_000;
const ROUND_S = 10;

/** (a) to (g) in turns at 32 connections, for `minutes`. */
export async function soak(stage: Stage, minutes: number): Promise<Soak> {
  const server = stage.servers.find(({ name }) => name === 'guarded');
  if (!server) throw new Error('bench: the soak is the guarded server’s');
  const end = Date.now() + minutes * 60_000;
  const samples: number[] = [];
  const sampling = sample(server.process.pid, samples, end);
  const sum = { answers: 0, wrong: 0 };
  for (let turn = 0; Date.now() < end; turn++) {
    const { letter } = operations[turn % operations.length] as (typeof operations)[number];
    const round = await loadFor(stage, server, letter, 32, ROUND_S);
    sum.answers += round.operations;
    sum.wrong += round.wrong;
  }
  await sampling;
  return {
    minutes,
    samples,
    highest: Math.max(...samples),
    slope: slopeOf(samples.slice(samples.length / 2)),
    ...sum,
  };
}

async function sample(pid: number | undefined, samples: number[], end: number): Promise<void> {
  while (Date.now() < end) {
    samples.push(Math.round(memoryOf(pid) ?? Number.NaN));
    await sleep(EVERY_MS);
  }
}

/** Least squares, in units an hour. */
function slopeOf(values: number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const over = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  const under = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  return (over / under) * (3_600_000 / EVERY_MS);
}
