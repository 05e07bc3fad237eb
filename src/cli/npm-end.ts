import { isScript } from '../config.ts';

/** Milliseconds between two looks: the end of a parent process is no event. */
const LOOK_MS = 500;

/**
 * Calls `stop` once the npm that runs this program as `script` has ended, also by a kill -9, which
 * npm cannot pass on. Other parents, such as a shell or a service manager, may end before the
 * program.
 */
export function onNpmEnd(script: string, stop: () => void): void {
  if (!isScript(script)) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    stop();
  }, LOOK_MS);
  timer.unref();
}
