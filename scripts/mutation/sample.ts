import { createHash } from 'node:crypto';

/** Changing it draws another sample. */
const SEED = 'bulwark-1';

/**
 * Returns what to mutate of a file: all of it, or the lines whose hash falls below `percent`, as
 * Stryker's ranges. A line stays in the sample as long as its text does, wherever it moves.
 */
export function sampleOf(path: string, source: string, percent: number): string[] {
  if (percent >= 100) return [path];
  return source
    .split('\n')
    .flatMap((line, index) =>
      isCode(line) && shareOf(line.trim()) < percent / 100 ? [`${path}:${index + 1}-${index + 1}`] : [],
    );
}

const isCode = (line: string): boolean => /\w/.test(line) && !/^\s*(\/\/|\/?\*|import\b)/.test(line);

const shareOf = (line: string): number =>
  createHash('sha256').update(SEED).update(line).digest().readUInt32BE(0) / 2 ** 32;
