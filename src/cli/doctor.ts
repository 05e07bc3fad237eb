/**
 * `npm run doctor`: checks the running deployment, and prints a table or, by `--json`, its results.
 * Exit code 0: everything is checked and well; 1: findings; 2: something is not checked.
 */
import { parseArgs } from 'node:util';
import { StartupError } from '../config/startup-error.ts';
import { readConfig } from '../config.ts';
import { checks } from './doctor/checks.ts';
import { openDeployment } from './doctor/deployment.ts';
import { exitCodeOf, runChecks, tableOf } from './doctor/report.ts';
import { report } from './failure.ts';

async function main(): Promise<void> {
  const { json } = options();
  const deployment = await openDeployment(readConfig());
  try {
    const results = await runChecks(deployment, checks);
    console.log(json ? JSON.stringify(results, null, 2) : tableOf(results));
    process.exitCode = exitCodeOf(results);
  } finally {
    await deployment.close();
  }
}

function options(): { json?: boolean | undefined } {
  try {
    return parseArgs({ options: { json: { type: 'boolean' } } }).values;
  } catch {
    throw new StartupError('usage: npm run doctor -- --json');
  }
}

await main().catch((error: Error) => {
  process.exitCode = report(error);
});
