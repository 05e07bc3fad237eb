import './src/cli/preflight.cjs';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const FILES = 'test/**/*.test.ts';
/**
 * What takes long, so that `npm test` takes about five minutes on two quiet cores: `npm run
 * test:long`.
 */
const LONG = [
  // starts whole programs, browsers or other servers
  'test/soak/*.test.ts',
  'test/cli/*.test.ts',
  'test/examples/*.test.ts',
  'test/**/*browser.test.ts',
  'test/**/{pgbouncer,pooler}.test.ts',
  'test/db/replicas/*.test.ts',
  'test/auth/lockout/{lockout,stores}.test.ts',
  'test/bench/fresh-clone.test.ts',
  'test/docs/commands.test.ts',
  'test/graphql/graphiql.test.ts',
  'test/http/{overload,sslscan}.test.ts',
  'test/notifications/mailer.test.ts',
  'test/guarantees/audit-log/{clean-up,subscription}.test.ts',
  'test/guarantees/requests/{draining,rolling-restart}.test.ts',
  'test/jobs/instances.test.ts',
  'test/layout/*.test.ts',
  'test/tracing/traces.test.ts',
  'test/error-tracking/sentry.test.ts',
  'test/workers/workers.test.ts',
  // compares thousands of answers with a model, with another implementation or in further states
  'test/db/fast-path/differential.test.ts',
  'test/graphql/query-plan.test.ts',
  'test/graphql/bad-input.test.ts',
  'test/guarantees/authorization/matrix{,-factors,-fields}.test.ts',
  'test/guarantees/identity/{identity-model,shortcuts}.test.ts',
  'test/guarantees/tenancy/attack-inside{,-changes}.test.ts',
];
/**
 * A file that replaces or reloads modules needs a process of its own; the others share their
 * worker's.
 */
const replacesModules = (path: string) =>
  /\bvi\.((do)?mock|resetModules)\(/i.test(readFileSync(path, 'utf8'));
const isolated = globSync(FILES, { exclude: LONG }).filter(replacesModules);

// Vite would take graphql's ES modules while the libraries under test take its CommonJS: two copies
// refuse each other's types.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };
// against tests that hang, and no statement about speed: a busy machine takes many times as long
const timeouts = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 280_000, interval: 20 } },
};

export default defineConfig({
  resolve,
  test: {
    globalSetup: 'test/support/server/global-setup.ts',
    pool: 'forks',
    // one more than there are cores: each waits for PostgreSQL, and for answers that are slow on
    // purpose
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      { resolve, test: { name: 'isolated', include: isolated, ...timeouts } },
      {
        resolve,
        test: {
          name: 'shared',
          include: [FILES],
          exclude: [...isolated, ...LONG],
          isolate: false,
          ...timeouts,
        },
      },
      { resolve, test: { name: 'long', include: LONG, ...timeouts } },
    ],
  },
});
