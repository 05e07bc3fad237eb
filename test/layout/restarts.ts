import { describe, expect, test } from 'vitest';
import type { LayoutClient } from '../support/layout/client.ts';
import type { Layout } from '../support/layout/layout.ts';
import type { Stream } from '../support/server/server-process.ts';
import { type Answer, PASSWORD } from '../support/server/world.ts';
import { codeOf } from '../support/sign-in/credentials.ts';
import { until } from '../support/until.ts';

const CLIENTS = 2;
const READ = '{ employees(first: 3) { edges { node { name salary } } } }';
const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';
const UNLIMITED = { RATE_LIMIT: '999999', COST_LIMIT: '999999999' };

/** Clients that read and write until `stop`; what fails is kept. */
class Load {
  readonly failures: string[] = [];
  readonly created: string[] = [];
  served = 0;
  #done = false;
  #running: Promise<void>[];

  constructor(client: LayoutClient, token: string) {
    this.#running = Array.from({ length: CLIENTS }, (_, number) => this.#run(client, token, number));
  }

  async #run({ askOnce: ask }: LayoutClient, token: string, number: number): Promise<void> {
    for (let round = 0; !this.#done; round++) {
      const name = `Load ${number}-${round}`;
      const writes = round % 4 === 0;
      const answer = await (writes ? ask(CREATE, { input: { name } }, token) : ask(READ, {}, token)).catch(
        String,
      );
      if (typeof answer === 'string') this.failures.push(answer);
      else if (answer.errors) this.failures.push(JSON.stringify(answer.errors));
      else if (writes) this.created.push(name);
      this.served += 1;
    }
  }

  async stop(): Promise<void> {
    this.#done = true;
    await Promise.all(this.#running);
  }
}

/** Follows the audit log, and continues after the last cursor when a stream ends. */
class Follower {
  readonly cursors: bigint[] = [];
  streams = 0;
  #stream: Stream;
  #isLeft = false;
  #running: Promise<void>;

  constructor(client: LayoutClient, token: string) {
    const open = (after: string) => client.follow(token, { after });
    this.#stream = open('0');
    this.#running = this.#run(open);
  }

  async #run(open: (after: string) => Stream): Promise<void> {
    for (let after = '0'; !this.#isLeft; after = String(this.cursors.at(-1) ?? 0)) {
      this.streams += 1;
      if (this.streams > 1) this.#stream = open(after);
      await this.#stream.ended;
      this.cursors.push(...this.#stream.events.map(({ cursor }) => BigInt(cursor)));
    }
  }

  get last(): bigint {
    return BigInt(this.#stream.events.at(-1)?.cursor ?? 0);
  }

  async leave(): Promise<void> {
    this.#isLeft = true;
    await this.#stream.leave();
    await this.#running;
  }
}

export function restarts(layout: Layout): void {
  describe('with parts that end', () => {
    const opened = async () => {
      const client = layout.client();
      return { client, token: await layout.signIn('company_admin@acme.example') };
    };
    /** Asks until an answer is as expected; every answer has a known code. */
    const answered = (ask: () => Promise<Answer>, code: string) =>
      until(async () => {
        const found = codeOf(await ask());
        expect(['ok', 'UNAVAILABLE']).toContain(found);
        return found === code;
      });

    test('a rolling restart under load fails no request, loses no write, and a subscriber who continues receives each event once [K8] [F11] [L7]', async () => {
      const { client, token } = await opened();
      const follower = new Follower(client, token);
      const load = new Load(client, token);
      for (const number of layout.instances.keys()) {
        const before = load.served;
        await until(() => load.served > before + 20);
        expect((await layout.instances[number]?.stop())?.code).toBe(0);
        await layout.startInstance(number, UNLIMITED);
        // what the proxy sends it says that it is in service again
        await until(() => layout.instances[number]?.output().includes('"path":"/graphql"'));
      }
      await load.stop();
      expect(load.failures).toEqual([]);
      const rows = await layout.rows(`SELECT name FROM "Branch" WHERE name = ANY ($1)`, [load.created]);
      expect(rows).toHaveLength(load.created.length);
      const [end] = await layout.rows(
        `SELECT max(e.pos) AS pos FROM audit_event e JOIN "Company" c ON c.id = e.company_id WHERE c.name = 'Acme'`,
      );
      await until(() => follower.last >= BigInt(end.pos));
      await follower.leave();
      expect(follower.streams).toBeGreaterThan(1);
      const { cursors } = follower;
      expect(cursors).toEqual(cursors.map((_, index) => (cursors[0] as bigint) + BigInt(index)));
    });

    test('a killed instance is left out, and clients are answered by the others [F11]', async () => {
      const { client, token } = await opened();
      await layout.instances[0]?.kill();
      const answers: boolean[] = [];
      await until(async () => {
        answers.push(
          await client.ask(READ, {}, token).then(
            (answer) => codeOf(answer) === 'ok',
            () => false,
          ),
        );
        return answers.slice(-20).filter(Boolean).length === 20;
      });
      await layout.startInstance(0, UNLIMITED);
    });

    test('while PgBouncer is gone clients are answered UNAVAILABLE, and served again once it is back [F3] [F8]', async () => {
      const { client, token } = await opened();
      const read = () => client.askOnce(READ, {}, token);
      await layout.part('pgbouncer').kill();
      await answered(read, 'UNAVAILABLE');
      await answered(() => client.askOnce('{ __typename }'), 'UNAVAILABLE'); // of the proxy: no instance is ready
      await layout.part('pgbouncer').start();
      await answered(read, 'ok');
    });

    test('while Redis is gone sign-ins and reads are answered, and wrong passwords are refused [H3] [A3]', async () => {
      const { client, token } = await opened();
      await layout.part('redis').kill();
      const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
      const signIn = (password: string) =>
        client.ask(SIGN_IN, { input: { email: 'view_only@acme.example', password } });
      expect(codeOf(await client.ask(READ, {}, token))).toBe('ok');
      expect(codeOf(await signIn('wrong-Password-1'))).toBe('UNAUTHENTICATED');
      expect(codeOf(await signIn(PASSWORD))).toBe('ok');
      await layout.part('redis').start();
      expect(codeOf(await signIn(PASSWORD))).toBe('ok');
    });
  });
}
