import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

const MIB = Buffer.alloc(2 ** 20, 32);
const HALF =
  'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{';

const hasSlowHttpTest = spawnSync('slowhttptest', ['-h']).error === undefined;
/** Connections of slowhttptest that send headers or bodies, or read answers, byte by byte. */
const slow = (what: string, word: string): Fault => ({
  name: `slowhttptest: 1,000 clients ${what} slowly`,
  codes: [],
  ...(!hasSlowHttpTest && { needs: 'slowhttptest' }),
  async cause({ servers }) {
    const url = servers[0]?.url ?? '';
    const words = [
      word,
      '-c',
      '1000',
      '-r',
      '1000',
      '-i',
      '1',
      '-l',
      '6',
      '-x',
      '24',
      '-t',
      'POST',
      '-u',
      url,
    ];
    await once(spawn('slowhttptest', words, { stdio: 'ignore' }), 'exit');
  },
});

/** Clients that take what a server has little of. Writers must not notice. */
export const clientFaults: Fault[] = [
  {
    name: '10,000 connections are idle',
    codes: [],
    async cause({ servers }) {
      const sockets = await connected(servers, 5_000);
      await sleep(2_000);
      for (const socket of sockets) socket.destroy();
    },
  },
  {
    name: '1,000 connections close their half after a part of a request',
    codes: [],
    async cause({ servers }) {
      const sockets = await connected(servers, 500);
      for (const socket of sockets) socket.end(HALF);
      await sleep(2_000);
      for (const socket of sockets) socket.destroy();
    },
  },
  {
    name: '20 clients send 100 MiB',
    codes: [],
    seen: ['413', 'ended'],
    async cause({ servers }, seen) {
      const all = servers.flatMap(({ url }) => Array.from({ length: 10 }, () => sendLarge(url)));
      for (const what of await Promise.all(all)) seen.add(what);
    },
  },
  {
    name: '100 clients send requests and read no answer',
    codes: [],
    async cause(scene) {
      const token = await scene.tokenOf('company_admin@acme.example');
      const sockets = await connected(scene.servers, 50);
      for (const socket of sockets) socket.pause().write(largeAnswer(token).repeat(20));
      await sleep(3_000);
      for (const socket of sockets) socket.destroy();
    },
  },
  slow('send headers', '-H'),
  slow('send bodies', '-B'),
  slow('read answers', '-X'),
];

/** Sockets that are connected, so many to each server. */
async function connected(servers: Scene['servers'], each: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let count = 0; count < each; count++) {
    const opened = servers.map(({ url }) => {
      const { hostname, port } = new URL(url);
      return connect({ host: hostname, port: Number(port) }).on('error', () => {});
    });
    sockets.push(...opened);
    await Promise.all(opened.map((socket) => once(socket, 'connect').catch(() => {})));
  }
  return sockets;
}

/** Returns the status that a body of 100 MiB is answered with, or that its connection ended. */
const sendLarge = (url: string): Promise<string> =>
  new Promise((resolve) => {
    const sent = request(
      url,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume();
        resolve(String(response.statusCode));
      },
    );
    sent.on('error', () => resolve('ended'));
    let left = 100;
    const send = () => {
      while (left-- > 0 && !sent.destroyed) if (!sent.write(MIB)) return void sent.once('drain', send);
      sent.end();
    };
    send();
  });

function largeAnswer(token: string): string {
  const fields = Array.from(
    { length: 10 },
    (_, n) => `a${n}: employees(first: 50) { nodes { id name email } }`,
  );
  const body = JSON.stringify({ query: `{ ${fields.join(' ')} }` });
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json`;
  return `${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
