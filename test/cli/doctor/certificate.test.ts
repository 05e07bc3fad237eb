import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificate, judgeExpiry } from '../../../src/cli/doctor/certificate.ts';
import type { Deployment } from '../../../src/cli/doctor/deployment.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-tls-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A certificate of its own for localhost, with its key. */
function selfSigned(days: number): { key: string; cert: string } {
  const [key, cert] = [join(folder, `${days}.key`), join(folder, `${days}.pem`)];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-days', String(days), ...kind, ...names, ...files], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

/** What is found of a server with this certificate. */
async function found(pair: { key: string; cert: string }, ca?: string) {
  const server = createServer(pair).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const publicUrl = `https://localhost:${port}`;
  try {
    return await certificate({ config: { publicUrl } } as Deployment, ca);
  } finally {
    server.close();
  }
}

test('doctor finds a certificate that clients do not trust [K6] [N6]', async () => {
  expect(await found(selfSigned(90))).toEqual({
    state: 'finding',
    detail: 'not trusted by clients: DEPTH_ZERO_SELF_SIGNED_CERT',
  });
});

test('doctor finds a certificate that expires within three weeks [K6] [N6]', async () => {
  const [soon, later] = [selfSigned(10), selfSigned(90)];
  expect(await found(soon, soon.cert)).toMatchObject({ state: 'finding', detail: 'valid for 9 more days' });
  expect(await found(later, later.cert)).toMatchObject({ state: 'ok' });
  expect(judgeExpiry(new Date(0))).toMatchObject({ state: 'finding' });
});

test('a PUBLIC_URL without TLS has no certificate to check, which is not a pass [K6]', async () => {
  const config = { publicUrl: 'http://127.0.0.1' };
  expect(await certificate({ config } as Deployment)).toMatchObject({ state: 'notChecked' });
});
