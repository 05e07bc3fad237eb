import { createServer, connect as dial, type Socket } from 'node:net';

/**
 * A proxy in front of PostgreSQL, or of a server, that can stop forwarding, as a frozen server or a
 * network that drops packets looks.
 */
export type TcpProxy = {
  url: string;
  /** Accepts connections and bytes, and forwards nothing. */
  freeze(): void;
  thaw(): void;
  /** Resets every connection. */
  cut(): void;
  close(): void;
};

export async function openProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((client) => {
    const upstream = dial(Number(port || 5432), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (frozen) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: url.href,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    close() {
      cut();
      server.close();
    },
  };
}
