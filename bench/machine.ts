import { spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { peerVersions } from './peers.ts';

/**
 * Where and what was measured; PostgreSQL's version is filled in when it runs. `load`: runnable
 * processes in the five minutes before.
 */
export const about = () => ({
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  load: loadavg()[1],
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()} ${arch()}`,
  node: process.version,
  postgres: '',
  commit: spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim(),
  peers: peerVersions(),
});
