/** Thrown where an answer is anything but plain success: the executor then does the whole operation, with its exact errors. */
export const longWay = new Error('an operation that the executor answers');
export function leave(): never {
  throw longWay;
}
