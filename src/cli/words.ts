import { StartupError } from '../config/startup-error.ts';

/**
 * Returns the words of a command line.
 * @param count how many the command takes; an option is none
 * @throws {StartupError} with the usage, for fewer, more, empty or unknown ones
 */
export function wordsOf(usage: string, count: number): string[] {
  const words = process.argv.slice(2);
  if (words.length !== count || words.some((word) => word === '' || word.startsWith('-')))
    throw new StartupError(`usage: ${usage}`);
  return words;
}
