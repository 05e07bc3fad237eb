import { createTransport } from 'nodemailer';
import { isLoopback } from '../network-address.ts';
import type { Deliver } from './message.ts';

/**
 * Sends mail over SMTP (RFC 5321): implicit TLS for smtps, required STARTTLS for smtp, plain text
 * to loopback only.
 */
export function smtp({
  url,
  from,
}: {
  url: string;
  from: string;
}): Deliver & { close(): void; verify(): Promise<unknown> } {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isLoopback(hostname),
    ignoreTLS: !secure && isLoopback(hostname),
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    pool: true,
    maxConnections: 2,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const deliver: Deliver = async ({ to, subject, text }) => {
    // `to` as an object: nodemailer parses a string as a list of addresses.
    await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
  };
  return Object.assign(deliver, { close: () => transport.close(), verify: () => transport.verify() });
}
