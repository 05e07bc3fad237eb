import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, START } from '../../../bench/process.ts';
import { type ServerProcess, startServer } from '../server/server-process.ts';
import { newPair } from '../server/tls-files.ts';
import { signInAs } from '../server/world.ts';
import { until } from '../until.ts';
import { clientAt, type LayoutClient } from './client.ts';
import { addDemo, type LayoutDatabase, startDatabase } from './database.ts';
import {
  commandOf,
  haproxyConfiguration,
  pgbouncerConfiguration,
  serverEnvironment,
} from './deployment-files.ts';
import { Part } from './part.ts';

const INSTANCES = 3;

/** The parts of deploy/compose.yaml as processes of this machine, with three instances. */
export class Layout {
  readonly folder = mkdtempSync(join(tmpdir(), 'bulwark-layout-'));
  readonly instances: ServerProcess[] = [];
  #database: LayoutDatabase | undefined;
  #parts = new Map<'pgbouncer' | 'redis' | 'haproxy', Part>();
  #environment: Record<string, string> = {};
  #servers: number[] = [];
  #certificate = newPair();
  #clients: LayoutClient[] = [];
  #owner: pg.Pool | undefined;

  /** `changes` are of the servers' environment. */
  async start(changes: Record<string, string> = {}): Promise<void> {
    const [password, masterKey] = [crypto.randomUUID(), randomBytes(32).toString('base64')];
    this.#writeSecrets(password);
    const database = await startDatabase(this.folder, password);
    this.#database = database;
    this.#owner = new pg.Pool({ connectionString: database.superuser, max: 2 });
    const ports = { postgres: database.port, pgbouncer: await freePort(), redis: await freePort() };
    this.#environment = serverEnvironment(ports, { password, masterKey });
    await addDemo(this.#environment, database.port);
    this.#servers = await Promise.all(Array.from({ length: INSTANCES }, freePort));
    this.#addParts(ports, await freePort(), await freePort());
    await Promise.all([this.part('pgbouncer').start(), this.part('redis').start()]);
    await this.startAll(changes);
    await this.part('haproxy').start();
  }

  part(name: 'pgbouncer' | 'redis' | 'haproxy'): Part {
    const part = this.#parts.get(name);
    if (!part) throw new Error(`${name} was not started`);
    return part;
  }

  #writeSecrets(password: string): void {
    chmodSync(this.folder, 0o755); // PgBouncer refuses to run as root
    const write = (name: string, text: string) => writeFileSync(join(this.folder, name), text);
    for (const role of ['owner', 'server', 'backup']) write(`${role}_password`, password);
    const lines = ['bulwark_server', 'bulwark_lister'].map((role) => `"${role}" "${password}"\n`);
    write('pgbouncer_users', lines.join(''));
    write('certificate', this.#certificate.certificate + this.#certificate.key);
  }

  #addParts(
    ports: { postgres: number; pgbouncer: number; redis: number },
    https: number,
    http: number,
  ): void {
    const path = (name: string) => join(this.folder, name);
    const pgbouncer = { postgres: ports.postgres, port: ports.pgbouncer, users: path('pgbouncer_users') };
    writeFileSync(path('pgbouncer.ini'), pgbouncerConfiguration(pgbouncer));
    const servers = this.#servers.map((port) => `127.0.0.1:${port}`);
    const haproxy = { https, http, certificate: path('certificate'), servers };
    writeFileSync(path('haproxy.cfg'), haproxyConfiguration(haproxy));
    const user = process.getuid?.() === 0 ? ['-u', 'postgres'] : [];
    const redis = [...commandOf('redis'), '--port', String(ports.redis), '--bind', '127.0.0.1'];
    this.#parts
      .set('pgbouncer', new Part(ports.pgbouncer, ['pgbouncer', ...user, path('pgbouncer.ini')]))
      .set('redis', new Part(ports.redis, redis))
      .set('haproxy', new Part(https, ['haproxy', '-db', '-f', path('haproxy.cfg')]));
  }

  /** Starts the instance with this number by the command of the image. */
  async startInstance(number: number, changes: Record<string, string> = {}): Promise<void> {
    const place = { HOST: '127.0.0.1', PORT: String(this.#servers[number]), RATE_LIMIT: '' };
    const { DATABASE_URL: appUrl = '', PLATFORM_DATABASE_URL: platformUrl = '' } = this.#environment;
    const served = { database: { appUrl, platformUrl }, config: { masterKeys: [] } };
    const environment = { ...this.#environment, ...place, ...changes };
    this.instances[number] = await startServer(served, environment, START);
  }

  async startAll(changes: Record<string, string> = {}): Promise<void> {
    await Promise.all(this.#servers.map((_, number) => this.startInstance(number, changes)));
  }

  async killAll(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.kill()));
  }

  /** A client at an address of 127.0.0.0/8, by its last number. */
  client(number = 1): LayoutClient {
    const { certificate } = this.#certificate;
    const client = clientAt(`127.0.1.${number}`, { port: this.part('haproxy').port, certificate });
    this.#clients.push(client);
    return client;
  }

  signIn = (email: string): Promise<string> => signInAs(this.client().ask, email);

  /** Rows as the superuser reads them. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read the columns that they asked for
  async rows(sql: string, values: unknown[] = []): Promise<any[]> {
    return (await (this.#owner as pg.Pool).query(sql, values)).rows;
  }

  /** The number of the instance whose log has a request. */
  async servedBy(answer: { headers: Headers }): Promise<number> {
    const id = `"requestId":"${answer.headers.get('x-request-id')}"`;
    const find = () => this.instances.findIndex((instance) => instance.output().includes(id));
    await until(() => find() >= 0);
    return find();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.killAll();
    for (const part of this.#parts.values()) await part.kill();
    await this.#owner?.end();
    await this.#database?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
