import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, freePort, START, start, stopped } from './process.ts';

/**
 * Milliseconds from the command to ready. `cold`: an empty folder, with PostgreSQL, migrations and
 * demo to make; `warm`: the second time.
 */
export type Starts = { cold: number; warm: number[] };

const AGAIN = 5;

/** The server as `npm start` has it, with the PostgreSQL that comes along. */
export async function measureStarts(): Promise<Starts> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-starts-'));
  try {
    const cold = await readyAfter(folder);
    const warm: number[] = [];
    for (let time = 0; time < AGAIN; time++) warm.push(await readyAfter(folder));
    return { cold, warm };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readyAfter(folder: string): Promise<number> {
  const port = String(await freePort());
  const began = performance.now();
  const child = start(START, { DATA_DIR: folder, PORT: port, LOG_LEVEL: 'error' });
  try {
    await answering(child, `http://127.0.0.1:${port}/health/ready`, 200);
    return performance.now() - began;
  } finally {
    await stopped(child);
  }
}
