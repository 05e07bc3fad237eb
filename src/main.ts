import './cli/preflight.cjs';
import cluster from 'node:cluster';
import { report } from './cli/failure.ts';
import { type Config, readConfig } from './config.ts';
import { runWorkers } from './workers/primary.ts';

function configOrExit(): Config {
  try {
    return readConfig();
  } catch (error) {
    process.exit(report(error as Error));
  }
}

const config = configOrExit();
if (cluster.isPrimary && config.workers > 1) runWorkers(config);
// what serves is loaded by the processes that serve
else await (await import('./serve.ts')).serve(config);
