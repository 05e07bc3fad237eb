import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type PostgresHome, postgresHome } from '../src/db/embedded/postgres-home.ts';
import type { Sent } from './wire-statements.ts';

/**
 * How often the statements run, in the shorter of two runs; the first few executions of a statement
 * are planned each by themselves.
 */
const TIMES = 60;

export const hasValgrind = (): boolean => spawnSync('valgrind', ['--version']).status === 0;

/**
 * Counts the user-space instructions of PostgreSQL for what one request sends, by callgrind: of 2 n
 * requests less those of n, so that neither
 * start nor first plans count. A backend of its own in single-user mode runs them as the server's
 * role on the data of `folder`, whose PostgreSQL
 * must be stopped. `vary` makes the values of each time.
 */
export async function instructionsOf(
  folder: string,
  role: string,
  sent: Sent[],
  vary: (value: string, time: number) => string,
): Promise<number> {
  const home = await postgresHome(folder);
  const counted = async (times: number) => collected(home, script(role, sent, vary, times));
  await counted(1); // the first backend after a start writes files of catalog data that the others read
  const fewer = await counted(TIMES);
  return Math.round(((await counted(2 * TIMES)) - fewer) / TIMES);
}

/** One command a line: the statements up to a Sync are one implicit transaction, as on the wire. */
function script(
  role: string,
  sent: Sent[],
  vary: (value: string, time: number) => string,
  times: number,
): string {
  const name = (statement: Sent) => `s${sent.findIndex(({ text }) => text === statement.text)}`;
  const prepared = sent.filter((statement, index) => name(statement) === `s${index}`);
  const prepare = prepared.map(
    (statement) => `PREPARE ${name(statement)} AS ${statement.text.replaceAll(/\s+/g, ' ')}`,
  );
  const literal = (value: string | null, time: number) =>
    value === null ? 'NULL' : `'${vary(value, time).replaceAll("'", "''")}'`;
  const execute = (statement: Sent, time: number) =>
    `EXECUTE ${name(statement)}(${statement.values.map((value) => literal(value, time)).join(', ')})${statement.ends ? ';\n' : '; '}`;
  const all = Array.from({ length: times }, (_, time) =>
    sent.map((statement) => execute(statement, time)).join(''),
  );
  return [`SET SESSION AUTHORIZATION ${role}`, ...prepare, all.join('')].join('\n');
}

async function collected({ prefix, bin, data, env, user }: PostgresHome, input: string): Promise<number> {
  const valgrind = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', '--'];
  const postgres = [join(bin, 'postgres'), '--single', '-D', data, '-c', 'fsync=off', 'bulwark'];
  const [program, ...words] = [...prefix, ...valgrind, ...postgres] as [string, ...string[]];
  const child = spawn(program, words, { env, cwd: '/', ...user, stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(input);
  const printed = await text(child.stderr);
  const [, instructions] = printed.match(/Collected : (\d+)/) ?? [];
  if (!instructions || /\b(ERROR|FATAL|PANIC):/.test(printed))
    throw new Error(`callgrind: the statements did not run\n${printed.slice(-2000)}`);
  return Number(instructions);
}
