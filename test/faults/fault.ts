import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../../bench/process.ts';
import { DEADLINE, type Scene } from './scene.ts';
import { compareWithRows, startWriters } from './writes.ts';

export type Fault = {
  name: string;
  /** What writers may be answered meanwhile: codes, and `gone` for a lost connection. */
  codes: string[];
  /** A program that is not installed: the fault is left out. */
  needs?: string;
  /** What clients that are the fault themselves may see. */
  seen?: string[];
  /** Brings the fault about and ends it; adds to `seen` what its own clients saw. */
  cause(scene: Scene, seen: Set<string>): Promise<void>;
};

/** A fault must be over, and every server ready again, within this time; milliseconds. */
const RECOVERY = 30_000;
/** An answer takes at most the servers' deadline and this; milliseconds. */
const GRACE = 2_000;

/** A line of the table. `ok`: all that must hold did; `times`: so did limits of time. */
export type Line = Record<string, unknown> & { ok: boolean; times: boolean };

/** Causes a fault while writers create branches on both servers; compares them with rows. */
export async function lineOf(fault: Fault, scene: Scene, token: string): Promise<Line> {
  const prefix = crypto.randomUUID();
  const urlOf = (turn: number) => scene.servers[turn % 2]?.url ?? '';
  const writers = startWriters({ prefix, token, urlOf });
  await sleep(500);
  const seen = new Set<string>();
  await fault.cause(scene, seen);
  const recovery = await recovered(scene);
  await sleep(500);
  const { saved, codes, slowest } = await writers.stop();
  const wrong = await compareWithRows(scene.owner, prefix, saved);
  const unexpected = [
    ...[...codes].filter((code) => ![...fault.codes, 'ok', 'CONFLICT'].includes(code)),
    ...[...seen].filter((what) => !fault.seen?.includes(what)),
  ];
  return {
    fault: fault.name,
    saved: saved.length,
    ...wrong,
    codes: [...codes].sort().join(),
    'own clients': [...seen].sort().join(),
    unexpected: unexpected.join(),
    'slowest answer ms': Math.round(slowest),
    'ready after ms': recovery,
    'connections after': await connectionsOf(scene),
    'MiB after': Math.round(Math.max(...scene.servers.map(({ process }) => memoryOf(process.pid) ?? 0))),
    ok:
      recovery !== null &&
      saved.length > 0 &&
      !unexpected.length &&
      Object.values(wrong).every((n) => n === 0),
    times: slowest <= DEADLINE * 1_000 + GRACE,
  };
}

/** Connections of both servers to PostgreSQL. */
async function connectionsOf({ owner }: Scene): Promise<number> {
  const { rows } = await owner.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'bulwark_server'`,
  );
  return rows[0]?.n ?? 0;
}

/** Milliseconds until both servers are ready; null when one is not in time. */
async function recovered({ servers }: Scene): Promise<number | null> {
  const began = performance.now();
  return Promise.all(servers.map(({ url }) => ready(url))).then(
    () => Math.round(performance.now() - began),
    () => null,
  );
}

async function ready(url: string): Promise<void> {
  for (const end = performance.now() + RECOVERY; performance.now() < end; await sleep(50))
    if ((await fetch(new URL('/health/ready', url)).catch(() => null))?.status === 200) return;
  throw new Error(`faults: ${url} did not recover`);
}
