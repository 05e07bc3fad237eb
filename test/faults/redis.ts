import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const missing = spawnSync('redis-server', ['--version']).status !== 0;
const needs = missing ? { needs: 'redis-server' } : {};

/** Faults of Redis. Requests are limited by each server for itself, attempts in PostgreSQL. */
export const redisFaults: Fault[] = [
  {
    name: 'Redis is killed, and starts empty after two seconds',
    codes: [],
    ...needs,
    async cause({ redis }) {
      redis?.signal('SIGKILL');
      await sleep(2_000);
      await redis?.restart();
    },
  },
  {
    name: 'Redis is frozen for five seconds',
    codes: [],
    ...needs,
    async cause({ redis }) {
      redis?.signal('SIGSTOP');
      await sleep(5_000);
      redis?.signal('SIGCONT');
    },
  },
];
