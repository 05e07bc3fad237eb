/** What one operation was refused. Names fields and events of the schema, never what a client calls them. */
export type Denials = { add(name: string): void; settle(): Promise<void> };

/** An event names at most so many. */
const NAMED = 20;

/**
 * Gathers denials where they are decided, since an answer shows only the first error of several, and writes them as one event
 * when the operation is over. A field that is refused after that is written by itself; `failed` hears when that can't be.
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
