/**
 * `npm run dev`: the server restarts on each change under src/, while the embedded database keeps
 * running.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { report } from '../src/cli/failure.ts';
import { onNpmEnd } from '../src/cli/npm-end.ts';
import { onEndSignals } from '../src/cli/signals.ts';
import { readConfig } from '../src/config.ts';
import { bootstrap, developmentSecrets } from '../src/db/embedded/bootstrap.ts';

const ROOT = join(import.meta.dirname, '..');
process.once('uncaughtException', (error) => process.exit(report(error)));
const { dataDir } = readConfig();

const { postgres, connections } = await bootstrap(dataDir, join(ROOT, 'prisma/migrations'));
const { masterKeys } = await developmentSecrets(dataDir);
// Its standard input is a pipe from this process, and so ends with it, also after a kill -9. In a
// process group of its own, Ctrl-C reaches the server once.
const SUPERVISOR = `
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ cat <&3; kill -TERM $server; } >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait $server
code=$?
kill $watcher
exit $code`;
const SERVER = [process.execPath, '--watch-path=src', '--watch-preserve-output', 'src/main.ts'];
const server = spawn('/bin/sh', ['-c', SUPERVISOR, 'supervisor', ...SERVER], {
  cwd: ROOT,
  detached: true,
  stdio: ['pipe', 'inherit', 'inherit'],
  env: {
    ...process.env,
    DATA_DIR: dataDir,
    DATABASE_URL: connections.app,
    PLATFORM_DATABASE_URL: connections.platform,
    MASTER_KEYS: masterKeys,
    DEMO_DATA: 'true',
  },
});
const stop = () => server.stdin.end();
onEndSignals(stop);
onNpmEnd('dev', stop);
await once(server, 'exit');
await postgres.stop();
