import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { DEPLOYMENT, GENERATE, KEY, NEW_MODELS, TABLE } from './command-table.ts';
import { commandsIn, documentedCommands, languagesOf, PAGES } from './document-commands.ts';

const documented = documentedCommands();
const scripts: Record<string, string> = JSON.parse(readFileSync('package.json', 'utf8')).scripts;

/** The script of package.json that a command names; null for other commands. */
const scriptOf = (command: string): string | null =>
  /^npm (?:run )?(?!ci\b|exec\b)(\S+)/.exec(command)?.[1] ?? null;

/** The program of a command: what npm's script or the command itself gives to node. */
const programOf = (command: string): string | null => {
  const words = (scripts[scriptOf(command) ?? ''] ?? command).split(' ');
  return (
    words.findLast((word) => /^(\.\/)?(src|scripts|examples|bench|test)\/.*\.(ts|mjs)$/.test(word)) ?? null
  );
};

describe('a command of the documents', () => {
  it('is in test/docs/command-table.ts with how it is tested, and the table has no other', () => {
    expect(
      [...new Set(documented.map(({ command }) => command))].filter((one) => !one.startsWith('cd ')).sort(),
    ).toEqual(Object.keys(TABLE).sort());
  });

  it('names scripts of package.json', () => {
    const missing = documented.filter(({ command }) => {
      const script = scriptOf(command);
      return script !== null && !(script in scripts);
    });
    expect(missing).toEqual([]);
  });

  it('names files and folders that exist', () => {
    const paths = documented.flatMap(({ command, page }) =>
      [...command.matchAll(/(?<=^| )(?:src|scripts|examples|bench|test)\/[\w./-]+/g)].map(([path]) => ({
        page,
        path,
      })),
    );
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter(({ path }) => !existsSync(path))).toEqual([]);
  });

  it('has options that its program reads', () => {
    const unknown = documented.filter(({ command }) => {
      const program = programOf(command);
      const text = program ? readFileSync(program, 'utf8') : '';
      const options = [...(command.split(' -- ')[1] ?? '').matchAll(/--([a-z][\w-]*)/g)];
      return options.some(([, name = '']) => program && !new RegExp(`\\b${name}\\b`).test(text));
    });
    expect(unknown).toEqual([]);
  });

  it('sets variables that the configuration has', () => {
    const known =
      readFileSync('.env.example', 'utf8') + readFileSync('test/support/server/global-setup.ts', 'utf8');
    const names = documented.flatMap(({ variables }) => variables);
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(known))).toEqual([]);
  });

  const rowsWith = <Key extends 'test' | 'within'>(key: Key) =>
    Object.entries(TABLE).flatMap(([command, row]) =>
      typeof row === 'object' && key in row ? [[command, (row as Record<Key, string>)[key]] as const] : [],
    );

  it.each(rowsWith('test'))('%s is run by %s', (command, file) => {
    const [program, script] = [programOf(command), scriptOf(command)];
    const starts = [`'${script}'`, ...(program ? [program] : []), ...(script === 'start' ? ['START'] : [])];
    const text = readFileSync(file, 'utf8');
    expect(starts.filter((start) => text.includes(start))).not.toEqual([]);
  });

  it.each(rowsWith('within'))('%s is a part of %s', (command, whole) => {
    expect(scripts[scriptOf(whole) ?? '']?.split(' && ')).toContain(command);
  });
});

describe('the documents', () => {
  it('name the language of each block, so that no command is overlooked', () => {
    const unnamed = PAGES.filter((page) => languagesOf(readFileSync(page, 'utf8')).includes(''));
    expect(unnamed).toEqual([]);
  });

  it('are read without comments and variables, and command by command', () => {
    const page = '```sh\nA=1 npm ci && npm test  # both\n```\nThen `npm run\ntour`, not `node`.\n';
    const found = commandsIn('page', page).map(({ command, variables }) => [command, ...variables]);
    expect(found).toEqual([['npm ci', 'A'], ['npm test'], ['npm run tour']]);
  });
});

/**
 * Runs a command as a shell does, with this environment and no other. Rejects when its exit code is
 * not 0.
 */
async function run(
  command: string,
  environment: Record<string, string> = {},
  cwd = process.cwd(),
): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: tmpdir(), ...environment };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env, cwd });
  return stdout;
}

const isInstalled = (command: string) =>
  spawnSync(command.split(' ')[0] ?? '', ['--version']).error === undefined;

describe('the commands that add a type', () => {
  let clone: string;
  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), 'commands-'));
    const isLeftOut = /^(node_modules|\.git|\.data|\.stryker-tmp|coverage|bench\/peers)$/;
    cpSync('.', clone, { recursive: true, filter: (path) => !isLeftOut.test(path) });
    symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  });
  afterAll(() => rmSync(clone, { recursive: true, force: true }));

  async function addType(command: string): Promise<void> {
    rmSync(join(clone, 'prisma'), { recursive: true });
    cpSync('prisma', join(clone, 'prisma'), { recursive: true });
    await run(command, {}, clone);
  }

  it.each(NEW_MODELS)('%s writes the model', async (command) => {
    await addType(command);
    expect(readFileSync(join(clone, 'prisma/schema/certificate.prisma'), 'utf8')).toContain(
      'model Certificate',
    );
  });

  it(`${GENERATE} then writes what belongs to it, and leaves the API as it is`, async () => {
    await addType(NEW_MODELS.at(-1) ?? '');
    await run(GENERATE, {}, clone);
    const generated = (path: string) => readFileSync(join(clone, path), 'utf8');
    expect(generated('src/db/guarantees.gen.ts')).toContain('Certificate');
    for (const path of ['schema.graphql', 'docs/api.md'])
      expect(generated(path)).toBe(readFileSync(path, 'utf8'));
  });
});

describe('the commands of a deployment', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database?.drop());

  test.skipIf(!isInstalled(KEY))(`${KEY} prints a master key`, async () => {
    expect(Buffer.from(await run(KEY), 'base64')).toHaveLength(32);
  });

  /**
   * What a deployment sets: the owner's connection for its commands, the server's for the others.
   */
  const environmentOf = (command: string): Record<string, string> =>
    /create-admin|purge-expired/.test(command)
      ? {
          APP_ENV: 'production',
          PUBLIC_URL: 'https://api.example.com',
          DATABASE_URL: database.appUrl,
          MASTER_KEYS,
        }
      : { MIGRATION_DATABASE_URL: database.ownerUrl };
  const MASTER_KEYS = `2026-01:${randomBytes(32).toString('base64')}`;

  for (const command of DEPLOYMENT)
    test.skipIf(!isInstalled(command))(`${command} succeeds`, async () => {
      await run(command.replace('EMAIL', 'ada@example.com'), environmentOf(command));
    });
});
