import { execFile, spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { tlsFiles } from '../support/server/tls-files.ts';
import { toyServer } from '../support/server/toy-server.ts';

const isInstalled = spawnSync('sslscan', ['--version']).status === 0;
const { files, remove } = tlsFiles();
const { app } = toyServer({ config: { plainHttp: 'refused', tls: files } });
afterAll(async () => {
  await app.close();
  remove();
});

test('sslscan finds TLS 1.2 and 1.3 with forward secrecy and AEAD alone [H1]', async ({ skip }) => {
  if (!isInstalled) return skip('sslscan is not installed');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const { stdout } = await promisify(execFile)('sslscan', ['--no-colour', `127.0.0.1:${port}`]);
  const lines = stdout.split('\n').map((line) => line.trim());
  const enabled = lines.filter((line) => /^(SSLv|TLSv)\S+ +enabled$/.test(line));
  expect(enabled.map((line) => line.split(' ')[0])).toEqual(['TLSv1.2', 'TLSv1.3']);
  const suites = lines.filter((line) => /^(Preferred|Accepted) /.test(line));
  expect(suites.length).toBeGreaterThan(4);
  const weak = suites.filter((line) => !/TLS_|ECDHE-.*(GCM|CHACHA20)/.test(line));
  expect(weak).toEqual([]);
  expect(stdout).toMatch(/renegotiation *not supported/i);
});
