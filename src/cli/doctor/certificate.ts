import { once } from 'node:events';
import { connect } from 'node:tls';
import type { Deployment } from './deployment.ts';
import { type Finding, finding, notChecked, ok } from './finding.ts';

const DAY_MS = 86_400_000;
/** Renewal by ACME happens a month ahead. */
const LEAST_DAYS = 21;
const CONNECT_MS = 10_000;

/**
 * Clients trust the certificate of PUBLIC_URL, and it stays valid for three weeks.
 * @param ca trusted instead of the authorities of Node
 */
export async function certificate({ config }: Deployment, ca?: string): Promise<Finding> {
  const { protocol, hostname, port } = new URL(config.publicUrl);
  if (protocol !== 'https:') return notChecked('PUBLIC_URL is not https');
  const socket = connect({
    ...{ host: hostname, port: Number(port) || 443, servername: hostname, timeout: CONNECT_MS },
    ...{ rejectUnauthorized: false, ...(ca && { ca }) },
  });
  socket.on('timeout', () => socket.destroy(new Error('no TLS handshake in 10 seconds')));
  try {
    await once(socket, 'secureConnect');
    if (!socket.authorized) return finding(`not trusted by clients: ${socket.authorizationError}`);
    return judgeExpiry(new Date(socket.getPeerCertificate().valid_to));
  } finally {
    socket.destroy();
  }
}

export function judgeExpiry(validTo: Date, now = Date.now()): Finding {
  const days = Math.floor((validTo.getTime() - now) / DAY_MS);
  const detail = `valid for ${days} more days`;
  return days < LEAST_DAYS ? finding(detail) : ok(detail);
}
