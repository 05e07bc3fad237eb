import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import { dayOf, type KeyPair, readKeyPair, type TlsFiles } from './key-pair.ts';

const DAY_MS = 86_400_000;
/** How often the files are looked at. Notices of changes are lost where a link leads elsewhere. */
const LOOK_MS = 1_000;

type Watched = { files: TlsFiles; first: KeyPair; use: (pair: KeyPair) => void; log: Logger };

/** `isExpiring`: within three weeks, or the last quarter of a shorter validity. */
export type CertificateWatch = { isExpiring(): boolean; stop(): void };

/**
 * Uses the certificate again each time that one of its files changes, and warns once a day while
 * its renewal is overdue. A pair that is not usable, as between the writing of both files, is
 * logged, and the one before stays in use.
 */
export function watchCertificate({ files, first, use, log }: Watched): CertificateWatch {
  let { expiresAt, renewBy } = first;
  const isExpiring = () => renewBy < Date.now();
  const warn = () => {
    if (isExpiring()) log.warn(`TLS_CERT_PATH: the certificate expires on ${dayOf(expiresAt)}; renew it`);
  };
  const reload = () => {
    try {
      const pair = readKeyPair(files);
      use(pair);
      ({ expiresAt, renewBy } = pair);
      log.info({ expiresOn: dayOf(expiresAt) }, 'the TLS certificate was reloaded');
      warn();
    } catch (error) {
      log.warn(`the TLS certificate stays as it was: ${(error as Error).message}`);
    }
  };
  const paths = [files.certificate, files.key];
  for (const path of paths) watchFile(path, { interval: LOOK_MS, persistent: false }, reload);
  const timer = setInterval(warn, DAY_MS).unref();
  warn();
  const stop = () => {
    for (const path of paths) unwatchFile(path, reload);
    clearInterval(timer);
  };
  return { isExpiring, stop };
}
