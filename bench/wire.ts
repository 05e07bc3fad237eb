import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { type Sent, statementsOf } from './wire-statements.ts';

/**
 * What went over the wire to PostgreSQL. `trips`: times that the client had to wait for the server;
 * `statements`: executions in them.
 */
export type Traffic = { trips: number; statements: number };
/** `sent`: the statements, in their order. Both since the last reset. */
export type Wire = { url: string; traffic: Traffic; sent: Sent[]; reset(): void; close(): Promise<void> };

/**
 * A TCP proxy before PostgreSQL that reads the protocol (PostgreSQL manual, 54.7) and changes
 * nothing. A trip begins with what a client
 * sends while it waits for no answer, and ends with ReadyForQuery: what is pipelined behind counts
 * as the same trip.
 */
export async function openWire(databaseUrl: string): Promise<Wire> {
  const { hostname, port } = new URL(databaseUrl);
  const traffic: Traffic = { trips: 0, statements: 0 };
  const sent: Sent[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(Number(port || 5432), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => {}).on('close', () => void [client.destroy(), upstream.destroy()]);
    }
    join(client, upstream, traffic, sent);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const own = { hostname: '127.0.0.1', port: String((server.address() as { port: number }).port) };
  return {
    url: Object.assign(new URL(databaseUrl), own).href,
    ...{ traffic, sent },
    reset: () => {
      Object.assign(traffic, { trips: 0, statements: 0 });
      sent.length = 0;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function join(client: Socket, upstream: Socket, traffic: Traffic, sent: Sent[]): void {
  let awaited = 0; // answers (ReadyForQuery) that the server owes
  const read = statementsOf(sent);
  const asked = messages(true, (type, body) => {
    read(type, body);
    if (type === 'Q' || type === 'E') traffic.statements += 1;
    if (type !== 'Q' && type !== 'S') return;
    if (awaited === 0) traffic.trips += 1;
    awaited += 1;
  });
  const answered = messages(false, (type) => {
    if (type === 'Z') awaited = Math.max(0, awaited - 1);
  });
  client.on('data', (chunk) => void [asked(chunk), upstream.write(chunk)]);
  upstream.on('data', (chunk) => void [answered(chunk), client.write(chunk)]);
}

/**
 * Calls `seen` with each message's type and what follows its length. The first message of a client,
 * StartupMessage, has no type.
 */
function messages(
  untypedFirst: boolean,
  seen: (type: string, body: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let skipTypeless = untypedFirst;
  return (chunk) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (;;) {
      const header = skipTypeless ? 4 : 5;
      if (rest.length < header) return;
      const end = rest.readUInt32BE(header - 4) + header - 4;
      if (rest.length < end) return;
      if (!skipTypeless) seen(String.fromCharCode(rest[0] as number), rest.subarray(header, end));
      skipTypeless = false;
      rest = rest.subarray(end);
    }
  };
}
