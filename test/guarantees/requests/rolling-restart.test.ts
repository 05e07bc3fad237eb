import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerProcess, startServer } from '../../support/server/server-process.ts';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';
import { until } from '../../support/until.ts';

const CLIENTS = 4;
const READ = '{ employees(first: 3) { edges { node { name salary } } } }';
const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';
/** Longer than the balancer takes to notice, on a busy machine too. */
const DRAIN = { DRAIN_TIME: '5s' };

let world: World;
let token = '';
beforeAll(async () => {
  world = await openWorld();
  token = await world.signIn('company_admin');
});

/** Sends to servers whose readiness check is green, in turns, as a load balancer does. */
class Balancer {
  readonly servers = new Map<ServerProcess, boolean>();
  #turn = 0;
  #looking: Promise<void> | undefined;
  stopped = false;

  look(): void {
    this.#looking = until(async () => {
      for (const server of this.servers.keys()) {
        const answer = await fetch(new URL('/health/ready', server.url)).catch(() => null);
        if (this.servers.has(server)) this.servers.set(server, answer?.status === 200);
      }
      return this.stopped;
    });
  }

  async next(): Promise<ServerProcess> {
    const green = () => [...this.servers].filter(([, isReady]) => isReady).map(([server]) => server);
    await until(() => green().length > 0 || this.stopped);
    this.#turn += 1;
    return green()[this.#turn % green().length] as ServerProcess;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.#looking;
    await Promise.all([...this.servers.keys()].map((server) => server.stop()));
  }
}

const balancer = new Balancer();
afterAll(async () => {
  await balancer.stop();
  await world.end();
});

test('a rolling restart under load fails no request and loses no write [K8] [F11]', async () => {
  const add = async () => {
    const server = await startServer(world, DRAIN);
    balancer.servers.set(server, false);
    await until(() => balancer.servers.get(server));
    return server;
  };
  balancer.look();
  const first = await Promise.all([add(), add()]);

  const failures: string[] = [];
  const created: string[] = [];
  let served = 0;
  let done = false;
  const client = async (number: number) => {
    for (let round = 0; !done; round++) {
      const name = `Branch ${number}-${round}`;
      const writes = round % 4 === 0;
      const [query, variables] = writes ? [CREATE, { input: { name } }] : [READ, {}];
      const answer = await (await balancer.next()).ask(query, variables, token).catch(String);
      if (typeof answer === 'string') failures.push(answer);
      else if (answer.errors) failures.push(JSON.stringify(answer.errors));
      else if (writes) created.push(name);
      served += 1;
    }
  };
  const load = Array.from({ length: CLIENTS }, (_, number) => client(number));
  for (const server of first) {
    const before = served;
    await until(() => served > before + 20);
    await add();
    expect((await server.stop()).code).toBe(0);
    balancer.servers.delete(server);
  }
  done = true;
  await Promise.all(load);

  expect(failures).toEqual([]);
  const rows = await rowsOf(world, `SELECT name FROM "Branch" WHERE name = ANY ($1)`, [created]);
  expect(rows).toHaveLength(created.length);
});
