import { once } from 'node:events';
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { StartupError } from '../config/startup-error.ts';

type Place = { host: string; port: number; variable?: string };

/** What each error of listening means, by errno. */
const MEANINGS: Record<string, (at: Place) => string> = {
  EADDRINUSE: ({ port, variable = 'PORT' }) =>
    `${variable}: ${port} is taken by another program; stop that one, or choose another port: ${variable}=${port + 1} npm start`,
  EACCES: ({ port, variable = 'PORT' }) =>
    `${variable}: ${port} is reserved for privileged users; choose one above 1023`,
  EADDRNOTAVAIL: ({ host }) => `HOST: ${host} is no address of this machine; choose one that is`,
  ENOTFOUND: ({ host }) => `HOST: ${host} does not resolve to an address; correct it`,
};

/** Listens, and returns the port, which the operating system chose where `port` is 0. */
export async function listen(server: FastifyInstance, place: Place): Promise<number> {
  await server.listen(place).catch((error) => {
    throw explained(error, place);
  });
  const [address] = server.addresses();
  return typeof address === 'object' ? address.port : place.port;
}

/** Returns a port that is free on this host now. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening').catch((error) => {
    throw explained(error, { host, port: 0 });
  });
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function explained(error: Error & { code?: string }, place: Place): Error {
  const meaning = MEANINGS[error.code ?? ''];
  return meaning ? new StartupError(`${meaning(place)}.`, { cause: error }) : error;
}
