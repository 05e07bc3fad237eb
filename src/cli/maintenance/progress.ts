/** From then on a line tells how far a command is. Milliseconds. */
const SHOWN_AFTER_MS = 2_000;
const EVERY_MS = 200;
const MB = 1_000_000;

/** Tells how far a step is; `all` is an estimate. Both in bytes. */
export type Progress = (done: number, all?: number) => void;

/**
 * Returns a line on a terminal that says how far a step is, from its third second on. `end` removes
 * it.
 */
export function progressLine(
  step: string,
  terminal: NodeJS.WriteStream = process.stderr,
): { tell: Progress; end: () => void } {
  const start = performance.now();
  let next = start + SHOWN_AFTER_MS;
  let shown = false;
  const tell: Progress = (done, all) => {
    const now = performance.now();
    if (!terminal.isTTY || now < next) return;
    next = now + EVERY_MS;
    shown = true;
    terminal.write(`\r\u001b[K${lineOf(step, done, all, (now - start) / 1_000)}`);
  };
  return { tell, end: () => void (shown && terminal.write('\r\u001b[K')) };
}

function lineOf(step: string, done: number, all: number | undefined, seconds: number): string {
  const rate = `${(done / MB / seconds).toFixed(0)} MB/s`;
  if (!all) return `${step}: ${(done / MB).toFixed(0)} MB, ${rate}`;
  const share = Math.min(0.99, done / all);
  const bar = '#'.repeat(Math.floor(share * 20)).padEnd(20, '.');
  return `${step} [${bar}] ${(done / MB).toFixed(0)} of about ${(all / MB).toFixed(0)} MB, ${rate}`;
}
