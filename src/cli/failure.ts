import { EXIT_CONFIG, StartupError } from '../config/startup-error.ts';
import { AppError } from '../errors.ts';

/**
 * Prints why a program ended, and returns its exit code. What was foreseen has a sentence; a stack
 * is only for what was not.
 */
export function report(error: Error): number {
  const foreseen = error instanceof StartupError;
  const inWords = foreseen || error instanceof AppError || error.constructor === Error;
  console.error(inWords ? error.message : error);
  return foreseen ? EXIT_CONFIG : 1;
}
