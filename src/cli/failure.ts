import { EXIT_CONFIG, StartupError } from '../config/startup-error.ts';

/**
 * Prints why a program ended, and returns its exit code. What was foreseen has a sentence; a stack is only for what was not.
 */
export function report(error: Error): number {
  const foreseen = error instanceof StartupError;
  console.error(foreseen || error.constructor === Error ? error.message : error);
  return foreseen ? EXIT_CONFIG : 1;
}
