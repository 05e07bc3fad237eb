/** The denials of one operation, by names of the schema, never by aliases of the client. */
export type Denials = { add(name: string): void; settle(): Promise<void> };

/** Maximum of names in one event. */
const NAMED = 20;

/**
 * Collects denials where they are decided, because an answer shows only the first of several
 * errors, and appends them as one event when the operation completes. A later denial is an event of
 * its own; `failed` is called when it cannot be appended.
 */
export function gatherDenials(
  write: (names: string[]) => Promise<void>,
  failed: (error: unknown) => void,
): Denials {
  const names = new Set<string>();
  let settled = false;
  return {
    add(name) {
      if (settled && !names.has(name)) write([name]).catch(failed);
      names.add(name);
    },
    async settle() {
      settled = true;
      if (names.size > 0) await write([...names].slice(0, NAMED));
    },
  };
}
