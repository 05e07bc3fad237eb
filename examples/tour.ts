/**
 * `npm run tour`: shows each guarantee of the running server with its evidence. Exit code 0 when
 * all hold, 1 when one does not, 2 when there is nothing to show it on.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { record } from './tour/audit-log.ts';
import { guideOf, type Place, type Step } from './tour/guide.ts';
import { mailbox } from './tour/mailbox.ts';
import { passkey } from './tour/passkey.ts';
import { payroll } from './tour/payroll.ts';
import { sealing } from './tour/sealing.ts';
import { secondFactor } from './tour/second-factor.ts';
import { tokens } from './tour/tokens.ts';
import { visibility } from './tour/visibility.ts';

const USAGE = `npm run tour                                    the server of npm start, by PORT, DATA_DIR and the other variables
npm run tour -- --url http://127.0.0.1:4001/graphql --data .data --origin http://localhost:4001`;

export const steps: Step[] = [
  ...visibility,
  ...sealing,
  ...payroll,
  ...mailbox,
  ...tokens,
  ...secondFactor,
  ...passkey,
  ...record,
];

/** Runs the steps, prints their evidence, and returns the titles of failed ones. */
export async function tour(
  place: Place,
  print: (line: string) => void,
  stations: Step[] = steps,
): Promise<string[]> {
  const guide = guideOf(place);
  const failed: string[] = [];
  for (const { title, see } of stations) {
    const evidence = await see(guide).catch((error: Error) => {
      failed.push(title);
      return [error.message];
    });
    print(`${failed.includes(title) ? '✗' : '✓'} ${title}`);
    for (const line of evidence) print(`    ${line}`);
  }
  return failed;
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { url: text, data: text, origin: text } });
  const config = readConfig();
  const url = values.url ?? `${config.publicUrl}/graphql`;
  const place = placeOf(
    url,
    values.data ?? config.dataDir,
    values.origin ?? frontEndOf(values.url ?? config.appUrl),
  );
  await assertAnswers(place.url);
  const failed = await tour(place, console.log);
  const sum =
    failed.length > 0
      ? `${failed.length} of ${steps.length} guarantees BROKEN`
      : `${steps.length} of ${steps.length} guarantees shown`;
  console.log(`\n${sum}. What each rests on: docs/guarantees.md`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

/** Returns the default origin of the front end; loopback by name, as passkeys require. */
const frontEndOf = (url: string): string => new URL(url).origin.replace('//127.0.0.1', '//localhost');

function placeOf(url: string, folder: string, origin: string): Place {
  try {
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    return { url, origin, accounts: read('demo.json').accounts, ownerUrl: read('connections.json').owner };
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      `The tour needs demo.json and connections.json in ${folder}, which npm start creates: ${message}\n${USAGE}`,
    );
  }
}

async function assertAnswers(url: string): Promise<void> {
  const live = new URL('/health/live', url).href;
  const answer = await fetch(live).catch(() => null);
  if (!answer?.ok)
    throw new Error(
      `No server answers on ${live}. Start it in another terminal with npm start, then retry.\n${USAGE}`,
    );
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
}
