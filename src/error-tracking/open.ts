import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { tellingOnce } from '../outage.ts';
import { onUnexpectedErrors } from './hook.ts';

const PACKAGE = new URL('../../package.json', import.meta.url);

/** Where unexpected errors are sent. */
export type ErrorTracking = {
  /** Sends what waits, and hears of no more. */
  close: (milliseconds: number) => Promise<void>;
};

/** Sends unexpected errors to the DSN; without one nothing of Sentry is loaded. */
export async function openErrorTracking(
  { sentryDsn, env }: { sentryDsn?: string; env: string },
  log: Logger,
): Promise<ErrorTracking | undefined> {
  if (!sentryDsn) return undefined;
  const { openSentry } = await import('./sentry.ts');
  const { name, version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { name: string; version: string };
  const sentry = openSentry({
    ...{ dsn: sentryDsn, release: `${name}@${version}`, environment: env },
    onSent: tellingOnce(log, 'the error tracker'),
  });
  onUnexpectedErrors(sentry.report);
  return {
    async close(milliseconds) {
      onUnexpectedErrors(null);
      await sentry.close(milliseconds);
    },
  };
}
