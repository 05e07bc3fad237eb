import { once } from 'node:events';
import { existsSync as exists, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, START } from '../../bench/process.ts';
import { wordsOf } from '../support/server/program.ts';
import { isReady, logLines, ProgramStarts } from '../support/server/program-start.ts';
import { anyMoment, leaveTime, until } from '../support/until.ts';

const starts = new ProgramStarts();
const start = starts.start.bind(starts);

test('[H6] [U8] the first start, which reports its progress, and the second serve the demo, and Ctrl-C stops everything', async () => {
  const { data } = starts;
  const first = await start();
  expect(await isReady(first)).toBe(200);
  const { accounts } = JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8'));
  for (const { email } of accounts) expect(first.output()).toContain(email);
  expect(first.output()).toContain(`${first.url}/graphql`);
  expect(first.output()).toContain(`npm run tour -- --url ${first.url}/graphql --data "${data}"`);
  const messages = logLines(first).map(({ msg }) => msg);
  for (const step of [
    `creating a database in ${data}`,
    /^applied \d+ migrations$/,
    /^adding the demo companies/,
  ])
    expect(messages).toContainEqual(expect.stringMatching(step));
  await starts.interrupt(first);
  starts.keep();
  const second = await start();
  expect(await isReady(second)).toBe(200);
  await starts.interrupt(second);
});

test('npm run dev serves the demo, and Ctrl-C stops the server and its database [U8]', async () => {
  await starts.prepare();
  const running = await start({}, undefined, [process.execPath, wordsOf('dev')]);
  expect(await isReady(running)).toBe(200);
  await starts.interrupt(running);
});

test('npm run dev killed with SIGKILL leaves no server, no watcher and no database [U8]', async () => {
  await starts.prepare();
  const { child, url } = await start({}, undefined, [process.execPath, wordsOf('dev')]);
  const closed = once(child, 'close'); // once every process that inherited its output is gone
  child.kill('SIGKILL');
  await closed;
  await starts.gone();
  await expect(fetch(`${url}/health/live`)).rejects.toThrow();
});

test.each([
  ['npm start', ['start']],
  ['npm run dev', ['run', 'dev']],
])('%s: a SIGKILL of npm itself ends the server and its database [U4]', async (_command, words) => {
  await starts.prepare();
  const { child, url } = await start({}, undefined, ['npm', words]);
  const closed = once(child, 'close'); // once every process that inherited its output is gone
  child.kill('SIGKILL');
  await closed;
  await starts.gone();
  await expect(fetch(`${url}/health/live`)).rejects.toThrow();
});

test('a server outlives the shell that started it without npm [U4]', async () => {
  await starts.prepare();
  const shell = '"$@" & echo "server $!"; wait';
  const running = await start({}, undefined, ['/bin/sh', ['-c', shell, 'sh', process.execPath, ...START]]);
  const [, pid] = /^server (\d+)$/m.exec(running.output()) ?? [];
  const closed = once(running.child, 'close');
  running.child.kill('SIGKILL');
  await leaveTime(1_500);
  expect(await isReady(running)).toBe(200);
  process.kill(Number(pid), 'SIGINT');
  await closed;
  await starts.gone();
});

test('[H6] after a kill -9, also while seeding the demo, no process is left and the next start serves', async () => {
  const env = { PATH: process.env.PATH, DATA_DIR: starts.data, PORT: String(await freePort()) };
  const half = starts.spawn(process.execPath, START, env);
  half.stdout?.resume();
  half.stderr?.resume();
  await until(() => exists(join(starts.data, 'demo.unfinished')));
  await anyMoment(300);
  half.kill('SIGKILL');
  const second = await start();
  expect(second.output()).not.toContain('undefined');
  expect(await isReady(second)).toBe(200);
  second.child.kill('SIGKILL');
  const third = await start();
  expect(await isReady(third)).toBe(200);
  third.child.kill('SIGKILL');
  await starts.gone();
});

test('[U4] SIGTERM to npm start reaches the server, which logs it and leaves no process', async () => {
  await starts.prepare();
  const { child, output } = await start({}, undefined, ['npm', ['start']]);
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  await starts.gone();
  expect(output()).toContain('"msg":"stopping"');
  expect(output()).toContain('"msg":"stopped"');
});

test('[U4] SIGTERM while the demo is added ends the first start without an error', async () => {
  const env = { PATH: process.env.PATH, DATA_DIR: starts.data, PORT: String(await freePort()) };
  const child = starts.spawn(process.execPath, START, env);
  child.stdout?.resume();
  let said = '';
  child.stderr?.on('data', (part) => {
    said += part;
  });
  await until(() => exists(join(starts.data, 'demo.unfinished')));
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  expect([child.exitCode, said]).toEqual([0, '']);
});

test('[H6] two servers run in two folders, and a second one in the same folder names the first', async () => {
  const other = join(starts.folder, 'other');
  await starts.prepare(other);
  const [one, two] = await Promise.all([start(), start({}, other)]);
  expect([await isReady(one), await isReady(two)]).toEqual([200, 200]);
  const again = await start();
  expect(again.code).toBe(78);
  expect(again.output()).toContain(`is in use: process ${one.child.pid} runs its database there`);
  expect(await isReady(one)).toBe(200);
});
