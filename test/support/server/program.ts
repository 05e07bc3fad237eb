import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const scripts: Record<string, string> = JSON.parse(readFileSync('package.json', 'utf8')).scripts;

type Options = { cwd?: string; environment?: Record<string, string>; words?: string[] };
type Ended = { code: number | null; output: string; error: string };

/**
 * What a script of package.json gives to node, its files as absolute paths, so that it runs from
 * any folder.
 */
export const wordsOf = (script: string): string[] =>
  (scripts[script] ?? '')
    .replace(/^(exec )?node /, '')
    .split(' ')
    .map((word) => (/^(\.\/)?(src|scripts|examples|bench)\//.test(word) ? resolve(word) : word));

/** Runs the program of a script until it ends by itself, with this environment and no other. */
export async function runProgram(script: string, options: Options = {}): Promise<Ended> {
  const { cwd = process.cwd(), environment = {}, words = [] } = options;
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn(process.execPath, [...wordsOf(script), ...words], { cwd, env, stdio: 'pipe' });
  let [output, error] = ['', ''];
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    error += text;
  });
  const kill = () => child.kill('SIGKILL'); // a test run that breaks off leaves none behind
  process.once('exit', kill);
  await once(child, 'close');
  process.removeListener('exit', kill);
  return { code: child.exitCode, output, error };
}
