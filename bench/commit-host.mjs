/**
 * `node bench/commit-host.mjs FOLDER SCALE`: the server of the commit that is checked out in
 * FOLDER, on a database of its own, filled by that commit's own bench. Prints where it answers, and
 * ends with its standard input.
 */
const [, , folder, scale] = process.argv;
process.chdir(folder);
const { setStage } = await import(`file://${folder}/bench/stage.ts`);
const stage = await setStage(scale, ['guarded'], {});
const [server] = stage.servers;
const callers = stage.subjects.map((subject) => ({ subject, headers: server.headers(subject) }));
console.log(JSON.stringify({ url: server.url, pid: server.process.pid, owner: stage.postgres.url, callers }));
process.stdin.resume().once('end', async () => {
  await stage.clear();
  process.exit();
});
