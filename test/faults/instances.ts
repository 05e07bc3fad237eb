import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** A server that starts takes the processor from the deadlines of the other one. */
const STARTING = ['gone', 'UNAVAILABLE'];

export const serverIsKilled = (times: number): Fault => ({
  name: `a server is killed and started again, ${times} times`,
  codes: STARTING,
  async cause(scene) {
    for (let kill = 0; kill < times; kill++) {
      await sleep(200 + Math.random() * 300); // at any point of a write
      await scene.replaceSecond();
    }
  },
});

const hasFaketime = spawnSync('faketime', ['--version']).status === 0;

/** What Debian's `faketime` gives to a program. It would run as the parent, and Node outlive it. */
const clockOff = (shift: string) => ({
  LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
  FAKETIME: shift,
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
});

/** Clocks of one server that say something else than the database's; needs Debian's faketime. */
export const clockFaults: Fault[] = ['+1h', '-1h'].map((shift) => ({
  name: `the clock of a server is ${shift} wrong`,
  codes: STARTING,
  ...(!hasFaketime && { needs: 'faketime' }),
  async cause(scene) {
    await scene.replaceSecond(clockOff(shift));
    await sleep(2_000);
    await scene.replaceSecond();
  },
}));
