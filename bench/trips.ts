import { dataOf, operationOf } from './load.ts';
import { answering, freePort, start, stopped } from './process.ts';
import type { Stage } from './stage.ts';
import { openWire, type Traffic } from './wire.ts';
import { operations } from './work.ts';

/** What one operation of the guarded server sends to PostgreSQL, everything included, by letter. */
export type Trips = Record<string, Traffic>;

/**
 * A server of its own behind the counting proxy; each operation is asked twice, and the second time
 * counts: keys and plans are there.
 */
export async function measureTrips({ environment, subjects }: Stage): Promise<Trips> {
  const direct = environment.DATABASE_URL as string;
  const wire = await openWire(direct);
  const port = String(await freePort());
  // what polls for jobs is no part of an operation
  const apart = { DATABASE_URL: wire.url, JOBS_DATABASE_URL: direct };
  const child = start(['src/main.ts'], { ...environment, ...apart, PORT: port });
  try {
    const url = `http://127.0.0.1:${port}/graphql`;
    await answering(child, new URL('/health/ready', url).href, 200);
    const [subject] = subjects;
    if (!subject) throw new Error('bench: there is no company');
    const headers = () => ({ authorization: `Bearer ${subject.token}` });
    const trips: Trips = {};
    for (const { letter } of operations) {
      const ask = () =>
        dataOf({ name: 'guarded', url, headers, process: child }, operationOf(letter), subject);
      await ask();
      wire.reset();
      await ask();
      trips[letter] = { ...wire.traffic };
    }
    return trips;
  } finally {
    await stopped(child);
    await wire.close();
  }
}
