import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import { follow, type Stream } from '../server/server-process.ts';
import { asker, type World } from '../server/world.ts';
import { until } from '../until.ts';

/** A client of the proxy, at an address of its own: all of 127.0.0.0/8 is this machine. */
export type LayoutClient = {
  /** Retries what reached no instance, as on a machine that is too busy for health checks. */
  ask: World['ask'];
  /** The same without a retry. */
  askOnce: World['ask'];
  /** Subscribes to the audit log over SSE; `events` grows while it lasts. */
  follow(token: string, variables?: { after?: string }): Stream;
  close(): void;
};

type Proxy = { port: number; certificate: string };

export function clientAt(localAddress: string, { port, certificate }: Proxy): LayoutClient {
  const agent = new Agent({
    ...{ keepAlive: true, maxSockets: 256, ca: certificate, localAddress },
    checkServerIdentity: () => undefined, // the test's certificate names no host
  });
  const url = `https://127.0.0.1:${port}/graphql`;
  const send = fetchThrough(agent);
  const askOnce = asker(url, send);
  return {
    ask: async (...words) => {
      let answer = await askOnce(...words);
      await until(async () => {
        if (answer.status !== 503 || answer.headers.has('x-request-id')) return true;
        answer = await askOnce(...words);
        return false;
      });
      return answer;
    },
    askOnce,
    follow: (token, variables) => follow({ url, send }, token, variables),
    close: () => agent.destroy(),
  };
}

/** fetch() with the certificate and the address of an agent, which Node's own cannot have. */
function fetchThrough(agent: Agent): typeof fetch {
  return async (url, { method, headers, body, signal } = {}) => {
    const options = { agent, headers: headers as Record<string, string>, ...(method && { method }) };
    const sent = request(String(url), { ...options, ...(signal && { signal }) });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const entries = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
    return new Response(Readable.toWeb(response) as BodyInit, {
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(entries),
    });
  };
}
