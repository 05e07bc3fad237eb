import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsFiles } from '../../../src/http/transport/key-pair.ts';
import { attestationCertificate } from '../sign-in/attestation-certificate.ts';

const DAY_MS = 86_400_000;

/**
 * PEM texts of a new key and of a certificate that it signed itself, valid from and for so many
 * days.
 */
export function newPair({ from = -1, days = 90 } = {}): { certificate: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const start = new Date(Date.now() + from * DAY_MS);
  const der = attestationCertificate(
    publicKey.export({ type: 'spki', format: 'der' }),
    (data) => sign('sha256', data, privateKey),
    { from: start, to: new Date(Date.now() + days * DAY_MS) },
  );
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** A folder with both files; `write` replaces one or both. */
export function tlsFiles(pair = newPair()) {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-tls-'));
  const files: TlsFiles = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const write = (texts: Partial<typeof pair>) => {
    for (const name of ['certificate', 'key'] as const)
      if (texts[name] !== undefined) writeFileSync(files[name], texts[name]);
  };
  write(pair);
  return { files, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
