/** Where an error happened: ids and names from closed lists alone. */
export type Place = {
  requestId?: string | undefined;
  operation?: 'query' | 'mutation' | 'subscription' | undefined;
  queue?: string;
};
export type ErrorHook = (error: unknown, place: Place) => void;

let hook: ErrorHook | null = null;

/** Hears of unexpected errors from now on; null stops it. */
export function onUnexpectedErrors(next: ErrorHook | null): void {
  hook = next;
}

/**
 * Tells of an error that is a fault of the server: what clients get as INTERNAL, a job that fails
 * by no code of its own, an unhandled rejection. Each is logged by its caller.
 */
export function reportUnexpected(error: unknown, place: Place = {}): void {
  hook?.(error, place);
}
