import { statfs } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Measured, Measurement } from './figures.ts';

type Times = { busy: number; all: number };

/** Samples that cover 60 seconds, each 5 seconds after the one before. */
const SAMPLES = 13;

/** Measures this process and its machine. `measure` is called every 5 seconds. */
export function processFigures(folder: string) {
  const times: Times[] = [cpuTimes()];
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    async measure(): Promise<Measurement> {
      times.push(cpuTimes());
      if (times.length > SAMPLES) times.shift();
      const measurement: Measurement = {
        cpu_5s: useBetween(times.at(-2), times.at(-1)),
        cpu_60s: useBetween(times[0], times.at(-1)),
        memory: { value: usedMemory() },
        process_memory: { value: process.memoryUsage.rss() },
        disk: await usedDisk(folder),
        event_loop_delay: { value: delay.count > 0 ? delay.percentile(99) / 1e9 : 0 },
      };
      delay.reset();
      return measurement;
    },
    stop: () => void delay.disable(),
  };
}

function cpuTimes(): Times {
  const all = cpus().flatMap(({ times }) => Object.entries(times));
  const sum = (entries: [string, number][]) => entries.reduce((total, [, time]) => total + time, 0);
  return { busy: sum(all.filter(([name]) => name !== 'idle')), all: sum(all) };
}

function useBetween(from: Times | undefined, to: Times | undefined): Measured {
  if (!from || !to || to.all === from.all)
    return { value: null, reason: 'The clock ticks have not moved yet.' };
  return { value: (to.busy - from.busy) / (to.all - from.all) };
}

/** A container's limit counts instead of the machine's memory, where there is one. */
function usedMemory(): number {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  return Math.max(0, 1 - process.availableMemory() / total);
}

async function usedDisk(folder: string): Promise<Measured> {
  try {
    const { blocks, bfree, bavail } = await statfs(folder);
    const used = blocks - bfree;
    return { value: used / (used + bavail) };
  } catch {
    return { value: null, reason: `The file system of ${folder} cannot be read.` };
  }
}
