/** `npm run dev`: the server restarts on each change under src/, while the embedded database keeps running. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { report } from '../src/cli/failure.ts';
import { readConfig } from '../src/config.ts';
import { bootstrap, developmentSecrets } from '../src/db/embedded/bootstrap.ts';

const ROOT = join(import.meta.dirname, '..');
process.once('uncaughtException', (error) => process.exit(report(error)));
const { dataDir } = readConfig();

const { postgres, connections } = await bootstrap(dataDir, join(ROOT, 'prisma/migrations'));
const { masterKeys } = await developmentSecrets(dataDir);
const server = spawn(process.execPath, ['--watch-path=src', '--watch-preserve-output', 'src/main.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    DATA_DIR: dataDir,
    DATABASE_URL: connections.app,
    PLATFORM_DATABASE_URL: connections.platform,
    MASTER_KEYS: masterKeys,
    DEMO_DATA: 'true',
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
await once(server, 'exit');
await postgres.stop();
