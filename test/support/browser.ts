import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describe } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = PLACES.find(existsSync);
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

/** A device with a fingerprint reader that always recognises its owner. */
export const DEVICE = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** Declares tests that need a browser; they are skipped where none is installed. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (!executablePath) console.warn(`${name}: skipped, no browser at ${PLACES.join(', ')}`);
  describe.skipIf(!executablePath)(name, tests);
}

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath, args, timeout: 0 });

/** Opens a page of its own profile, whose waits only the test's time-out ends. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(0);
  return context.newPage();
}
