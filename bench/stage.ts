import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, type Connections, developmentSecrets } from '../src/db/embedded/bootstrap.ts';
import { newUses, type Shortcut } from '../src/shortcuts.ts';
import { openDelay } from './delay.ts';
import { asOwner } from './owner.ts';
import { peerRequire, preparePeers } from './peers.ts';
import { answering, cpuOfFamily, freePort, START, start, stopped } from './process.ts';
import { ROLE, type Scale, seed, unwrite } from './seed.ts';
import type { Subject } from './work.ts';

/** `before` is another commit's server (commit-peer.ts). */
export const NAMES = ['guarded', 'before', 'bare', 'postgraphile', 'nest', 'raw'] as const;
export const shortcutNames = Object.keys(newUses()) as Shortcut[];
/** The server as bench/composed.ts composes it. */
type Composed = 'all shortcuts' | `without ${Shortcut}`;
export type Name = (typeof NAMES)[number] | Composed;
/** Servers that this stage starts. */
export type Staged = Exclude<Name, 'before'>;

/**
 * A server under test: where it answers, what a subject's requests carry, and the process whose
 * time is measured.
 */
export type Contender = {
  name: Name;
  url: string;
  headers: (subject: Subject) => Record<string, string>;
  process: { pid?: number | undefined };
  /** Of a server on a database of its own. `work`: the path of the module with its documents. */
  own?: { subjects: Subject[]; postgres: Stage['postgres']; work: string };
};

export type Stage = {
  subjects: Subject[];
  servers: Contender[];
  postgres: { version: string; cpu: () => number | null; url: string };
  connections: Connections;
  environment: Record<string, string>;
  clear: () => Promise<void>;
};

/** Data that the peers share, created once for a database and stored beside it. */
type Kept = { scale: Scale; subjects: Subject[]; fieldKey: string; jwtSecret: string; plainPassword: string };

/**
 * Starts one PostgreSQL with its defaults (fsync on), fills it, and starts a server for each name.
 * With `folder` the database is kept and reused by the next run with the same folder and scale.
 * `delay`: milliseconds that each round trip of the product to PostgreSQL takes longer.
 */
export async function setStage(
  scale: Scale,
  names: Staged[],
  options: { folder?: string; flags?: string[]; delay?: number },
): Promise<Stage> {
  preparePeers();
  const folder = options.folder
    ? join(options.folder, scale)
    : await mkdtemp(join(tmpdir(), 'bulwark-bench-'));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { postgres, connections } = await bootstrap(folder, 'prisma/migrations');
  const children: ChildProcess[] = [];
  const delayed = options.delay ? await openDelay(connections.app, options.delay) : null;
  const clear = async () => {
    await Promise.all(children.map(stopped));
    delayed?.close();
    await postgres.stop();
    if (!options.folder) await rm(folder, { recursive: true, force: true });
  };
  try {
    const kept = await keptOrSeeded(folder, scale, connections);
    await unwrite(connections.owner);
    const environment = await production(folder, { ...connections, ...(delayed && { app: delayed.url }) });
    const servers: Contender[] = [];
    for (const name of names) {
      const server = await serverOf(name, { kept, connections, environment, flags: options.flags ?? [] });
      children.push(server.process as ChildProcess);
      servers.push(server);
    }
    const measured = await postgresOf(connections.owner);
    return { subjects: kept.subjects, servers, postgres: measured, connections, environment, clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

async function keptOrSeeded(folder: string, scale: Scale, connections: Connections): Promise<Kept> {
  const path = join(folder, 'bench.json');
  const before = await readFile(path, 'utf8').catch(() => null);
  if (before) return JSON.parse(before);
  const fieldKey: string = peerRequire('@47ng/cloak').generateKey();
  const { masterKeys } = await developmentSecrets(folder);
  const subjects = await seed(connections, scale, { masterKeys, fieldKey });
  const [jwtSecret, plainPassword] = [crypto.randomUUID(), crypto.randomUUID()];
  await asOwner(connections.owner, (db) => db.query(`ALTER ROLE plain_server PASSWORD '${plainPassword}'`));
  const kept = { scale, subjects, fieldKey, jwtSecret, plainPassword };
  await writeFile(path, JSON.stringify(kept), { mode: 0o600 });
  return kept;
}

async function production(folder: string, { app, platform }: Connections): Promise<Record<string, string>> {
  return {
    APP_ENV: 'production',
    HOST: '127.0.0.1',
    DATABASE_URL: app,
    PLATFORM_DATABASE_URL: platform,
    MASTER_KEYS: (await developmentSecrets(folder)).masterKeys,
    PUBLIC_URL: 'http://127.0.0.1',
    DATA_DIR: folder,
  };
}

type Given = { kept: Kept; connections: Connections; environment: Record<string, string>; flags: string[] };

/**
 * Each as its documentation starts it for production. What is not said here, the server's own file
 * says.
 */
async function serverOf(name: Staged, { kept, connections, environment, flags }: Given): Promise<Contender> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}/graphql`;
  const plain = Object.assign(new URL(connections.owner), {
    username: 'plain_server',
    password: kept.plainPassword,
  }).href;
  const words: Partial<Record<Staged, string[]>> = {
    guarded: [...flags, ...START],
    bare: ['bench/bare/server.ts', connections.owner, port],
    postgraphile: ['bench/peers/postgraphile/server.mjs', plain, port],
    nest: ['bench/peers/nest/dist/main.js'],
    raw: ['bench/peers/raw/server.mjs', connections.owner, port],
  };
  const nest = { DATABASE_URL: connections.owner, JWT_SECRET: kept.jwtSecret, FIELD_KEY: kept.fieldKey };
  const own: Partial<Record<Staged, Record<string, string>>> = {
    nest,
    postgraphile: { GRAPHILE_ENV: 'production' },
  };
  const given = own[name] ?? (isProduct(name) ? environment : {});
  const child = start(words[name] ?? [...flags, ...composed(name)], { ...given, PORT: port });
  if (isProduct(name)) await answering(child, new URL('/health/ready', url).href, 200);
  else await answering(child, url);
  return { name, url, headers: headersOf(name, kept), process: child };
}

/** This product, composed in whichever way. */
const isProduct = (name: Name): boolean => name === 'guarded' || name.includes(' ');

const composed = (name: Name): string[] => [
  ...START.slice(0, -1),
  'bench/composed.ts',
  ...(name.startsWith('without ') ? [name.slice('without '.length)] : []),
];

function headersOf(name: Name, { jwtSecret }: Kept): Contender['headers'] {
  if (isProduct(name)) return ({ token }) => ({ authorization: `Bearer ${token}` });
  if (name !== 'nest') return ({ companyId, userId }) => ({ 'x-company-id': companyId, 'x-user-id': userId });
  const { JwtService } = peerRequire('@nestjs/jwt');
  const jwt = new JwtService({ secret: jwtSecret });
  return ({ companyId, userId }) => ({
    authorization: `Bearer ${jwt.sign({ companyId, userId, role: ROLE })}`,
  });
}

/** The PostgreSQL behind an owner's connection string. */
export async function postgresOf(url: string): Promise<Stage['postgres']> {
  return asOwner(url, async (db) => {
    const { rows } = await db.query(
      "SELECT current_setting('server_version') AS version, split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid",
    );
    const { version, pid } = rows[0] as { version: string; pid: number };
    return { version, url, cpu: () => cpuOfFamily(pid) };
  });
}
