import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { path: string; headers: IncomingMessage['headers']; body: string };
export type Sink = {
  url: string;
  received: Received[];
  /** How requests are answered from now on; at first with 200 and `{}`. */
  answerBy: (answer: (response: ServerResponse) => void) => void;
  end: () => Promise<void>;
};

const accepted = (response: ServerResponse) => {
  response.setHeader('content-type', 'application/json');
  response.end('{}');
};

/** A server that keeps what it is sent, in the place of one that others run. */
export async function httpSink(port = 0): Promise<Sink> {
  const received: Received[] = [];
  let answer = accepted;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    received.push({ path: request.url ?? '', headers: request.headers, body });
    answer(response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerBy(next) {
      answer = next;
    },
    async end() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
