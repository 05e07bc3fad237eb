import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** An address before PostgreSQL's, by which each round trip takes longer. */
export type Delayed = { url: string; close(): void };

/**
 * A TCP proxy before PostgreSQL that holds back what clients send for `ms`, as a network of that
 * round trip would. Timers of one length fire in their order.
 */
export async function openDelay(databaseUrl: string, ms: number): Promise<Delayed> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(Number(port || 5432), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => {}).on('close', () => void [client.destroy(), upstream.destroy()]);
    }
    client.on('data', (chunk) => void setTimeout(() => upstream.write(chunk), ms));
    upstream.on('data', (chunk) => void client.write(chunk));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const own = { hostname: '127.0.0.1', port: String((server.address() as { port: number }).port) };
  return {
    url: Object.assign(new URL(databaseUrl), own).href,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
